import { aborted, asTiebreakError, TiebreakError } from '../../domain/errors.ts';
import type { Reading } from '../../domain/reading.ts';
import type { TokenizerPool } from '../../tokens/pool/pool.ts';
import { withRoom } from '../lanes/gpu-budget.ts';
import type { LoadProgress, ModelInfo, ModelRequest } from '../lanes/model-request.ts';
import {
  LaneStarter,
  type ModelLane,
  type ModelStarters,
  type StartedPlan,
} from '../lanes/start-lanes.ts';
import type { Planned } from './api.ts';

interface Loaded extends Omit<StartedPlan, 'lanes' | 'infos'> {
  /** The first lane. */
  lane: ModelLane;
  /** Lanes on further GPUs. */
  others: ModelLane[];
  pool: TokenizerPool;
  /** Ends the protection of the model's files. */
  releaseFiles: () => void;
}

/** Owns one model at a time: its lanes and its tokenizers. */
export class ModelSlot {
  private readonly starters: ModelStarters;
  private readonly starter: LaneStarter;
  private loaded: Loaded | undefined;
  /** Fires when another model replaces the latest one, loaded or still loading. */
  private replaced = new AbortController();

  constructor(starters: ModelStarters) {
    this.starters = starters;
    this.starter = new LaneStarter(starters);
  }

  /**
   * Loads a model in place of the previous one, loaded or still loading: the latest call wins. Model and tokenizer load
   * at the same time; if one fails, the other is closed. Lanes that fail are left out as long as one is left.
   * @throws TiebreakError `plan/…` before anything is loaded if the model cannot fit, `run/cancelled` if the signal
   * fires
   *   or after a later call.
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
    const [started, pool, held] = await Promise.allSettled([
      this.starter.start(request, onProgress, signal),
      poolStarting,
      this.starters.hold?.(request.source),
    ]);
    const fulfilled =
      started.status === 'fulfilled' && pool.status === 'fulfilled' && held.status === 'fulfilled';
    if (fulfilled && !signal.aborted) {
      const { gpus, plan, infos, lanes } = started.value;
      const [lane, ...others] = lanes as [ModelLane, ...ModelLane[]];
      const releaseFiles = held.value ?? (() => {});
      this.loaded = { ...started.value, lane, others, pool: pool.value, releaseFiles };
      const { model, info } = lane;
      const { size: tokenizerWorkers } = pool.value;
      return { ...model, engine: info, lanes: infos, gpus, plan, tokenizerWorkers };
    }
    if (started.status === 'fulfilled') for (const lane of started.value.lanes) lane.close();
    if (pool.status === 'fulfilled') pool.value.close();
    if (held.status === 'fulfilled') held.value?.();
    const failed = [started, pool, held].find((part) => part.status === 'rejected');
    if (!signal.aborted && failed !== undefined) throw failed.reason;
    throw aborted();
  }

  /** The way in which the loaded model reads a row; `pair` without one. */
  get reading(): Reading {
    return this.loaded?.lane.info.reading ?? 'pair';
  }

  /**
   * The tokenizers of the loaded model, which can be used whatever its lanes are doing.
   * @throws TiebreakError `run/not-ready` if there is no model.
   */
  tokenizers(): TokenizerPool {
    return this.known().pool;
  }

  /**
   * The loaded model. Restarts its first lane if that has ended; {@link ModelSlot.readyOthers} does so for further
   * lanes.
   * @throws TiebreakError `run/not-ready`, `run/cancelled`, or whatever loading throws.
   */
  async ready(cancelled: AbortSignal): Promise<Loaded> {
    const loaded = this.known();
    if (loaded.lane.dead) loaded.lane = await this.startAgain(loaded.lane, cancelled);
    return loaded;
  }

  /**
   * The further lanes of the loaded model. Restarts those that have ended.
   * @param onFailure receives each lane that cannot be used now.
   * @throws TiebreakError `run/cancelled`
   */
  async readyOthers(
    cancelled: AbortSignal,
    onFailure: (lane: ModelLane, error: TiebreakError) => void,
  ): Promise<ModelLane[]> {
    const { loaded } = this;
    const ready: ModelLane[] = [];
    for (const [i, lane] of (loaded?.others ?? []).entries()) {
      try {
        const other = lane.dead ? await this.startAgain(lane, cancelled) : lane;
        loaded!.others[i] = other;
        ready.push(other);
      } catch (thrown) {
        const error = asTiebreakError(thrown);
        if (error.code === aborted().code) throw error;
        onFailure(lane, error);
      }
    }
    return ready;
  }

  /**
   * Plans a model that need not be loaded.
   * @param adapters to plan for. Default: its first.
   * @throws TiebreakError if the package cannot be read.
   */
  async planned(request: ModelRequest, adapters?: (string | null)[]): Promise<Planned> {
    const gpus = await this.starter.findGpus(request);
    const { loaded } = this;
    // Loading this very model may have shown how much room there is.
    const isLoaded = request.load !== undefined && request.load === loaded?.request.load;
    const wanted = isLoaded ? withRoom(request, gpus, loaded.foundRoom) : request;
    const nothing = { gpus, plan: null, cpu: null, error: null };
    try {
      if (this.starter.plansCpu(request, gpus)) {
        return { ...nothing, cpu: await this.starters.planCpu!(request, adapters) };
      }
      if (gpus.length === 0) return nothing;
      return { ...nothing, plan: (await this.starters.plan?.(wanted, gpus, adapters)) ?? null };
    } catch (thrown) {
      const error = asTiebreakError(thrown);
      if (!error.code.startsWith('plan/')) throw error;
      return { ...nothing, error: error.toPlain() };
    }
  }

  /**
   * Plans a run of the loaded model with these adapters and rows of up to `maxLength` tokens.
   * @returns tokens of a batch; null if nothing is planned.
   * @throws TiebreakError `plan/…` if it does not fit, or not beside the layers that are loaded on the GPUs.
   */
  async planRun(adapters: readonly (string | null)[], maxLength: number): Promise<number | null> {
    const { request, gpus, plan, foundRoom } = this.known();
    if (this.starter.plansCpu(request, gpus)) {
      return (await this.starters.planCpu!({ ...request, maxLength }, adapters)).batchTokens;
    }
    if (plan === null) return null;
    const wanted = { ...withRoom(request, gpus, foundRoom), lanes: plan.lanes, maxLength };
    const now = await this.starters.plan!(wanted, gpus, adapters);
    for (const { index, gpu, residentLayers } of now.gpus) {
      const loaded = plan.gpus.find((other) => other.index === index);
      if (loaded === undefined || residentLayers >= loaded.residentLayers) continue;
      throw new TiebreakError('plan/reload', {
        params: { maxLength, gpu, room: residentLayers, there: loaded.residentLayers },
      });
    }
    return now.batchTokens;
  }

  private startAgain(ended: ModelLane, cancelled: AbortSignal): Promise<ModelLane> {
    return this.starter.startAgain(ended, AbortSignal.any([cancelled, this.replaced.signal]));
  }

  private known(): Loaded {
    if (this.loaded !== undefined) return this.loaded;
    throw new TiebreakError('run/not-ready:model');
  }

  private unload(): void {
    this.replaced.abort();
    this.replaced = new AbortController();
    for (const lane of [this.loaded?.lane, ...(this.loaded?.others ?? [])]) lane?.close();
    this.loaded?.pool.close();
    this.loaded?.releaseFiles();
    this.loaded = undefined;
  }
}
