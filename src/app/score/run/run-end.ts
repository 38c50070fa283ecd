import { adaptersLabel } from '../../../domain/adapters.ts';
import { sameSettings } from '../../../domain/settings.ts';
import { strings } from '../../i18n/strings.ts';
import type { RowColumns } from '../../page/rows.ts';
import { type AppState, isRunning } from '../../page/state.ts';

const words = strings.run;

/** The outcome of the latest run, for its bar. */
export interface EndOfRun {
  kind: 'complete' | 'cancelled' | 'failed';
  /** Rows that it scored, including earlier sessions. */
  done: number;
  /** Rows that could be scored. */
  total: number;
  /** The kind of file that can be downloaded; null for none. */
  download: 'submission' | 'finished' | null;
  /** True if the download is of the previous run, because this one ended before its first row. */
  isOlder: boolean;
  /** True if the chosen model, adapter or settings differ from those of the results. */
  differs: boolean;
}

/** The outcome of the latest run; null during a run, or if none has begun since the file was opened. */
export function endOf(app: AppState, rows: Pick<RowColumns, 'scored' | 'length'>): EndOfRun | null {
  const { run, results, csv } = app;
  if (isRunning(app)) return null;
  // Results also return when a newer file could not be read to its end.
  if (run.status === 'idle' && (results === null || csv.status === 'reading')) return null;
  const kind = kindOf(app);
  const isOlder = results !== null && isOfBefore(app);
  const done = results === null || isOlder ? 0 : rows.scored;
  return {
    kind,
    done,
    total:
      csv.status === 'ready'
        ? csv.summary.rows - csv.summary.problemRows
        : rows.length - (results?.problemRows ?? 0),
    download: results?.complete ? 'submission' : rows.scored > 0 ? 'finished' : null,
    isOlder,
    differs: results !== null && differs(app),
  };
}

/** Describes the outcome of a run in a sentence. */
export function endText(
  { kind, done, total }: Pick<EndOfRun, 'kind' | 'done' | 'total'>,
  results: AppState['results'],
): string {
  if (kind === 'complete') return words.finished(done, results?.summary?.seconds ?? 0);
  if (kind === 'failed') return words.failed(done, total);
  return done === 0 ? words.cancelledEmpty : words.cancelled(done, total);
}

function kindOf({ run, results }: AppState): EndOfRun['kind'] {
  if (run.status === 'failed') return 'failed';
  if (run.status === 'ended') return run.outcome;
  return results?.complete ? 'complete' : 'cancelled';
}

/** True if the results on the page are of an earlier run than the one that failed or was cancelled. */
function isOfBefore({ run, results }: AppState): boolean {
  // A failed run has no summary. A cancelled one may have one, but is never complete.
  if (run.status === 'failed') return results?.summary !== null;
  return run.status === 'ended' && run.outcome === 'cancelled' && results?.complete === true;
}

function differs({ results, settings, adapters, model }: AppState): boolean {
  if (results === null) return false;
  return (
    !sameSettings(results.settings, settings) ||
    (model.status === 'ready' &&
      (model.info.sha256 !== results.modelSha256 ||
        adaptersLabel(results.adapters) !== adaptersLabel(adapters)))
  );
}
