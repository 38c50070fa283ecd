import { aborted } from '../../domain/errors.ts';
import { type Place, type PlacePart, placeId } from '../../domain/place.ts';
import { labelsOf } from '../../domain/reading.ts';
import type { FoundGpu } from '../../engine/device/gpus.ts';
import type { BatchBounds, EngineInfo } from '../../engine/engine.ts';
import type { Start } from '../../engine/executor/executor.ts';
import type { LayerRange } from '../../engine/planning/layers.ts';
import type { LoadedEngine } from './engine-api.ts';
import type { LoadProgress, ModelRequest, SplitChoice } from './model-request.ts';
import { slowestOf } from './slowest.ts';
import type { ModelLane } from './start-lanes.ts';

/** A lane on one GPU that has a part of the layers. */
export interface PartLane extends ModelLane {
  rebuild(signal?: AbortSignal): Promise<void>;
  hiddenAfter(
    rows: Int32Array[],
    to: number,
    adapter: number,
    signal?: AbortSignal,
  ): Promise<Float32Array<ArrayBuffer>>;
  logitsAfter(
    rows: Int32Array[],
    start: Start,
    adapter: number,
    signal?: AbortSignal,
  ): Promise<Float32Array>;
}

/** Starts a lane on one GPU with the layers of `request.layers`. */
export type StartPart = (
  request: ModelRequest,
  onProgress: (progress: LoadProgress) => void,
  signal?: AbortSignal,
) => Promise<PartLane>;

/**
 * Largest number of parts in flight: on each GPU one is computed while another arrives or leaves. The hidden states of
 * those two lie in main memory, 29 MB each for 2,048 tokens of a 9B model.
 */
const PARTS_UNDER_WAY = 4;
/** Largest number of these on the first GPU: one is computed while one is read back. */
const PARTS_ON_FIRST = 2;

/**
 * One model on two GPUs. The first has the lower layers; its hidden states pass through main memory to the second,
 * which has the others. When either fails, both are restarted.
 */
export class SplitLane implements ModelLane {
  readonly model: LoadedEngine['model'];
  private readonly split: SplitChoice;
  private readonly first: PartLane;
  private readonly second: PartLane;
  private adapters = 1;
  /** Settles when the first GPU has been given all parts of all previous batches. */
  private given: Promise<unknown> = Promise.resolve();
  /** The latest parts in flight, of any batch. */
  private underWay: readonly Promise<void>[] = [];
  /** Hidden states of the latest parts that the first GPU was given. */
  private reading: readonly Promise<unknown>[] = [];

  private constructor(split: SplitChoice, first: PartLane, second: PartLane) {
    this.split = split;
    this.first = first;
    this.second = second;
    this.model = { ...first.model, engine: this.info };
  }

  /**
   * Starts both halves. Ends both if one fails or the signal fires.
   * @throws TiebreakError of the half that failed first; `gpu/kernels` if our own kernels cannot run.
   */
  static async start(
    request: ModelRequest,
    split: SplitChoice,
    onProgress: (progress: LoadProgress) => void,
    signal: AbortSignal | undefined,
    startPart: StartPart,
  ): Promise<SplitLane> {
    const slowest = slowestOf(2, onProgress);
    const { values, failure } = await together(rangesOf(split), signal, (layers, i, both) => {
      const gpu: FoundGpu = split.gpus[i]!;
      const part = { ...request, split: undefined, gpu, layers, resident: split.resident[i] };
      return startPart(part, (progress) => slowest(i, progress), both);
    });
    const [first = null, second = null] = values;
    if (first !== null && second !== null && !signal?.aborted) {
      return new SplitLane(split, first, second);
    }
    first?.close();
    second?.close();
    throw signal?.aborted ? aborted() : (failure ?? aborted());
  }

  get info(): EngineInfo {
    return joinedInfo(this.first.info, this.second.info);
  }

  get bounds(): BatchBounds {
    const [a, b] = [this.first.bounds, this.second.bounds];
    const most = Math.min(a.maxTokens ?? Infinity, b.maxTokens ?? Infinity);
    return { ...a, ...(Number.isFinite(most) && { maxTokens: most }) };
  }

  get dead(): boolean {
    return this.first.dead || this.second.dead;
  }

  async setAdapters(names: (string | null)[]): Promise<void> {
    await Promise.all([this.first.setAdapters(names), this.second.setAdapters(names)]);
    this.adapters = new Set(names).size;
  }

  /** True: while the second GPU computes the end of a batch, the first is given the beginning of the next. */
  get overlaps(): boolean {
    return true;
  }

  async logits(rows: Int32Array[], signal?: AbortSignal): Promise<Float32Array> {
    const giving = this.given.then(() => this.give(rows, signal));
    this.given = giving.catch(() => {});
    const { out, pending } = await giving;
    await Promise.all(pending);
    return out;
  }

  /**
   * Gives a batch to the first GPU in parts, and the hidden states of each part to the second. Neither GPU waits for
   * hidden states that are read back and transferred: meanwhile the first computes the next part, the second the
   * previous one.
   * @returns once the first GPU has been given all parts; `out` is complete when `pending` has settled.
   */
  private async give(
    rows: Int32Array[],
    signal: AbortSignal | undefined,
  ): Promise<{ out: Float32Array; pending: Promise<void>[] }> {
    const { at, partTokens } = this.split;
    const labels = labelsOf(this.info.reading);
    const out = new Float32Array(labels * rows.length * this.adapters);
    const pending: Promise<void>[] = [];
    let place = 0;
    for (let adapter = 0; adapter < this.adapters; adapter += 1) {
      for (const part of partsOf(rows, partTokens)) {
        // A failed part of an earlier batch is handled by that batch; a failed part of this one throws here.
        await this.underWay.at(-PARTS_UNDER_WAY)?.catch(() => {});
        await pending.at(-PARTS_UNDER_WAY);
        await this.reading.at(-PARTS_ON_FIRST)?.catch(() => {});
        const hidden = this.first.hiddenAfter(part, at, adapter, signal);
        this.reading = [...this.reading, hidden].slice(-PARTS_ON_FIRST);
        const to = place;
        const finishing = hidden.then(async (hidden) => {
          const start = { layer: at, hidden };
          out.set(await this.second.logitsAfter(part, start, adapter, signal), to);
        });
        // `logits` awaits this, unless an earlier failure has made it useless.
        finishing.catch(() => {});
        pending.push(finishing);
        this.underWay = [...this.underWay, finishing].slice(-PARTS_UNDER_WAY);
        place += labels * part.length;
      }
    }
    return { out, pending };
  }

  /** Restarts both halves, whichever failed: the parts in flight on the other one are useless. */
  async rebuild(signal?: AbortSignal): Promise<void> {
    const halves = [this.first, this.second];
    const { failure } = await together(halves, signal, (half, _, both) => half.rebuild(both));
    if (failure !== undefined) throw failure;
  }

  interrupt(): void {
    this.first.interrupt?.();
    this.second.interrupt?.();
  }

  close(): void {
    this.first.close();
    this.second.close();
  }
}

/**
 * Runs `work` for each half at the same time, and stops the others when one fails. Resolves when all have settled.
 * @returns the result of each half, null if it failed, and the first error.
 */
async function together<T, U>(
  halves: readonly T[],
  signal: AbortSignal | undefined,
  work: (half: T, i: number, both: AbortSignal) => Promise<U>,
): Promise<{ values: (U | null)[]; failure: unknown }> {
  const stop = new AbortController();
  const both = signal === undefined ? stop.signal : AbortSignal.any([signal, stop.signal]);
  let failure: unknown;
  const working = halves.map(async (half, i) => {
    try {
      return await work(half, i, both);
    } catch (thrown) {
      failure ??= thrown;
      stop.abort();
      return null;
    }
  });
  return { values: await Promise.all(working), failure };
}

/** Divides rows, in order, into parts of at most `tokens` tokens; a longer row is a part of its own. */
export function partsOf(rows: readonly Int32Array[], tokens: number): Int32Array[][] {
  const parts: Int32Array[][] = [];
  let room = 0;
  for (const row of rows) {
    if (row.length > room || parts.length === 0) {
      parts.push([]);
      room = tokens;
    }
    parts.at(-1)!.push(row);
    room -= row.length;
  }
  return parts;
}

function rangesOf({ at, layers }: SplitChoice): [LayerRange, LayerRange] {
  return [
    { from: 0, to: at },
    { from: at, to: layers },
  ];
}

/** Ranks precisions: a larger number is more exact. */
const EXACTNESS = { int8: 0, float16: 1, float32: 2 } as const;

/** Joins the facts of two GPUs that share the layers, as if they were one device. */
function joinedInfo(a: EngineInfo, b: EngineInfo): EngineInfo {
  const sum = (bytes: (info: EngineInfo) => number) => bytes(a) + bytes(b);
  // The less exact half decides the precision of the whole.
  const place: Place = { kind: 'split', parts: [partOf(a), partOf(b)] };
  const { variant, precision } = EXACTNESS[a.precision] <= EXACTNESS[b.precision] ? a : b;
  return {
    ...a,
    variant,
    precision,
    place,
    computesOn: placeId(place),
    refusals: [...a.refusals, ...b.refusals],
    residentLayers: sum(({ residentLayers }) => residentLayers),
    streamedBytes: sum(({ streamedBytes }) => streamedBytes),
    weightBytes: sum(({ weightBytes }) => weightBytes),
    adapterBytes: sum(({ adapterBytes }) => adapterBytes),
    // The peaks of the halves are for whole batches, but they get parts of batches. The plan knows the memory of these.
    peakBytes: null,
    selfTest: a.selfTest === null || b.selfTest === null ? null : Math.max(a.selfTest, b.selfTest),
    range: undefined,
    parts: [a, b],
  };
}

function partOf({ place, variant, range }: EngineInfo): PlacePart {
  return { from: range!.from + 1, to: range!.to, place, variant };
}
