import { aborted, asTiebreakError } from '../../domain/errors.ts';
import type { FoundGpu } from '../../engine/device/gpus.ts';
import { isMemoryFailure } from '../../engine/device/memory-failure.ts';
import type { GpuPlan, ModelPlan } from '../../engine/model-plan.ts';
import type { CpuPlan } from '../../engine/planning/cpu-memory.ts';
import type { Resident } from '../../engine/planning/layers.ts';
import type { TokenizerPool } from '../../tokens/pool.ts';
import type { LoadedEngine } from './engine-api.ts';
import { withRoom } from './gpu-budget.ts';
import type { Lane } from './lane.ts';
import type { LaneInfo, LoadProgress, ModelRequest, SplitChoice } from './model-request.ts';
import type { ModelSource } from './model-source.ts';
import { slowestOf } from './slowest.ts';

/** A lane that holds a model until it is closed. */
export interface ModelLane extends Lane {
  readonly model: LoadedEngine['model'];
  /** True once it has been ended: the model must be loaded again. */
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
  /**
   * Keeps a model's files as they are until what it returns is called, also while no lane holds them because one is
   * started again; left out: nobody could change them.
   */
  hold?(source: ModelSource): Promise<() => void>;
  /** The GPUs that there are, the fast one first; left out: nobody looks for them. */
  gpus?(): Promise<FoundGpu[]>;
  /**
   * Plans a model with its first adapter or with those that are given; left out: nothing is planned.
   * @throws TiebreakError
   */
  plan?(
    request: ModelRequest,
    gpus: readonly FoundGpu[],
    adapters?: readonly (string | null)[],
  ): Promise<ModelPlan>;
  /** The same for the CPU. */
  planCpu?(request: ModelRequest, adapters?: readonly (string | null)[]): Promise<CpuPlan>;
}

/** Codes of failures after which another way to use the GPUs may do. */
const OF_DEVICES = /^(engine|gpu|internal|plan)\//;

/** A lane that is to be started. */
interface Wanted {
  /** Null: whatever the browser gives. */
  name: string | null;
  request: ModelRequest;
}

/** The lanes that started, and facts about all that were asked for. */
interface StartedLanes {
  lanes: ModelLane[];
  infos: LaneInfo[];
}

/** The same, with what it was planned from. */
export interface StartedPlan extends StartedLanes {
  request: ModelRequest;
  gpus: FoundGpu[];
  plan: ModelPlan | null;
  /** Bytes that there turned out to be on the first GPU, where they were too few; null: there was no such trouble. */
  foundRoom: number | null;
}

/** Finds GPUs and starts lanes on them, as a plan says. */
export class LaneStarter {
  private readonly starters: ModelStarters;
  /** The requests from which lanes are started again. */
  private readonly requests = new WeakMap<ModelLane, ModelRequest>();

  constructor(starters: ModelStarters) {
    this.starters = starters;
  }

  /** True where GPUs are to be looked for. */
  private looksForGpus({ device }: ModelRequest): boolean {
    return device !== 'wasm' && this.starters.gpus !== undefined;
  }

  /** True where the CPU will compute, as far as is known, and somebody plans it. */
  plansCpu({ device }: ModelRequest, gpus: readonly FoundGpu[]): boolean {
    return gpus.length === 0 && device !== 'webgpu' && this.starters.planCpu !== undefined;
  }

  /**
   * The GPUs that may compute. One that the processor imitates is much slower than the processor itself, so it is used
   * only if it was asked for.
   */
  async findGpus(request: ModelRequest): Promise<FoundGpu[]> {
    if (!this.looksForGpus(request)) return [];
    const gpus = (await this.starters.gpus?.()) ?? [];
    return request.device === 'webgpu' ? gpus : gpus.filter(({ fallback }) => !fallback);
  }

  /**
   * Plans a model and starts what the plan says.
   * @throws TiebreakError `plan/…` when it cannot fit, what the first lane threw when none can be used,
   * `run/cancelled`.
   */
  async start(
    request: ModelRequest,
    onProgress: (progress: LoadProgress) => void,
    signal: AbortSignal,
  ): Promise<StartedPlan> {
    const { lanes: choice = 'auto' } = request;
    // Without anybody who looks for GPUs the lane is started at once.
    const gpus = this.looksForGpus(request) ? await this.findGpus(request) : [];
    const plan = gpus.length === 0 ? null : ((await this.starters.plan?.(request, gpus)) ?? null);
    // Nothing is chosen by it, but what cannot fit is refused.
    if (this.plansCpu(request, gpus)) await this.starters.planCpu!(request);
    const start = async (
      by: ModelPlan | null,
      foundRoom: number | null = null,
    ): Promise<StartedPlan> => {
      const started = await this.startAll(wantedLanes(request, gpus, by), onProgress, signal);
      const refused = (by?.refused ?? []).map(({ gpu, error }) => ({
        name: gpu,
        engine: null,
        error,
      }));
      const infos = [...started.infos, ...refused];
      return { ...started, infos, request, gpus, plan: by, foundRoom };
    };
    if (plan === null || choice !== 'auto' || gpus.length < 2) return start(plan);
    const { started, foundRoom } = await this.startWhole(request, gpus, plan, onProgress, signal);
    if (started !== null) return { ...started, request, gpus, plan, foundRoom };
    const { shared, failures } = await this.startShared(request, gpus, plan, foundRoom, start);
    if (shared !== null) return shared;
    // Two do not do either: one reads its layers again.
    const one =
      plan.lanes === 'one' ? plan : await this.starters.plan!({ ...request, lanes: 'one' }, gpus);
    const alone = await start(one);
    return { ...alone, infos: [...alone.infos, ...failures] };
  }

  /**
   * Starts one GPU where the plan has all layers on it. Only loading tells whether there is room: if not, nothing is
   * left out.
   * @returns `foundRoom`: the bytes for which there was.
   */
  private async startWhole(
    request: ModelRequest,
    gpus: readonly FoundGpu[],
    plan: ModelPlan,
    onProgress: (progress: LoadProgress) => void,
    signal: AbortSignal,
  ): Promise<{ started: StartedLanes | null; foundRoom: number | null }> {
    const [only] = plan.gpus;
    if (plan.lanes !== 'one' || only!.variant === null || only!.streamedBytes > 0) {
      return { started: null, foundRoom: null };
    }
    let loaded = 0;
    const watched = (progress: LoadProgress) => {
      loaded = Math.max(loaded, progress.layers ?? 0);
      onProgress(progress);
    };
    try {
      const strict = wantedLanes({ ...request, mayStream: false }, gpus, plan);
      return { started: await this.startAll(strict, watched, signal), foundRoom: null };
    } catch (thrown) {
      if (!isMemoryFailure(asTiebreakError(thrown)) || loaded === 0) throw thrown;
      return {
        started: null,
        foundRoom: Math.floor((only!.weightBytes * loaded) / plan.layers),
      };
    }
  }

  /** Starts two GPUs that share the layers, where the plan says so or one turned out to be too small. */
  private async startShared(
    request: ModelRequest,
    gpus: readonly FoundGpu[],
    plan: ModelPlan,
    foundRoom: number | null,
    start: (by: ModelPlan, foundRoom: number | null) => Promise<StartedPlan>,
  ): Promise<{ shared: StartedPlan | null; failures: LaneInfo[] }> {
    try {
      const wanted =
        foundRoom === null
          ? plan
          : await this.starters.plan!(withRoom(request, gpus, foundRoom), gpus);
      if (wanted.lanes !== 'split') return { shared: null, failures: [] };
      return { shared: await start(wanted, foundRoom), failures: [] };
    } catch (thrown) {
      const error = asTiebreakError(thrown);
      if (!OF_DEVICES.test(error.code)) throw error;
      const name = gpus.slice(0, 2).map((gpu) => gpu.name);
      return {
        shared: null,
        failures: [{ name: name.join(' + '), engine: null, error: error.toPlain() }],
      };
    }
  }

  /** Starts a lane again that was ended. @throws TiebreakError `run/cancelled` when the signal fires. */
  async startAgain(ended: ModelLane, signal: AbortSignal): Promise<ModelLane> {
    // Of two GPUs that share the layers one may be alive.
    ended.close();
    const lane = await this.startLane(this.requests.get(ended)!, () => {}, signal);
    if (!signal.aborted) return lane;
    lane.close();
    throw aborted();
  }

  private async startLane(
    request: ModelRequest,
    onProgress: (progress: LoadProgress) => void,
    signal: AbortSignal,
  ): Promise<ModelLane> {
    const lane = await this.starters.lane(request, onProgress, signal);
    this.requests.set(lane, { ...request, mayStream: true });
    return lane;
  }

  /**
   * Starts lanes at the same time. Those that fail are left out.
   * @throws what the first one threw, when none can be used.
   */
  private async startAll(
    wanted: Wanted[],
    onProgress: (progress: LoadProgress) => void,
    signal: AbortSignal,
  ): Promise<StartedLanes> {
    const slowest = slowestOf(wanted.length, onProgress);
    const started = await Promise.allSettled(
      wanted.map(({ request }, i) =>
        this.startLane(request, (progress) => slowest(i, progress), signal),
      ),
    );
    const lanes = started.flatMap((lane) => (lane.status === 'fulfilled' ? [lane.value] : []));
    const [first] = started;
    if (lanes.length === 0 && first?.status === 'rejected') throw first.reason;
    const infos = started.map((lane, i): LaneInfo => {
      if (lane.status === 'fulfilled') {
        const engine = lane.value.info;
        return { name: wanted[i]!.name ?? engine.computesOn, engine, error: null };
      }
      const error = asTiebreakError(lane.reason).toPlain();
      return { name: wanted[i]!.name!, engine: null, error };
    });
    return { infos, lanes };
  }
}

/** The lanes of a plan. */
function wantedLanes(
  request: ModelRequest,
  gpus: readonly FoundGpu[],
  plan: ModelPlan | null,
): Wanted[] {
  if (plan?.lanes === 'split') {
    const [first, second] = plan.gpus as [GpuPlan, GpuPlan];
    const split: SplitChoice = {
      gpus: [gpus[0]!, gpus[1]!],
      at: second.range.from,
      layers: plan.layers,
      partTokens: Math.min(first.batchTokens, second.batchTokens),
      resident: [residentOf(first), residentOf(second)],
    };
    return [{ name: null, request: { ...request, split } }];
  }
  if (request.lanes !== 'all' || gpus.length < 2) {
    const [only] = plan?.gpus ?? [];
    const resident = only === undefined ? request.resident : residentOf(only);
    return [{ name: null, request: { ...request, resident } }];
  }
  return gpus.flatMap((gpu, i) => {
    const planned = plan?.gpus.find(({ index }) => index === i);
    if (plan !== null && planned === undefined) return [];
    const resident = planned === undefined ? request.resident : residentOf(planned);
    return [{ name: gpu.name, request: { ...request, gpu, resident } }];
  });
}

function residentOf({ range, residentLayers, streamedBytes }: GpuPlan): Resident | undefined {
  return streamedBytes === 0 && residentLayers === range.to - range.from
    ? undefined
    : residentLayers;
}
