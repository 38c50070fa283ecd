import { aborted, asTiebreakError, TiebreakError } from '../core/errors.ts';
import type { FoundGpu } from '../engine/gpus.ts';
import type { TokenizerPool } from '../tokens/pool.ts';
import type { LaneInfo, LoadProgress, ModelInfo, ModelRequest } from './api.ts';
import type { LoadedEngine } from './engine-api.ts';
import type { Lane } from './run.ts';

/** A lane that holds a model until it is closed. */
export interface ModelLane extends Lane {
  readonly model: LoadedEngine['model'];
  /** Has it been ended, so that the model must be loaded again? */
  readonly dead: boolean;
  /** The GPU that was asked for, where there are several. */
  readonly gpu?: FoundGpu;
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
  /** The GPUs that there are, the fast one first; left out: nobody looks for them. */
  gpus?(softwareTwice: boolean): Promise<FoundGpu[]>;
}

interface Loaded {
  request: ModelRequest;
  /** The first lane. */
  lane: ModelLane;
  /** Lanes on further GPUs. */
  others: ModelLane[];
  pool: TokenizerPool;
}

/** Holds one model at a time: its lanes and its tokenizers. */
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
   * load at the same time; when one fails, the other is ended. Of several lanes those that fail are left out.
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
    const [started, pool] = await Promise.allSettled([
      this.startLanes(request, onProgress, signal),
      poolStarting,
    ]);
    if (started.status === 'fulfilled' && pool.status === 'fulfilled' && !signal.aborted) {
      const { gpus, infos, lanes } = started.value;
      const [lane, ...others] = lanes as [ModelLane, ...ModelLane[]];
      this.loaded = { request, lane, others, pool: pool.value };
      const { model, info } = lane;
      return { ...model, engine: info, lanes: infos, gpus, tokenizerWorkers: pool.value.size };
    }
    if (started.status === 'fulfilled') for (const lane of started.value.lanes) lane.close();
    if (pool.status === 'fulfilled') pool.value.close();
    if (!signal.aborted && started.status === 'rejected') throw started.reason;
    if (!signal.aborted && pool.status === 'rejected') throw pool.reason;
    throw aborted();
  }

  /**
   * The tokenizers of the loaded model, whatever its lane is doing.
   * @throws TiebreakError `run/not-ready` when there is no model.
   */
  tokenizers(): TokenizerPool {
    return this.known().pool;
  }

  /**
   * The loaded model; loads it again when its worker had to be ended. Further lanes are looked after by
   * {@link ModelSlot.readyOthers}.
   */
  async ready(cancelled: AbortSignal): Promise<Loaded> {
    const loaded = this.known();
    if (loaded.lane.dead) loaded.lane = await this.startAgain(loaded.lane, loaded, cancelled);
    return loaded;
  }

  /**
   * The further lanes of the loaded model; those that had to be ended are started again.
   * @param onFailure hears of each that cannot be used now; the others are.
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
        const other = lane.dead ? await this.startAgain(lane, loaded!, cancelled) : lane;
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

  private async startAgain(
    { gpu }: ModelLane,
    { request }: Loaded,
    cancelled: AbortSignal,
  ): Promise<ModelLane> {
    const signal = AbortSignal.any([cancelled, this.replaced.signal]);
    const lane = await this.starters.lane({ ...request, gpu }, () => {}, signal);
    if (!signal.aborted) return lane;
    lane.close();
    throw aborted();
  }

  /** Starts the lanes that are asked for. @throws what the first one threw, when none can be used. */
  private async startLanes(
    request: ModelRequest,
    onProgress: (progress: LoadProgress) => void,
    signal: AbortSignal,
  ): Promise<{ gpus: FoundGpu[]; infos: LaneInfo[]; lanes: ModelLane[] }> {
    const { device, lanes: choice, softwareTwice = false } = request;
    const { gpus: find } = this.starters;
    const gpus = device === 'wasm' || find === undefined ? [] : await find(softwareTwice);
    const wanted = choice === 'all' && gpus.length > 1 ? gpus : [undefined];
    const slowest = slowestOf(wanted.length, onProgress);
    const started = await Promise.allSettled(
      wanted.map((gpu, i) =>
        this.starters.lane({ ...request, gpu }, (progress) => slowest(i, progress), signal),
      ),
    );
    const lanes = started.flatMap((lane) => (lane.status === 'fulfilled' ? [lane.value] : []));
    const [first] = started;
    if (lanes.length === 0 && first?.status === 'rejected') throw first.reason;
    const infos = started.map((lane, i): LaneInfo => {
      if (lane.status === 'fulfilled') {
        const engine = lane.value.info;
        return { name: wanted[i]?.name ?? engine.computesOn, engine, error: null };
      }
      const error = asTiebreakError(lane.reason).toPlain();
      return { name: wanted[i]!.name, engine: null, error };
    });
    return { gpus, infos, lanes };
  }

  private known(): Loaded {
    if (this.loaded !== undefined) return this.loaded;
    throw new TiebreakError('run/not-ready', 'There is no model yet.', {
      action: 'Choose a model first.',
    });
  }

  private unload(): void {
    this.replaced.abort();
    this.replaced = new AbortController();
    for (const lane of [this.loaded?.lane, ...(this.loaded?.others ?? [])]) lane?.close();
    this.loaded?.pool.close();
    this.loaded = undefined;
  }
}

/** Of the progress of several lanes that load at once, the one that is behind. */
function slowestOf(
  lanes: number,
  onProgress: (progress: LoadProgress) => void,
): (lane: number, progress: LoadProgress) => void {
  const latest = new Array<LoadProgress>(lanes).fill({ step: 'device', fraction: 0 });
  return (lane, progress) => {
    latest[lane] = progress;
    const behind = latest.reduce((a, b) => (isBehind(b, a) ? b : a));
    onProgress(behind);
  };
}

function isBehind(a: LoadProgress, b: LoadProgress): boolean {
  if (a.step !== b.step) return a.step === 'device';
  return a.fraction < b.fraction;
}
