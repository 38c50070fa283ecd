import { ComputerCard } from './computer/ComputerCard.tsx';
import { FileCard } from './FileCard.tsx';
import { ModelCard } from './ModelCard.tsx';
import { OwnModelCard } from './own/OwnModelCard.tsx';
import { ResultsSection } from './ResultsSection.tsx';
import { RunCard } from './RunCard.tsx';
import { RunsCard } from './runs/RunsCard.tsx';
import { UnfinishedRun } from './runs/UnfinishedRun.tsx';
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
