import { Button } from 'react-aria-components';
import type { LaneProgress } from '../../run/events.ts';
import { isSecurePage } from '../../storage/secure.ts';
import { useApp, useRuns, useRunsStore, useStore } from '../context.ts';
import { errorText } from '../error-text.ts';
import { matchingRun, replacedRun } from '../runs-state.ts';
import { type AppState, canStart, isRunning } from '../state.ts';
import { strings } from '../strings.ts';
import { ErrorNote } from './ErrorNote.tsx';
import { IncidentList } from './IncidentList.tsx';
import { Notice } from './Notice.tsx';
import { NotifySwitch } from './NotifySwitch.tsx';
import { RunAnnouncer } from './RunAnnouncer.tsx';
import { RunLanes } from './RunLanes.tsx';
import { RunProgress } from './RunProgress.tsx';
import { PauseButton, RestNote } from './RunRest.tsx';

const words = strings.run;

/** Start, progress, pause and cancel. */
export function RunCard() {
  const store = useStore();
  const kept = useRunsStore();
  const app = useApp((state) => state);
  const runs = useRuns((state) => state.runs);
  const opening = useRuns((state) => state.opening);
  const { run, results } = app;
  const startable = canStart(app) && opening === null;
  const running = isRunning(app);
  const match = running ? null : matchingRun(runs, app);
  const hasRun = run.status === 'ended' || run.status === 'failed';
  // In view wherever the page is scrolled, as long as there is something to start or to watch.
  const needed = running || (startable && !hasRun);
  const primary = !running && !hasRun && match === null;
  const start = () => store.start({ replaces: replacedRun(runs, app)?.id });
  return (
    <section className={needed ? 'card run run-needed' : 'card run'} aria-labelledby="run-heading">
      <h2 id="run-heading" className="hidden">
        {words.heading}
      </h2>
      <div className="run-line">
        {match !== null && (
          <Button
            className="button button-primary run-button"
            isDisabled={!startable}
            onPress={() => void kept.continue(match)}
          >
            {words.continue}
          </Button>
        )}
        {/* One button that changes: focus stays on it when a run starts or ends. */}
        <Button
          className={primary ? 'button button-primary run-button' : 'button run-button'}
          isDisabled={running ? run.status === 'cancelling' : !startable}
          onPress={() => void (running ? store.cancel() : start())}
        >
          {run.status === 'cancelling'
            ? words.cancelling
            : run.status === 'running'
              ? words.cancel
              : hasRun
                ? words.again
                : words.start}
        </Button>
        {run.status === 'running' && <PauseButton rest={run.rest} />}
        {run.status === 'running' || run.status === 'cancelling' ? (
          <RunProgress progress={run.progress} />
        ) : (
          <p className="run-hint">
            {hintText(app, store.rows.scored)}{' '}
            {match?.state === 'waiting' && words.kept(match.rowsDone, match.header!.csv.rows)}
            {match?.state === 'complete' && words.keptComplete}
          </p>
        )}
      </div>
      <RunLanes lanes={lanesOf(app)} />
      {running && results !== null && results.engine.streamedBytes > 0 && (
        <p className="help">
          {strings.model.streamed(
            results.engine.residentLayers,
            results.engine.layers,
            results.engine.streamedBytes,
          )}
        </p>
      )}
      {run.status === 'running' && <RestNote rest={run.rest} />}
      {running && results?.unjournaled && isSecurePage() && (
        <Notice text={words.unjournaled(errorText(results.unjournaled).message)} />
      )}
      {run.status === 'failed' && <ErrorNote error={run.error} />}
      <IncidentList incidents={app.incidents} />
      {running && <NotifySwitch />}
      <RunAnnouncer />
    </section>
  );
}

/** What each lane of the run does, or did when it has ended. */
function lanesOf({ run, results }: AppState): readonly LaneProgress[] {
  if (run.status === 'running' || run.status === 'cancelling') return run.progress?.lanes ?? [];
  return run.status === 'ended' ? (results?.summary?.lanes ?? []) : [];
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
