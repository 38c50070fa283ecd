import { proxy } from 'comlink';
import { aborted, TiebreakError } from '../core/errors.ts';
import type { BatchBounds, EngineInfo } from '../engine/engine.ts';
import { RemoteWorker } from '../workers/remote.ts';
import type { LoadProgress, ModelRequest } from './api.ts';
import type { EngineWorkerApi, LoadedEngine } from './engine-api.ts';
import type { Lane } from './run.ts';

/** A cancelled batch ends at the next layer; when that takes longer than this, the worker is ended instead. */
const CANCEL_MS = 700;

/** An engine in a worker of its own. */
export class EngineLane implements Lane {
  info: EngineInfo;
  readonly bounds: BatchBounds;
  readonly model: LoadedEngine['model'];
  private readonly remote: RemoteWorker<EngineWorkerApi>;

  private constructor(remote: RemoteWorker<EngineWorkerApi>, loaded: LoadedEngine) {
    this.remote = remote;
    this.model = loaded.model;
    this.info = loaded.model.engine;
    this.bounds = {
      padMultiple: loaded.padMultiple,
      maxScoreBytes: loaded.maxScoreBytes,
      scoreBytes: (length) => loaded.scoreBytesOfOne * length * length,
    };
  }

  /** Starts a worker and loads a model in it. Ends the worker when the signal fires or loading fails. */
  static async start(
    request: ModelRequest,
    onProgress: (progress: LoadProgress) => void,
    signal?: AbortSignal,
  ): Promise<EngineLane> {
    const worker = new Worker(new URL('./engine.worker.ts', import.meta.url), { type: 'module' });
    const remote = new RemoteWorker<EngineWorkerApi>(worker, workerDied);
    const stop = () => remote.end();
    signal?.addEventListener('abort', stop);
    try {
      const loaded = await remote.call(remote.api.load(request, proxy(onProgress)));
      return new EngineLane(remote, loaded);
    } catch (thrown) {
      remote.end();
      throw thrown;
    } finally {
      signal?.removeEventListener('abort', stop);
    }
  }

  /** Has the worker been ended, so that the model must be loaded again? */
  get dead(): boolean {
    return this.remote.dead;
  }

  async setAdapters(names: (string | null)[]): Promise<void> {
    this.info = await this.remote.call(this.remote.api.setAdapters(names));
  }

  async logits(rows: Int32Array[], signal?: AbortSignal): Promise<Float32Array> {
    if (signal?.aborted) throw aborted();
    const lengths = Uint32Array.from(rows, (row) => row.length);
    const ids = new Int32Array(lengths.reduce((sum, length) => sum + length, 0));
    let start = 0;
    for (const row of rows) {
      ids.set(row, start);
      start += row.length;
    }
    let timer: ReturnType<typeof setTimeout> | undefined;
    const stop = () => {
      void this.remote.api.cancel();
      timer = setTimeout(() => this.remote.end(), CANCEL_MS);
    };
    signal?.addEventListener('abort', stop);
    try {
      return await this.remote.call(this.remote.api.logits(ids, lengths));
    } finally {
      signal?.removeEventListener('abort', stop);
      clearTimeout(timer);
    }
  }

  /** Ends the worker, which frees the device's memory. */
  close(): void {
    this.remote.end();
  }
}

function workerDied(why: string | undefined): TiebreakError {
  return new TiebreakError(
    'engine/worker-died',
    `The worker that runs the model stopped${why ? `: ${why}` : ''}.`,
    { action: 'Start again; if it happens again, choose a smaller max_length or another device.' },
  );
}
