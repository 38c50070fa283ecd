import './runs.css';
import { useEffect, useRef } from 'react';
import { Button } from 'react-aria-components';
import { strings } from '../i18n/strings.ts';
import { useApp } from '../page/context.ts';
import { isRunning } from '../page/state.ts';
import { browserStorage } from '../ui/files/page-storage.ts';
import { ContinueButton } from './ContinueButton.tsx';
import { RunTrouble } from './RunTrouble.tsx';
import { useRuns } from './state/context.ts';
import { runName } from './state/run-name.ts';
import { expectedLineHeight, expectLineHeight } from './state/runs-hint.ts';
import { unfinishedRun } from './state/runs-state.ts';

const words = strings.runs;
const storage = browserStorage();
/** Height of the line in CSS pixels on the first visit: roughly right. */
const USUAL_HEIGHT = 58;

/**
 * One line above the file: the latest interrupted run. Until the runs are read it reserves its height of the last
 * visit, so that the page below does not jump.
 */
export function UnfinishedRun() {
  const all = useRuns((state) => state.runs);
  // A run in progress will be an unfinished one after a reload.
  const isComing = useApp(isRunning);
  const run = useApp((app) => (isRunning(app) ? null : unfinishedRun(all, app)));
  const isRead = all !== null;
  const id = run?.id;
  const card = useRef<HTMLElement>(null);
  useEffect(() => {
    if (!isRead) return;
    const height = card.current?.offsetHeight ?? 0;
    if (!isComing) expectLineHeight(storage, id === undefined ? 0 : height);
    else expectLineHeight(storage, expectedLineHeight(storage) || USUAL_HEIGHT);
  }, [isRead, id, isComing]);

  if (!isRead) {
    const height = expectedLineHeight(storage);
    return height === 0 ? null : <div style={{ height }} />;
  }
  if (run === null) return null;
  const name = runName(run);
  return (
    <section className="card unfinished" ref={card} aria-label={words.unfinished}>
      <div className="unfinished-line">
        <p>{words.unfinishedRun(name, run.rowsDone, run.header!.csv.rows)}</p>
        <ContinueButton run={run} label={words.continueNamed(name)} isPrimary>
          {words.continue}
        </ContinueButton>
        <Button className="button button-small" onPress={showList}>
          {words.showList}
        </Button>
      </div>
      <RunTrouble run={run} />
    </section>
  );
}

function showList(): void {
  document.getElementById('saved-runs')?.scrollIntoView({ block: 'start' });
  document.getElementById('runs-heading')?.focus({ preventScroll: true });
}
