import './run.css';
import { useRef, useState } from 'react';
import { Button } from 'react-aria-components';
import type { StoredRun } from '../../../scoring/journal/run-archive.ts';
import { isSecurePage } from '../../../storage/secure.ts';
import { errorText } from '../../i18n/error-text.ts';
import { betweenSentences } from '../../i18n/format.ts';
import { strings } from '../../i18n/strings.ts';
import { useApp, useStore } from '../../page/context.ts';
import { type AppState, canStart, isRunning } from '../../page/state.ts';
import { StartAgain } from '../../runs/StartAgain.tsx';
import { useRuns, useRunsStore } from '../../runs/state/context.ts';
import { earlierRun, hasUnsaved, matchingRun } from '../../runs/state/runs-state.ts';
import { Notice } from '../../ui/feedback/Notice.tsx';
import { useMedia } from '../../ui/layout/use-media.ts';
import { useBarFocus } from '../results/use-bar-focus.ts';
import { IncidentList } from './IncidentList.tsx';
import { RunEnd } from './RunEnd.tsx';
import { RunMore, useHasMore } from './RunMore.tsx';
import { RunProgress } from './RunProgress.tsx';
import { PauseButton, RestNote } from './RunRest.tsx';
import { endOf } from './run-end.ts';
import { TimeBefore } from './TimeBefore.tsx';

const words = strings.run;
const MORE = 'run-more';

/** The bar of a run: start, progress, pause and cancel, and afterwards its outcome. */
export function RunCard() {
  const store = useStore();
  const kept = useRunsStore();
  // During a run the rest of the state is not needed, and would render this at every event.
  const idle = useApp((app) => (isRunning(app) ? null : app));
  const incidents = useApp((app) => app.incidents);
  const runs = useRuns((state) => state.runs);
  const opening = useRuns((state) => state.opening);
  const bar = useRef<HTMLElement>(null);
  const running = idle === null;
  useBarFocus(bar, running);
  const startable = idle !== null && canStart(idle) && opening === null;
  const match = idle && matchingRun(runs, idle);
  const end = idle && endOf(idle, store.rows);
  const isUnsaved = useApp((app) => hasUnsaved(app, store.rows));
  // Results that only this page has matter more than saved ones.
  const earlier = useApp((app) => (isUnsaved ? null : earlierRun(runs, app)));
  const [asking, setAsking] = useState(false);
  const start = () => (earlier !== null || isUnsaved ? setAsking(true) : void store.run.start());
  const onContinue = match === null ? null : () => void kept.continuer.start(match);
  // Stays visible at any scroll position while there is something to start, watch or download.
  const isNeeded = running || startable || end !== null;
  return (
    <section
      className={isNeeded ? 'card run run-needed' : 'card run'}
      aria-labelledby="run-heading"
      ref={bar}
      tabIndex={-1}
    >
      <h2 id="run-heading" className="hidden">
        {words.heading}
      </h2>
      {end === null ? (
        <RunLine match={match} canStart={startable} onStart={start} onContinue={onContinue} />
      ) : (
        <RunEnd
          end={end}
          canStart={startable}
          onStart={start}
          onContinue={end.kind === 'complete' || !startable ? null : onContinue}
        />
      )}
      {running && <RunNotes />}
      <IncidentList incidents={incidents} />
      <StartAgain
        earlier={earlier}
        isOpen={asking}
        onCancel={() => setAsking(false)}
        onStart={(replaces) => {
          setAsking(false);
          void store.run.start({ replaces });
        }}
      />
    </section>
  );
}

/** The line of a run that can start or is in progress. */
function RunLine(props: {
  match: StoredRun | null;
  canStart: boolean;
  onStart: () => void;
  onContinue: (() => void) | null;
}) {
  const { match, canStart, onStart, onContinue } = props;
  const store = useStore();
  const run = useApp((state) => state.run);
  const hint = useApp(hintText);
  const isNarrow = useMedia('(max-width: 720px)');
  const [isOpen, setOpen] = useState(false);
  const hasMore = useHasMore() || isNarrow;
  const progress = run.status === 'running' || run.status === 'cancelling' ? run.progress : null;
  const running = isRunning({ run });
  return (
    <>
      <div className={running ? 'run-line run-going' : 'run-line'}>
        {onContinue !== null && (
          <Button
            className="button button-primary run-button"
            isDisabled={!canStart}
            onPress={onContinue}
          >
            {words.continue}
          </Button>
        )}
        {/* One button that changes: focus stays on it when a run starts. */}
        {!(running && isNarrow) && (
          <Button
            className={
              running || match !== null ? 'button run-button' : 'button button-primary run-button'
            }
            isDisabled={running ? run.status === 'cancelling' : !canStart}
            onPress={() => (running ? void store.run.cancel() : onStart())}
          >
            {run.status === 'cancelling' ? words.cancelling : running ? words.cancel : words.start}
          </Button>
        )}
        {run.status === 'running' && <PauseButton rest={run.rest} />}
        {running ? (
          <RunProgress progress={progress} isNarrow={isNarrow} />
        ) : (
          <p className="run-hint">
            {hint}
            {betweenSentences}
            {canStart && <TimeBefore />}
            {betweenSentences}
            {match?.state === 'waiting' && words.kept(match.rowsDone, match.header!.csv.rows)}
            {match?.state === 'complete' && words.keptComplete}
          </p>
        )}
        {running && hasMore && (
          <Button
            className="button button-small run-more-button"
            aria-expanded={isOpen}
            aria-controls={isOpen ? MORE : undefined}
            onPress={() => setOpen(!isOpen)}
          >
            {isOpen ? words.less : words.more}
          </Button>
        )}
      </div>
      {running && isOpen && <RunMore id={MORE} progress={progress} isNarrow={isNarrow} />}
    </>
  );
}

/** Important news of a run: that it has paused, with the reason, and that it is not saved. */
function RunNotes() {
  const run = useApp((state) => state.run);
  const unjournaled = useApp((state) => state.results?.unjournaled ?? null);
  return (
    <>
      {run.status === 'running' && <RestNote rest={run.rest} />}
      {unjournaled !== null && isSecurePage() && (
        <Notice text={words.unjournaled(errorText(unjournaled).message)} />
      )}
    </>
  );
}

/** Explains why a run cannot start, or what it would do. */
function hintText({ model, csv }: AppState): string {
  if (model.status === 'failed') return words.modelFailed;
  if (csv.status === 'none' || csv.status === 'failed') return words.needsFile;
  if (csv.status === 'reading') return words.readingFile;
  if (csv.summary.rows === csv.summary.problemRows) return strings.file.nothingToScore;
  if (model.status === 'asking') return words.needsChoice;
  if (model.status === 'loading') return words.needsModel;
  if (!model.info.baseHasHead && model.info.adapters.length === 0) {
    return strings.model.noUsableAdapter;
  }
  return words.ready(csv.summary.rows - csv.summary.problemRows);
}
