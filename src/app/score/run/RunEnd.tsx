import { Button } from 'react-aria-components';
import { count } from '../../i18n/format.ts';
import { strings } from '../../i18n/strings.ts';
import { useApp, useStore } from '../../page/context.ts';
import type { AppState } from '../../page/state.ts';
import { useDownload } from '../../runs/use-download.ts';
import { ErrorNote } from '../../ui/feedback/ErrorNote.tsx';
import { showScreen, useScreen } from '../../ui/navigation/screens.ts';
import { FinishedRowsButton, MissingRowsChoice, SubmissionButton } from '../results/Downloads.tsx';
import { type EndOfRun, endText } from './run-end.ts';

const words = strings.run;

/** The outcome of a run with the next steps. `onContinue`: null if the run cannot continue. */
export function RunEnd(props: {
  end: EndOfRun;
  canStart: boolean;
  onStart: () => void;
  onContinue: (() => void) | null;
}) {
  const { end, canStart, onStart, onContinue } = props;
  const run = useApp((state) => state.run);
  const results = useApp((state) => state.results);
  const exportError = useApp((state) => state.exportError);
  const { rows } = useStore();
  const screen = useScreen();
  const download = useDownload();
  const isComplete = end.kind === 'complete';
  const figures = isComplete ? figuresOf(results) : [];
  if (end.isOlder) figures.push(words.olderResults);
  if (end.differs) figures.push(words.differs);
  return (
    <>
      <div className="run-line run-ended">
        <div className="run-text">
          <p className="run-message">{endText(end, results)}</p>
          <p className={end.differs || end.isOlder ? 'help numbers' : 'help numbers run-figures'}>
            {figures.join(' · ')}
          </p>
        </div>
        <div className="buttons run-buttons">
          {onContinue !== null && (
            <Button className="button button-primary" onPress={onContinue}>
              {words.continue}
            </Button>
          )}
          {end.download === 'submission' && <SubmissionButton download={download} />}
          {end.download === 'finished' && (
            <FinishedRowsButton download={download} className="button" />
          )}
          {rows.scored > 0 && screen !== 'report' && (
            <Button className="button" onPress={() => showScreen('report')}>
              {words.openReport}
            </Button>
          )}
          <Button className="button run-again" isDisabled={!canStart} onPress={onStart}>
            {words.again}
          </Button>
        </div>
      </div>
      {end.download === 'submission' && <MissingRowsChoice download={download} />}
      {run.status === 'failed' && <ErrorNote error={run.error} isQuiet />}
      {exportError !== null && <ErrorNote error={exportError} />}
    </>
  );
}

function figuresOf(results: AppState['results']): string[] {
  const summary = results?.summary;
  if (!summary) return [];
  const { tokens, seconds, truncatedRows, problemRows } = summary;
  return [
    ...(tokens > 0 && seconds > 0 ? [words.rate(tokens / seconds)] : []),
    ...(truncatedRows > 0 ? [words.truncated(count(truncatedRows))] : []),
    ...(problemRows > 0 ? [strings.file.problems(problemRows)] : []),
  ];
}
