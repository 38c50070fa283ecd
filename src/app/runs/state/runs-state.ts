import { adaptersLabel } from '../../../domain/adapters.ts';
import type { TiebreakError } from '../../../domain/errors.ts';
import { sameSettings } from '../../../domain/settings.ts';
import type { StoredRun } from '../../../scoring/journal/run-archive.ts';
import { type AppState, isRunning } from '../../page/state.ts';

/** A note about a saved run. */
export type RunNote =
  | { kind: 'failed'; error: TiebreakError }
  /** It would continue with slightly different numbers. */
  | { kind: 'otherEngine'; error: TiebreakError }
  /** The user must choose its file again; `wrong`: the name of a chosen file with other contents. */
  | { kind: 'chooseFile'; wrong?: string };

/** The storage that the browser grants this page, in bytes. */
export interface StorageSpace {
  usage: number;
  quota: number;
}

/** The state of saved runs. Never changed in place. */
export interface RunsState {
  /** The latest first; null until read. */
  runs: StoredRun[] | null;
  /** Runs whose file the page can open by itself. */
  findable: ReadonlySet<string>;
  /** Null if the browser does not report it. */
  space: StorageSpace | null;
  /** The run to continue, while its file and model are being opened. */
  opening: string | null;
  notes: Readonly<Record<string, RunNote>>;
  /** The run that waits for the user's consent to discard unsaved results on the page. */
  asking: StoredRun | null;
}

/** True if there are results that only this page has, because saving failed. */
export function hasUnsaved({ results }: Pick<AppState, 'results'>, rows: { scored: number }) {
  return results !== null && results.unjournaled !== null && rows.scored > 0;
}

/** Free bytes below which space is short: a run of 25,000 rows takes about a megabyte, its model much more. */
const SHORT_BYTES = 50e6;

/** Free bytes if space is short; null if there is enough, or if unknown. */
export function shortSpace({ space }: Pick<RunsState, 'space'>): number | null {
  if (space === null) return null;
  const left = Math.max(0, space.quota - space.usage);
  return left < SHORT_BYTES ? left : null;
}

/** True if the results of this run are on the page, or about to be. */
export function isOnPage({ id }: StoredRun, app: AppState): boolean {
  return id === app.results?.runId && (isRunning(app) || app.results.complete);
}

/** The run with the present choices that is not on the page and can be continued; null for none. */
export function matchingRun(runs: StoredRun[] | null, app: AppState): StoredRun | null {
  return (runs ?? []).find((run) => matches(run, app) && !isOnPage(run, app)) ?? null;
}

/** True for another run of the file on the page, so that the two can be compared there. */
export function isComparable({ id, header }: StoredRun, { results }: Pick<AppState, 'results'>) {
  return (
    results?.complete === true && results.runId !== id && results.fileSha256 === header?.csv.sha256
  );
}

/** The saved run that has computed, at least in part, the same as a new one would; null for none. */
export function earlierRun(runs: StoredRun[] | null, app: AppState): StoredRun | null {
  return (runs ?? []).find((run) => matches(run, app)) ?? null;
}

/** The latest unfinished run that is neither on the page nor offered beside Start. */
export function unfinishedRun(runs: StoredRun[] | null, app: AppState): StoredRun | null {
  const offered = matchingRun(runs, app);
  return (
    (runs ?? []).find((run) => run.state === 'waiting' && run !== offered && !isOnPage(run, app)) ??
    null
  );
}

function matches({ state, header }: StoredRun, app: AppState): boolean {
  const { csv, model, adapters, settings } = app;
  if (csv.status !== 'ready' || model.status !== 'ready' || header === null) return false;
  return (
    (state === 'waiting' || state === 'complete') &&
    header.csv.sha256 === csv.summary.sha256 &&
    header.model.sha256 === model.info.sha256 &&
    adaptersLabel(header.adapters) === adaptersLabel(adapters) &&
    sameSettings(header.settings, settings)
  );
}
