import type { PlainError } from '../src/domain/errors.ts';
import { TiebreakError } from '../src/domain/errors.ts';
import type { RunSettings } from '../src/domain/settings.ts';
import type { EngineInfo } from '../src/engine/engine.ts';
import type { RunEvent, RunSummary } from '../src/scoring/events.ts';
import type { StoredRun } from '../src/scoring/journal/run-archive.ts';
import type { RunNotes } from '../src/scoring/journal/run-notes.ts';
import type { Remedy } from '../src/scoring/journal/run-session.ts';
import type { LoadProgress, ModelInfo, ModelRequest } from '../src/scoring/lanes/model-request.ts';
import type {
  CsvSummary,
  MissingRows,
  ResultsEvent,
  RowsEvent,
} from '../src/scoring/rows/row-events.ts';
import type { RowTexts } from '../src/scoring/rows/row-index.ts';
import type { Foreseen, Planned, RunWorkerApi, StartRequest } from '../src/scoring/worker/api.ts';
import type { Explored, ExploreRequest, TokensRequest } from '../src/scoring/worker/explore-api.ts';
import type { SeenText } from '../src/tokens/seen.ts';

export const ENGINE: EngineInfo = {
  model: 'fake',
  adapter: null,
  reading: 'pair',
  device: 'wasm',
  place: { kind: 'named', name: 'CPU (fake)' },
  computesOn: 'CPU (fake)',
  gpu: null,
  executor: 'ort',
  variant: null,
  kernels: null,
  refusals: [],
  precision: 'float32',
  quantization: 'none',
  softCap: 50,
  layers: 2,
  residentLayers: 2,
  streamedBytes: 0,
  weightBytes: 1000,
  adapterBytes: 0,
  peakBytes: null,
  selfTest: null,
  notice: null,
  notices: [],
};

export const MODEL: ModelInfo = {
  name: 'fake',
  sha256: 'f'.repeat(64),
  notice: 'Untrained.',
  adapters: [
    { name: 'one', notice: null },
    { name: 'two', notice: 'Second.' },
  ],
  baseHasHead: false,
  flops: { token: 1000, square: 10 },
  engine: ENGINE,
  lanes: [{ name: ENGINE.computesOn, engine: ENGINE, error: null }],
  gpus: [],
  plan: null,
  tokenizerWorkers: 1,
};

/** A call that waits until the test answers it. */
export interface Call<A, T, E> {
  args: A;
  send(event: E): void;
  answer(value: T): Promise<void>;
  fail(error: PlainError): Promise<void>;
  /** Fails the call, like the death of the worker. */
  die(error: Error): Promise<void>;
}

/** A run worker, or its client, whose answers and events come when the test sends them, in its order. */
export class FakeApi implements RunWorkerApi {
  readonly loads: Call<ModelRequest, ModelInfo, LoadProgress>[] = [];
  readonly plans: Call<
    { request: ModelRequest; adapters: (string | null)[] | undefined },
    Planned,
    never
  >[] = [];
  readonly opens: Call<{ name: string; settings: RunSettings }, CsvSummary, RunEvent[]>[] = [];
  readonly starts: Call<StartRequest, RunSummary, RunEvent[]>[] = [];
  readonly explores: Call<ExploreRequest, Explored, never>[] = [];
  readonly tokenCalls: Call<TokensRequest, SeenText, never>[] = [];
  exploreStops = 0;
  cancels = 0;
  pauses = 0;
  readonly resumes: (Remedy | undefined)[] = [];
  runs: StoredRun[] = [];
  /** Hashes of files by name; any other file has that of {@link csvSummary}. */
  hashes: Record<string, string> = {};
  lists = 0;
  exported = new Blob(['from the worker']);
  /** The error of {@link FakeApi.exportCsv}; null for success. */
  exportError: TiebreakError | null = null;

  loadModel(request: ModelRequest, onProgress: (progress: LoadProgress) => void) {
    return wait(this.loads, request, onProgress);
  }

  planModel(request: ModelRequest, adapters?: (string | null)[]) {
    return wait(this.plans, { request, adapters }, () => undefined);
  }

  openCsv(file: File, settings: RunSettings, onEvents: (events: RunEvent[]) => void) {
    return wait(this.opens, { name: file.name, settings }, onEvents);
  }

  start(request: StartRequest, onEvents: (events: RunEvent[]) => void) {
    return wait(this.starts, request, onEvents);
  }

  async cancel(): Promise<void> {
    this.cancels += 1;
  }

  async pause(): Promise<void> {
    this.pauses += 1;
  }

  async resume(remedy?: Remedy): Promise<void> {
    this.resumes.push(remedy);
  }

  explore(request: ExploreRequest) {
    return wait(this.explores, request, () => undefined);
  }

  async foresee(_: RunSettings): Promise<Foreseen> {
    return { tokens: 1000, squares: 100_000 };
  }

  async stopExploring(): Promise<void> {
    this.exploreStops += 1;
  }

  readTokens(request: TokensRequest) {
    return wait(this.tokenCalls, request, () => undefined);
  }

  async listRuns(): Promise<StoredRun[]> {
    this.lists += 1;
    return this.runs;
  }

  async removeRun(id: string): Promise<void> {
    this.runs = this.runs.filter((run) => run.id !== id);
  }

  async noteRun(id: string, change: RunNotes): Promise<void> {
    this.runs = this.runs.map((run) =>
      run.id === id ? { ...run, notes: { ...run.notes, ...change } } : run,
    );
  }

  async exportRun(id: string): Promise<Blob> {
    return new Blob([`journal of ${id}`]);
  }

  async hashCsv({ name }: File): Promise<string> {
    return this.hashes[name] ?? 'c'.repeat(64);
  }

  async exportCsv(_missing: MissingRows): Promise<Blob> {
    if (this.exportError !== null) throw this.exportError;
    return this.exported;
  }

  async readRow(index: number): Promise<RowTexts> {
    const texts = { prompt: ['p'], responseA: ['a'], responseB: ['b'], problem: null };
    return { id: String(index), ...texts };
  }
}

/** Records a call and waits for its answer. */
export function wait<A, T, E>(calls: Call<A, T, E>[], args: A, send: (event: E) => void) {
  return new Promise<T>((resolve, reject) => {
    calls.push({
      args,
      send,
      answer: (value) => settle(() => resolve(value)),
      fail: (error) => settle(() => reject(TiebreakError.fromPlain(error))),
      die: (error) => settle(() => reject(error)),
    });
  });
}

async function settle(act: () => void): Promise<void> {
  act();
  await turn();
}

/** Lets all pending callbacks run. */
export function turn(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve));
}

export function csvSummary(rows: number, more: Partial<CsvSummary> = {}): CsvSummary {
  return {
    name: 'test.csv',
    bytes: 100,
    sha256: 'c'.repeat(64),
    rows,
    notes: [],
    problems: [],
    problemRows: 0,
    hasLabels: false,
    duplicateRows: 0,
    plainTextRows: 0,
    ...more,
  };
}

export function runSummary(rows: number, settings: RunSettings, complete = true): RunSummary {
  return {
    settings,
    engine: { ...ENGINE, adapter: 'one' },
    rows,
    scoredRows: rows,
    problemRows: 0,
    truncatedRows: 0,
    duplicateRows: 0,
    plainTextRows: 0,
    incidents: 0,
    lanes: [],
    tokens: 10 * rows,
    seconds: 1,
    complete,
  };
}

export function rowsEvent(first: number, count: number): RowsEvent {
  return {
    type: 'rows',
    first,
    ids: Array.from({ length: count }, (_, i) => `id${first + i}`),
    excerpts: Array.from({ length: count }, (_, i) => `prompt ${first + i}`),
    flags: new Uint8Array(count),
  };
}

export function resultsEvent(rows: number[], a = 0.5, flag = 0): ResultsEvent {
  return {
    type: 'results',
    rows: Uint32Array.from(rows),
    probabilities: Float64Array.from(rows.flatMap(() => [a, 0.75 - a, 0.25])),
    tokens: new Uint32Array(rows.length).fill(10),
    flags: new Uint8Array(rows.length).fill(flag),
  };
}
