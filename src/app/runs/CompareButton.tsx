import { Button } from 'react-aria-components';
import type { StoredRun } from '../../scoring/journal/run-archive.ts';
import { strings } from '../i18n/strings.ts';
import { useApp } from '../page/context.ts';
import { isRunning } from '../page/state.ts';
import { showScreen } from '../ui/navigation/screens.ts';
import { ContinueButton } from './ContinueButton.tsx';
import { useRuns } from './state/context.ts';
import { runName } from './state/run-name.ts';
import { isComparable } from './state/runs-state.ts';

const words = strings.runs;

/**
 * Compares a saved run with the results on the page if both have the same file. Otherwise it shows the run, whose
 * report offers the other runs of the file. Renders nothing for the only run of a file.
 */
export function CompareButton({ run }: { run: StoredRun }) {
  const comparable = useApp((app) => isComparable(run, app) && !isRunning(app));
  const others = useRuns(({ runs }) => (runs ?? []).filter((other) => isOther(other, run)).length);
  const name = runName(run);
  if (comparable && run.rowsDone > 0 && run.state !== 'damaged') {
    return (
      <Button
        className="button button-small"
        aria-label={words.compareNamed(name)}
        onPress={() => showScreen('report', `compare=${run.id}`)}
      >
        {words.compare}
      </Button>
    );
  }
  if (run.state !== 'complete' || others === 0) return null;
  return (
    <ContinueButton
      run={run}
      label={words.compareNamed(name)}
      onEnded={() => showScreen('report', 'compare')}
    >
      {words.compare}
    </ContinueButton>
  );
}

function isOther({ id, header, rowsDone }: StoredRun, run: StoredRun): boolean {
  return id !== run.id && rowsDone > 0 && header?.csv.sha256 === run.header?.csv.sha256;
}
