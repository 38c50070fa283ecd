import { proxy } from 'comlink';
import { TiebreakError } from '../../domain/errors.ts';
import type { TextMode } from '../../domain/settings.ts';
import type {
  Choices,
  FiguresWorkerApi,
  RunResults,
  RunSource,
  TableWorkerApi,
  View,
} from '../../report/api.ts';
import type { OtherRun } from '../../report/other-run.ts';
import type { Query } from '../../report/query.ts';
import { RemoteWorker, type WorkerLike } from '../../rpc/remote.ts';
import type { BootstrapOptions } from '../../stats/bootstrap.ts';
import type { Comparison } from '../../stats/compare.ts';
import type { Distribution } from '../../stats/distribution.ts';
import type { Effect } from '../../stats/effects.ts';
import type { Leaderboard } from '../../stats/leaderboard.ts';
import type { Quality } from '../../stats/quality.ts';
import type { Table, TableFacts } from '../../stats/table.ts';
import { strings } from '../i18n/strings.ts';
import { words } from './strings.ts';

/** {@link TableWorkerApi} and {@link FiguresWorkerApi} with values and thrown {@link TiebreakError}s. */
export interface ReportClient {
  open(
    file: File,
    textMode: TextMode,
    onBytes: (bytes: number) => void,
  ): Promise<{ table: Table; facts: TableFacts }>;
  setResults(results: RunResults): Promise<void>;
  /** Of {@link TableWorkerApi}. */
  choose(choices: Choices): Promise<Float64Array<ArrayBuffer>>;
  find(query: Query, onView: (view: View) => void): Promise<View>;
  stop(): Promise<void>;
  exportRows(rows: Uint32Array<ArrayBuffer>): Promise<{ csv: Blob; sha256: string }>;
  readOther(other: RunSource): Promise<OtherRun>;
  setData(table: Table, results: RunResults): Promise<void>;
  /** The same of {@link FiguresWorkerApi}. */
  judge(choices: Choices): Promise<void>;
  distribution(): Promise<Distribution>;
  quality(options: BootstrapOptions): Promise<Quality | null>;
  effects(options: BootstrapOptions): Promise<Effect[]>;
  adapters(options: BootstrapOptions): Promise<Comparison[] | null>;
  leaderboard(options: BootstrapOptions): Promise<Leaderboard | null>;
  comparison(options: BootstrapOptions): Promise<Comparison | null>;
}

/** Starts the worker that reads the file. */
export function spawnTableWorker(): WorkerLike {
  return new Worker(new URL('../../report/table.worker.ts', import.meta.url), {
    type: 'module',
    name: 'tiebreak-table',
  });
}

/** Starts the worker that computes figures. */
export function spawnFiguresWorker(): WorkerLike {
  return new Worker(new URL('../../report/figures.worker.ts', import.meta.url), {
    type: 'module',
    name: 'tiebreak-figures',
  });
}

/** Talks to both workers; they start with the first call. One that died fails every call until the page is loaded again. */
export function createReportClient(
  spawnTable: () => WorkerLike = spawnTableWorker,
  spawnFigures: () => WorkerLike = spawnFiguresWorker,
): ReportClient {
  const table = lazily(() => new RemoteWorker<TableWorkerApi>(spawnTable(), died));
  const figures = lazily(() => new RemoteWorker<FiguresWorkerApi>(spawnFigures(), died));
  return {
    open: (file, textMode, onBytes) =>
      table().call(table().api.open(file, textMode, proxy(onBytes))),
    setResults: (results) => table().call(table().api.setResults(results)),
    choose: (choices) => table().call(table().api.choose(choices)),
    find: (query, onView) => table().call(table().api.find(query, proxy(onView))),
    stop: () => table().settled(table().api.stop()),
    exportRows: (rows) => table().call(table().api.exportRows(rows)),
    readOther: (other) => table().call(table().api.readOther(other)),
    setData: (rows, results) => figures().call(figures().api.setData(rows, results)),
    judge: (choices) => figures().call(figures().api.choose(choices)),
    distribution: () => figures().call(figures().api.distribution()),
    quality: (options) => figures().call(figures().api.quality(options)),
    effects: (options) => figures().call(figures().api.effects(options)),
    adapters: (options) => figures().call(figures().api.adapters(options)),
    leaderboard: (options) => figures().call(figures().api.leaderboard(options)),
    comparison: (options) => figures().call(figures().api.comparison(options)),
  };
}

function lazily<T>(make: () => T): () => T {
  let made: T | undefined;
  return () => {
    made ??= make();
    return made;
  };
}

function died(why: string | undefined): TiebreakError {
  const message = why === undefined ? strings.errors.scriptMissing : words.workerDied(why);
  return new TiebreakError('page/report-worker-died', message, {
    action: words.workerDiedAction,
  });
}
