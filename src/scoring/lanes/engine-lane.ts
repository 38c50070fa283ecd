import { transfer } from 'comlink';
import { aborted, TiebreakError } from '../../domain/errors.ts';
import type { BatchBounds, EngineInfo } from '../../engine/engine.ts';
import type { Start } from '../../engine/executor/executor.ts';
import { withFewerLayers } from '../../engine/planning/residency.ts';
import type { Client } from '../../rpc/methods.ts';
import { RemoteWorker } from '../../rpc/remote.ts';
import type { EngineWorkerApi, LoadedEngine } from './engine-api.ts';
import type { Lane } from './lane.ts';
import type { LoadProgress, ModelRequest } from './model-request.ts';

/** A cancelled batch ends at the next layer; when that takes longer than this, the worker is ended instead. */
const CANCEL_MS = 700;

/** An engine in a worker of its own. */
export class EngineLane implements Lane {
  info: EngineInfo;
  bounds: BatchBounds;
  readonly model: LoadedEngine['model'];
  private readonly starting: Starting;
  private remote: RemoteWorker<EngineWorkerApi>;
  /** The adapters that were asked for last; undefined: those that the model came with. */
  private adapters: (string | null)[] | undefined;

  private constructor(starting: Starting, { remote, loaded }: Started) {
    this.starting = starting;
    this.remote = remote;
    this.model = loaded.model;
    this.info = loaded.model.engine;
    this.bounds = loaded.bounds;
  }

  /**
   * Starts a worker and loads a model in it. Ends the worker when the signal fires or loading fails.
   * @param createWorker for tests: makes the worker.
   */
  static async start(
    request: ModelRequest,
    onProgress: (progress: LoadProgress) => void,
    signal?: AbortSignal,
    createWorker: () => Worker = engineWorker,
  ): Promise<EngineLane> {
    const starting = { request, createWorker };
    return new EngineLane(starting, await startLane(starting, onProgress, signal));
  }

  /** Ends the worker, which frees the device whatever it does, and loads the model in a new one. */
  async rebuild(signal?: AbortSignal): Promise<void> {
    this.remote.end();
    const { remote, loaded } = await startLane(this.starting, () => {}, signal);
    this.remote = remote;
    this.bounds = loaded.bounds;
    this.info = loaded.model.engine;
    if (this.adapters !== undefined) await this.setAdapters(this.adapters);
  }

  /** True once the worker has died or been ended: the model must be loaded again. */
  get dead(): boolean {
    return this.remote.dead;
  }

  get overlaps(): boolean {
    return this.info.executor === 'wgsl';
  }

  async setAdapters(names: (string | null)[]): Promise<void> {
    this.info = await this.remote.api.setAdapters(names);
    this.adapters = names;
  }

  logits(rows: Int32Array[], signal?: AbortSignal): Promise<Float32Array> {
    const [ids, lengths] = packed(rows);
    return this.computing(signal, ({ logits }) => logits(ids, lengths));
  }

  /** Hidden states of rows before layer `to`, of a lane that has the layers below; see `PartialPasses`. */
  hiddenAfter(
    rows: Int32Array[],
    to: number,
    adapter: number,
    signal?: AbortSignal,
  ): Promise<Float32Array<ArrayBuffer>> {
    const [ids, lengths] = packed(rows);
    return this.computing(signal, ({ hiddenAfter }) => hiddenAfter(ids, lengths, to, adapter));
  }

  /** Logits [rows, 3] of a lane that has the layers from `start` on. The hidden states are the worker's then. */
  logitsAfter(
    rows: Int32Array[],
    start: Start,
    adapter: number,
    signal?: AbortSignal,
  ): Promise<Float32Array> {
    const [ids, lengths] = packed(rows);
    return this.computing(signal, ({ logitsAfter }) =>
      logitsAfter(ids, lengths, transfer(start, [start.hidden.buffer]), adapter),
    );
  }

  /** Waits for the worker; when the signal fires it has a moment to stop, and is ended else. */
  private async computing<T>(
    signal: AbortSignal | undefined,
    ask: (api: Client<EngineWorkerApi>) => Promise<T>,
  ): Promise<T> {
    if (signal?.aborted) throw aborted();
    let timer: ReturnType<typeof setTimeout> | undefined;
    const { remote } = this;
    const stop = () => {
      remote.api.cancel().catch(() => {}); // a dead worker has stopped too
      timer = setTimeout(() => remote.end(), CANCEL_MS);
    };
    signal?.addEventListener('abort', stop);
    try {
      return await ask(remote.api);
    } finally {
      signal?.removeEventListener('abort', stop);
      clearTimeout(timer);
    }
  }

  interrupt(): void {
    this.remote.api.cancel().catch(() => {}); // a dead worker has stopped too
  }

  /** Ends the worker, which frees the device's memory. */
  close(): void {
    this.remote.end();
  }
}

/** Rows one after the other, and their lengths. */
function packed(rows: readonly Int32Array[]): [ids: Int32Array, lengths: Uint32Array] {
  const lengths = Uint32Array.from(rows, (row) => row.length);
  const ids = new Int32Array(lengths.reduce((sum, length) => sum + length, 0));
  let start = 0;
  for (const row of rows) {
    ids.set(row, start);
    start += row.length;
  }
  return [ids, lengths];
}

/** All that is needed to start a lane, also again. */
interface Starting {
  request: ModelRequest;
  createWorker: () => Worker;
}

interface Started {
  remote: RemoteWorker<EngineWorkerApi>;
  loaded: LoadedEngine;
}

function engineWorker(): Worker {
  return new Worker(new URL('./engine.worker.ts', import.meta.url), { type: 'module' });
}

/** Starts a worker; where memory is short another one with fewer layers on the device, and remembers how many. */
async function startLane(
  starting: Starting,
  onProgress: (progress: LoadProgress) => void,
  signal: AbortSignal | undefined,
): Promise<Started> {
  const { request } = starting;
  if (request.mayStream === false) {
    const started = await startWorker(starting, onProgress, signal);
    starting.request = { ...request, mayStream: true };
    return started;
  }
  const { value, resident } = await withFewerLayers(request.resident ?? 'all', (wanted, onLayers) =>
    startWorker(
      { ...starting, request: { ...request, resident: wanted } },
      (progress) => {
        const { layers, total } = progress;
        if (layers !== undefined && total !== undefined) onLayers(layers, total);
        onProgress(progress);
      },
      signal,
    ),
  );
  starting.request = { ...request, resident };
  return value;
}

async function startWorker(
  { request, createWorker }: Starting,
  onProgress: (progress: LoadProgress) => void,
  signal: AbortSignal | undefined,
): Promise<Started> {
  if (signal?.aborted) throw aborted();
  const remote = new RemoteWorker<EngineWorkerApi>(createWorker(), workerDied);
  const stop = () => remote.end();
  signal?.addEventListener('abort', stop);
  try {
    return { remote, loaded: await remote.api.load(request, onProgress) };
  } catch (thrown) {
    remote.end();
    throw thrown;
  } finally {
    signal?.removeEventListener('abort', stop);
  }
}

function workerDied(why: string | undefined): TiebreakError {
  return new TiebreakError('engine/worker-died', { params: { reason: why } });
}
