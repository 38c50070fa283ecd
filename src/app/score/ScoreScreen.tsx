import './score.css';
import { ComputerCard } from '../computer/ComputerCard.tsx';
import { ModelCard } from '../models/ModelCard.tsx';
import { OwnModelCard } from '../models/own/OwnModelCard.tsx';
import { RunsCard } from '../runs/RunsCard.tsx';
import { UnfinishedRun } from '../runs/UnfinishedRun.tsx';
import { FileCard } from './FileCard.tsx';
import { ResultsSection } from './ResultsSection.tsx';
import { RunCard } from './RunCard.tsx';
import { SettingsCard } from './SettingsCard.tsx';

/** A file in, a submission out. */
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
