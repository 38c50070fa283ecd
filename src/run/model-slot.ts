import { aborted, TiebreakError } from '../core/errors.ts';
import type { TokenizerPool } from '../tokens/pool.ts';
import type { LoadProgress, ModelInfo, ModelRequest } from './api.ts';
import type { LoadedEngine } from './engine-api.ts';
import type { Lane } from './run.ts';

/** A lane that holds a model until it is closed. */
export interface ModelLane extends Lane {
  readonly model: LoadedEngine['model'];
  /** Has it been ended, so that the model must be loaded again? */
  readonly dead: boolean;
  setAdapters(names: (string | null)[]): Promise<void>;
  /** Makes the batch that is under way reject with `run/cancelled` at the next layer, however long that takes. */
  interrupt?(): void;
  close(): void;
}

/** How the two halves of a model are started. */
export interface ModelStarters {
  /** Rejects with `run/cancelled` when the signal fires. */
  lane(
    request: ModelRequest,
    onProgress: (progress: LoadProgress) => void,
    signal: AbortSignal,
  ): Promise<ModelLane>;
  pool(request: ModelRequest): Promise<TokenizerPool>;
}

interface Loaded {
  request: ModelRequest;
  lane: ModelLane;
  pool: TokenizerPool;
}

/** Holds one model at a time: its lane and its tokenizers. */
export class ModelSlot {
  private readonly starters: ModelStarters;
  private loaded: Loaded | undefined;
  /** Fires when another model takes the place of the latest one, whether that is loaded or still loading. */
  private replaced = new AbortController();

  constructor(starters: ModelStarters) {
    this.starters = starters;
  }

  /**
   * Loads a model in place of the one before, or of one that is still loading: the latest call wins. Model and tokenizer
   * load at the same time; when one fails, the other is ended.
   * @throws TiebreakError `run/cancelled` when the signal fires or a later call comes.
   */
  async load(
    request: ModelRequest,
    onProgress: (progress: LoadProgress) => void,
    cancelled: AbortSignal,
  ): Promise<ModelInfo> {
    this.unload();
    const signal = AbortSignal.any([cancelled, this.replaced.signal]);
    const poolStarting = this.starters.pool(request).then((pool) => {
      onProgress({ step: 'tokenizer', fraction: 1 });
      return pool;
    });
    const [lane, pool] = await Promise.allSettled([
      this.starters.lane(request, onProgress, signal),
      poolStarting,
    ]);
    if (lane.status === 'fulfilled' && pool.status === 'fulfilled' && !signal.aborted) {
      this.loaded = { request, lane: lane.value, pool: pool.value };
      const { model, info } = lane.value;
      return { ...model, engine: info, tokenizerWorkers: pool.value.size };
    }
    if (lane.status === 'fulfilled') lane.value.close();
    if (pool.status === 'fulfilled') pool.value.close();
    if (!signal.aborted && lane.status === 'rejected') throw lane.reason;
    if (!signal.aborted && pool.status === 'rejected') throw pool.reason;
    throw aborted();
  }

  /** The loaded model; loads it again when its worker had to be ended. */
  async ready(cancelled: AbortSignal): Promise<Loaded> {
    const { loaded } = this;
    if (loaded === undefined) {
      throw new TiebreakError('run/not-ready', 'There is no model yet.', {
        action: 'Choose a model first.',
      });
    }
    if (loaded.lane.dead) {
      const signal = AbortSignal.any([cancelled, this.replaced.signal]);
      const lane = await this.starters.lane(loaded.request, () => {}, signal);
      if (signal.aborted) {
        lane.close();
        throw aborted();
      }
      loaded.lane = lane;
    }
    return loaded;
  }

  private unload(): void {
    this.replaced.abort();
    this.replaced = new AbortController();
    this.loaded?.lane.close();
    this.loaded?.pool.close();
    this.loaded = undefined;
  }
}
