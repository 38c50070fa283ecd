import { adaptersLabel } from '../../../domain/adapters.ts';
import type { TiebreakError } from '../../../domain/errors.ts';
import { sameSettings } from '../../../domain/settings.ts';
import type { StoredRun } from '../../../scoring/journal/run-store.ts';
import { type AppState, isRunning } from '../../page/state.ts';

/** What there is to say of a kept run. */
export type RunNote =
  | { kind: 'failed'; error: TiebreakError }
  /** It would go on with slightly other numbers. */
  | { kind: 'otherEngine'; error: TiebreakError }
  /** Its file must be chosen again; `wrong`: the name of one that was chosen and is another file. */
  | { kind: 'chooseFile'; wrong?: string };

/** What the browser gives this page to store, in bytes. */
export interface StorageSpace {
  usage: number;
  quota: number;
}

/** Everything that the page shows of saved runs. Never changed in place. */
export interface RunsState {
  /** The latest first; null before they were read. */
  runs: StoredRun[] | null;
  /** Runs whose file the page finds again by itself. */
  findable: ReadonlySet<string>;
  /** Null where the browser does not say. */
  space: StorageSpace | null;
  /** The run that is being continued: file and model are being opened. */
  opening: string | null;
  notes: Readonly<Record<string, RunNote>>;
  /** The run that waits for the user to agree that unsaved results on the page are discarded. */
  asking: StoredRun | null;
}

/** Says whether there are results that only this page has, since they could not be saved. */
export function hasUnsaved({ results }: Pick<AppState, 'results'>, rows: { scored: number }) {
  return results !== null && results.unjournaled !== null && rows.scored > 0;
}

/** Less free space than this is short: a run of 25,000 rows takes about a megabyte, its model much more. */
const SHORT_BYTES = 50e6;

/** Bytes that are left when space is short; null when there is enough, or nobody knows. */
export function shortSpace({ space }: Pick<RunsState, 'space'>): number | null {
  if (space === null) return null;
  const left = Math.max(0, space.quota - space.usage);
  return left < SHORT_BYTES ? left : null;
}

/** Says whether the results of this run are the ones on the page, or are about to be. */
export function isOnPage({ id }: StoredRun, app: AppState): boolean {
  return id === app.results?.runId && (isRunning(app) || app.results.complete);
}

/** The run that would compute what is chosen now and is not on the page yet, if there is one that can be continued. */
export function matchingRun(runs: StoredRun[] | null, app: AppState): StoredRun | null {
  return (runs ?? []).find((run) => matches(run, app) && !isOnPage(run, app)) ?? null;
}

/** Says whether it is another run of the file whose results are on the page, so that the two can be compared there. */
export function isComparable({ id, header }: StoredRun, { results }: Pick<AppState, 'results'>) {
  return (
    results?.complete === true && results.runId !== id && results.fileSha256 === header?.csv.sha256
  );
}

/** The saved run that computed, at least in part, what a new one would compute again. */
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
