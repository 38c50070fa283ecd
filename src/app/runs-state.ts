import { adaptersLabel } from '../core/adapters.ts';
import type { TiebreakError } from '../core/errors.ts';
import type { StoredRun } from '../run/run-store.ts';
import { sameSettings } from './run-end.ts';
import { type AppState, isRunning } from './state.ts';

/** What there is to say of a kept run. */
export type RunNote =
  | { kind: 'failed'; error: TiebreakError }
  /** It would go on with slightly other numbers. */
  | { kind: 'otherEngine'; error: TiebreakError }
  /** Its file must be chosen again. */
  | { kind: 'chooseFile' };

/** Everything that the page shows of kept runs. Never changed in place. */
export interface RunsState {
  /** The latest first; null before they were read. */
  runs: StoredRun[] | null;
  /** The run that is being continued: file and model are being opened. */
  opening: string | null;
  notes: Readonly<Record<string, RunNote>>;
}

/** The runs to be shown: not the one that is going on here, nor the one whose results are on the page and complete. */
export function shownRuns(runs: StoredRun[] | null, app: AppState): StoredRun[] {
  const { results } = app;
  const isHere = isRunning(app) || results?.complete === true;
  return (runs ?? []).filter(({ id }) => !(isHere && id === results?.runId));
}

/** The run to be shown that would compute what is chosen now, if there is one that can be continued. */
export function matchingRun(runs: StoredRun[] | null, app: AppState): StoredRun | null {
  return shownRuns(runs, app).find((run) => matches(run, app)) ?? null;
}

/** The run whose place a new one takes: it would compute the same, and its results may be on the page. */
export function replacedRun(runs: StoredRun[] | null, app: AppState): StoredRun | null {
  return (runs ?? []).find((run) => matches(run, app)) ?? null;
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
