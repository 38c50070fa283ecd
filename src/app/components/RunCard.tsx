import { Button } from 'react-aria-components';
import { useApp, useStore } from '../context.ts';
import { type AppState, canStart, isRunning } from '../state.ts';
import { strings } from '../strings.ts';
import { ErrorNote } from './ErrorNote.tsx';
import { RunAnnouncer } from './RunAnnouncer.tsx';
import { RunProgress } from './RunProgress.tsx';

const words = strings.run;

/** Start, progress and cancel. */
export function RunCard() {
  const store = useStore();
  const startable = useApp(canStart);
  const running = useApp(isRunning);
  const run = useApp((state) => state.run);
  const hint = useApp((state) => hintText(state, store.rows.scored));
  const hasRun = run.status === 'ended' || run.status === 'failed';
  // In view wherever the page is scrolled, as long as there is something to start or to watch.
  const needed = running || (startable && !hasRun);
  return (
    <section className={needed ? 'card run run-needed' : 'card run'} aria-labelledby="run-heading">
      <h2 id="run-heading" className="hidden">
        {words.heading}
      </h2>
      <div className="run-line">
        {/* One button that changes: focus stays on it when a run starts or ends. */}
        <Button
          className={running || hasRun ? 'button run-button' : 'button button-primary run-button'}
          isDisabled={running ? run.status === 'cancelling' : !startable}
          onPress={() => void (running ? store.cancel() : store.start())}
        >
          {run.status === 'cancelling'
            ? words.cancelling
            : run.status === 'running'
              ? words.cancel
              : hasRun
                ? words.again
                : words.start}
        </Button>
        {run.status === 'running' || run.status === 'cancelling' ? (
          <RunProgress progress={run.progress} />
        ) : (
          <p className="run-hint">{hint}</p>
        )}
      </div>
      {run.status === 'failed' && <ErrorNote error={run.error} />}
      <RunAnnouncer />
    </section>
  );
}

/** Why it cannot start, or how the last run went. */
function hintText({ model, csv, run, results }: AppState, scored: number): string {
  if (run.status === 'ended') {
    const rows = csv.status === 'ready' ? csv.summary.rows - csv.summary.problemRows : scored;
    if (run.outcome === 'complete') return words.finished(scored, results?.summary?.seconds ?? 0);
    return scored === 0 ? words.cancelledEmpty : words.cancelled(scored, rows);
  }
  if (run.status === 'failed') return words.failed(scored);
  if (model.status === 'failed') return words.modelFailed;
  if (csv.status === 'none' || csv.status === 'failed') return words.needsFile;
  if (csv.status === 'reading') return words.readingFile;
  if (csv.summary.rows === csv.summary.problemRows) return strings.file.nothingToScore;
  if (model.status === 'loading') return words.needsModel;
  if (!model.info.baseHasHead && model.info.adapters.length === 0) {
    return strings.model.noUsableAdapter;
  }
  return words.ready(csv.summary.rows - csv.summary.problemRows);
}
