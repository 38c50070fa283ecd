import './score.css';
import { ComputerCard } from '../computer/ComputerCard.tsx';
import { ModelCard } from '../models/load/ModelCard.tsx';
import { OwnModelCard } from '../models/OwnModelCard.tsx';
import { RunsCard } from '../runs/RunsCard.tsx';
import { UnfinishedRun } from '../runs/UnfinishedRun.tsx';
import { FileCard } from './file/FileCard.tsx';
import { ResultsSection } from './results/ResultsSection.tsx';
import { RunCard } from './run/RunCard.tsx';
import { SettingsCard } from './settings/SettingsCard.tsx';

/** The screen that turns a file of pairs into a submission. */
export function ScoreScreen() {
  return (
    <>
      <UnfinishedRun />
      <div className="setup">
        <FileCard />
        <ModelCard />
      </div>
      <div className="folds">
        <SettingsCard />
        <OwnModelCard />
        <ComputerCard />
      </div>
      <RunCard />
      <ResultsSection />
      <RunsCard />
    </>
  );
}
