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

/** Milliseconds in which a cancelled batch must end at the next layer; after them the worker is terminated. */
const CANCEL_MS = 700;

/** A lane whose engine has a worker of its own. */
export class EngineLane implements Lane {
  info: EngineInfo;
  bounds: BatchBounds;
  readonly model: LoadedEngine['model'];
  private readonly starting: Starting;
  private remote: RemoteWorker<EngineWorkerApi>;
  /** The adapters that were set last; undefined for the package's first, which loading sets. */
  private adapters: (string | null)[] | undefined;

  private constructor(starting: Starting, { remote, loaded }: Started) {
    this.starting = starting;
    this.remote = remote;
    this.model = loaded.model;
    this.info = loaded.model.engine;
    this.bounds = loaded.bounds;
  }

  /**
   * Starts a worker and loads a model in it. Terminates the worker if the signal fires or loading fails.
   * @param createWorker makes the worker, for tests.
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

  /** Terminates the worker, which frees the device even if that hangs, and loads the model in a new worker. */
  async rebuild(signal?: AbortSignal): Promise<void> {
    this.remote.end();
    const { remote, loaded } = await startLane(this.starting, () => {}, signal);
    this.remote = remote;
    this.bounds = loaded.bounds;
    this.info = loaded.model.engine;
    if (this.adapters !== undefined) await this.setAdapters(this.adapters);
  }

  /** True once the worker has died or been terminated: the model must be loaded again. */
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

  /** Hidden states of rows before layer `to`, for a lane that has the layers below it; see `PartialPasses`. */
  hiddenAfter(
    rows: Int32Array[],
    to: number,
    adapter: number,
    signal?: AbortSignal,
  ): Promise<Float32Array<ArrayBuffer>> {
    const [ids, lengths] = packed(rows);
    return this.computing(signal, ({ hiddenAfter }) => hiddenAfter(ids, lengths, to, adapter));
  }

  /**
   * Logits [rows, labels], for a lane that has the layers from `start` on. Transfers the hidden states to the worker.
   */
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

  /** Waits for the worker. When the signal fires, it has {@link CANCEL_MS} to stop before it is terminated. */
  private async computing<T>(
    signal: AbortSignal | undefined,
    ask: (api: Client<EngineWorkerApi>) => Promise<T>,
  ): Promise<T> {
    if (signal?.aborted) throw aborted();
    let timer: ReturnType<typeof setTimeout> | undefined;
    const { remote } = this;
    const stop = () => {
      remote.api.cancel().catch(() => {}); // rejects only if the worker has died, and so stopped
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
    this.remote.api.cancel().catch(() => {}); // rejects only if the worker has died, and so stopped
  }

  /** Terminates the worker, which frees the device's memory. */
  close(): void {
    this.remote.end();
  }
}

/** Concatenates rows, for {@link EngineWorkerApi}. */
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

/** The arguments with which a lane is started, and started again. */
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

/**
 * Starts a worker. Where memory is short, starts others with fewer layers resident on the device, and stores that
 * number in `starting` for later starts.
 */
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
