import { aborted, asTiebreakError } from '../../domain/errors.ts';
import type { FoundGpu } from '../../engine/device/gpus.ts';
import { isMemoryFailure } from '../../engine/device/memory-failure.ts';
import type { GpuPlan, ModelPlan } from '../../engine/model-plan.ts';
import type { CpuPlan } from '../../engine/planning/cpu-memory.ts';
import type { Resident } from '../../engine/planning/layers.ts';
import type { TokenizerPool } from '../../tokens/pool/pool.ts';
import type { LoadedEngine } from './engine-api.ts';
import { withRoom } from './gpu-budget.ts';
import type { Lane } from './lane.ts';
import type { LaneInfo, LoadProgress, ModelRequest, SplitChoice } from './model-request.ts';
import type { ModelSource } from './model-source.ts';
import { slowestOf } from './slowest.ts';

/** A lane that owns a model until it is closed. */
export interface ModelLane extends Lane {
  readonly model: LoadedEngine['model'];
  /** True once the lane has ended: the model must be loaded again. */
  readonly dead: boolean;
  setAdapters(names: (string | null)[]): Promise<void>;
  /** Makes the batch in progress reject with `run/cancelled` at the next layer, and never ends the worker for it. */
  interrupt?(): void;
  close(): void;
}

/** Functions that start the parts of a model, plan it and find GPUs. */
export interface ModelStarters {
  /** Rejects with `run/cancelled` when the signal fires. */
  lane(
    request: ModelRequest,
    onProgress: (progress: LoadProgress) => void,
    signal: AbortSignal,
  ): Promise<ModelLane>;
  pool(request: ModelRequest): Promise<TokenizerPool>;
  /**
   * Protects a model's files from changes until the returned function is called, also between the end of a lane and its
   * restart. Left out if nobody can change them.
   */
  hold?(source: ModelSource): Promise<() => void>;
  /** Finds GPUs, the fast one first. Left out, none are looked for. */
  gpus?(): Promise<FoundGpu[]>;
  /**
   * Plans a model with its first adapter, or with `adapters`. Left out, nothing is planned.
   * @throws TiebreakError `plan/…` if it does not fit, or whatever opening the package throws.
   */
  plan?(
    request: ModelRequest,
    gpus: readonly FoundGpu[],
    adapters?: readonly (string | null)[],
  ): Promise<ModelPlan>;
  /** Plans a model for the CPU, likewise. */
  planCpu?(request: ModelRequest, adapters?: readonly (string | null)[]): Promise<CpuPlan>;
}

/** Codes of failures after which another way to use the GPUs may succeed. */
const OF_DEVICES = /^(engine|gpu|internal|plan)\//;

/** A lane to start. */
interface Wanted {
  /** Name of its GPU; null for the device that the browser chooses. */
  name: string | null;
  request: ModelRequest;
}

/** The lanes that started, and facts about all that were requested. */
interface StartedLanes {
  lanes: ModelLane[];
  infos: LaneInfo[];
}

/** Started lanes, with the request and the plan that led to them. */
export interface StartedPlan extends StartedLanes {
  request: ModelRequest;
  gpus: FoundGpu[];
  plan: ModelPlan | null;
  /** Bytes for which loading found room on the first GPU, if they were too few; else null. */
  foundRoom: number | null;
}

/** Finds GPUs and starts lanes on them, by a plan. */
export class LaneStarter {
  private readonly starters: ModelStarters;
  /** The request of each lane, with which it is restarted. */
  private readonly requests = new WeakMap<ModelLane, ModelRequest>();

  constructor(starters: ModelStarters) {
    this.starters = starters;
  }

  /** True if a request allows GPUs and there is a function that finds them. */
  private looksForGpus({ device }: ModelRequest): boolean {
    return device !== 'wasm' && this.starters.gpus !== undefined;
  }

  /** True if the CPU will compute, as far as is known, and there is a function that plans it. */
  plansCpu({ device }: ModelRequest, gpus: readonly FoundGpu[]): boolean {
    return gpus.length === 0 && device !== 'webgpu' && this.starters.planCpu !== undefined;
  }

  /**
   * The GPUs that may compute. A software GPU is much slower than the processor that emulates it, so it is used only if
   * the request names WebGPU.
   */
  async findGpus(request: ModelRequest): Promise<FoundGpu[]> {
    if (!this.looksForGpus(request)) return [];
    const gpus = (await this.starters.gpus?.()) ?? [];
    return request.device === 'webgpu' ? gpus : gpus.filter(({ fallback }) => !fallback);
  }

  /**
   * Plans a model and starts its lanes. In the automatic choice these are tried in turn: one GPU with all layers, two
   * that share the layers, and one that reads layers again for every batch.
   * @throws TiebreakError `plan/…` if the model cannot fit, the error of the first lane if none can be used, or
   *   `run/cancelled`.
   */
  async start(
    request: ModelRequest,
    onProgress: (progress: LoadProgress) => void,
    signal: AbortSignal,
  ): Promise<StartedPlan> {
    const { lanes: choice = 'auto' } = request;
    // If none are looked for, the lane starts in this very task.
    const gpus = this.looksForGpus(request) ? await this.findGpus(request) : [];
    const plan = gpus.length === 0 ? null : ((await this.starters.plan?.(request, gpus)) ?? null);
    // This plan chooses nothing, but refuses a model that cannot fit.
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
    // Two GPUs are not enough either, so one reads layers again for every batch.
    const one =
      plan.lanes === 'one' ? plan : await this.starters.plan!({ ...request, lanes: 'one' }, gpus);
    const alone = await start(one);
    return { ...alone, infos: [...alone.infos, ...failures] };
  }

  /**
   * Starts one GPU with all layers, if that is the plan. No browser tells how much memory is free, so only loading
   * shows if there is room; here it fails rather than leaving layers out.
   * @returns `started` null if it is not the plan or memory was short; then `foundRoom` has the bytes that did fit.
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

  /** Starts two GPUs that share the layers, if that is the plan or one GPU turned out to be too small. */
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

  /** Restarts a lane that has ended. @throws TiebreakError `run/cancelled` if the signal fires. */
  async startAgain(ended: ModelLane, signal: AbortSignal): Promise<ModelLane> {
    // One of two GPUs that share the layers may still be alive.
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
   * Starts lanes at the same time and leaves out those that fail.
   * @throws the error of the first lane if none can be used.
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

/** The lanes to start for a request and its plan. */
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
