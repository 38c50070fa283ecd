import { asTiebreakError, TiebreakError, throwIfAborted } from '../../domain/errors.ts';
import { compareIds } from '../../domain/ids.ts';
import { labelsOf, type Reading } from '../../domain/reading.ts';
import type { TokenizedText } from '../../domain/truncate.ts';
import { planBatches } from '../../engine/planning/batches.ts';
import type { SeenText } from '../../tokens/seen.ts';
import { planOf } from '../lanes/lane.ts';
import { failureKind } from '../lanes/recovery.ts';
import type { ModelLane } from '../lanes/start-lanes.ts';
import { limitsOf } from '../rows/batches.ts';
import type { Explored, ExploreRequest, TokensRequest } from './explore-api.ts';
import type { ModelSlot } from './model-slot.ts';

/** A call in progress. */
interface Call {
  abort: AbortController;
  /** Settles when the call no longer uses the model. */
  done: Promise<unknown>;
}

/**
 * Scores single texts with the model that runs use. Only the latest call matters: a new call cancels the previous one.
 * A run ends the call in progress and excludes new ones.
 */
export class ExploreService {
  private readonly model: ModelSlot;
  private call: Call | null = null;
  /** Number of runs that are waiting or in progress. */
  private runs = 0;

  constructor(model: ModelSlot) {
    this.model = model;
  }

  /**
   * Logits of texts, batched as a run would batch them, so that they are the numbers of a run.
   * @throws TiebreakError `explore/busy` during a run, `plan/…` if the texts do not fit, `run/cancelled` after a later
   *   call, a run or {@link ExploreService.stop}, or whatever tokenizing and scoring throw.
   */
  score(request: ExploreRequest): Promise<Explored> {
    if (this.runs > 0) {
      return Promise.reject(new TiebreakError('explore/busy'));
    }
    const previous = this.call;
    previous?.abort.abort();
    const abort = new AbortController();
    const scoring = this.scoreAfter(previous, request, abort.signal);
    const done = scoring.catch(() => undefined);
    this.call = { abort, done };
    return scoring;
  }

  /** The tokens of a text, with their parts. */
  async tokens({ pair, swapped, settings }: TokensRequest): Promise<SeenText> {
    const [text] = await this.model
      .tokenizers()
      .tokenize([{ pair, swapped, explain: true }], settings);
    return text!.seen!;
  }

  /** Cancels the call in progress. */
  stop(): void {
    this.call?.abort.abort();
  }

  /**
   * Runs `work`, which is a run: cancels the call in progress, waits for its end, and refuses calls until `work` ends.
   */
  async duringRun<T>(work: () => Promise<T>): Promise<T> {
    this.runs += 1;
    this.stop();
    try {
      await this.call?.done;
      return await work();
    } finally {
      this.runs -= 1;
    }
  }

  private async scoreAfter(
    previous: Call | null,
    { texts: jobs, adapters, settings }: ExploreRequest,
    signal: AbortSignal,
  ): Promise<Explored> {
    await previous?.done;
    throwIfAborted(signal);
    const began = performance.now();
    const { lane, pool } = await this.model.ready(signal);
    const texts = await pool.tokenize(jobs, settings, signal);
    const names = [...new Set(adapters)];
    const planned = await this.model.planRun(names, settings.maxLength);
    const { reading } = lane.info;
    const [places, distinct] = distinctTexts(jobs, texts, reading);
    const compute = async (together: boolean) => {
      throwIfAborted(signal);
      await lane.setAdapters(names);
      // A batch of one row takes the least memory.
      const batchTokens = together ? (planned ?? undefined) : 1;
      return logitsOf(lane, distinct, names.length, batchTokens, signal);
    };
    let logits: Float32Array;
    try {
      logits = await compute(true);
    } catch (thrown) {
      if (!canRepair(thrown, lane)) throw thrown;
      throwIfAborted(signal);
      await lane.rebuild?.(signal);
      logits = await compute(false);
    }
    return {
      adapters: names,
      logits: spread(logits, [names.length, distinct.length, labelsOf(reading)], places),
      facts: texts.map(({ ids, length, truncated, cut }) => ({
        tokens: ids.length,
        length,
        truncated,
        cut,
      })),
      engine: lane.info,
      seconds: (performance.now() - began) / 1000,
    };
  }
}

/**
 * The distinct texts, and for each text its index among them: like a run, this scores equal texts once. Texts are
 * compared before they are cut, because a run computes twice what becomes equal only by cutting.
 */
function distinctTexts(
  jobs: ExploreRequest['texts'],
  texts: readonly TokenizedText[],
  reading: Reading,
): [number[], Int32Array[]] {
  const known = new Map<string, number>();
  const distinct: Int32Array[] = [];
  const places = texts.map(({ ids }, i) => {
    const { pair, swapped } = jobs[i]!;
    const { prompt, responseA: a, responseB: b } = pair;
    const [first, second] = swapped ? [b, a] : [a, b];
    const key = JSON.stringify(reading === 'reward' ? [prompt, first] : [prompt, first, second]);
    const place = known.get(key) ?? distinct.length;
    if (place === distinct.length) {
      known.set(key, place);
      distinct.push(ids);
    }
    return place;
  });
  return [places, distinct];
}

/**
 * Logits [adapters, rows, labels] of rows of any lengths.
 * @param batchTokens of a batch. Default: what suits the lane.
 */
async function logitsOf(
  lane: ModelLane,
  rows: readonly Int32Array[],
  adapters: number,
  batchTokens: number | undefined,
  signal: AbortSignal,
): Promise<Float32Array> {
  // Rows are in the order of a run's batches, because the last digits of float32 sums depend on the place in a batch.
  const order = rows
    .map((_, i) => i)
    .sort((a, b) => rows[b]!.length - rows[a]!.length || compareIds(rows[a]!, rows[b]!));
  const lengths = order.map((i) => rows[i]!.length);
  const limits = limitsOf(planOf([lane], batchTokens));
  const labels = labelsOf(lane.info.reading);
  const logits = new Float32Array(adapters * rows.length * labels);
  for (const { start, end } of planBatches(lengths, limits)) {
    throwIfAborted(signal);
    const members = order.slice(start, end);
    const batch = members.map((i) => rows[i]!);
    const values = await interruptible(lane, batch, signal);
    for (let a = 0; a < adapters; a += 1) {
      for (const [m, i] of members.entries()) {
        const at = labels * (a * members.length + m);
        logits.set(values.subarray(at, at + labels), labels * (a * rows.length + i));
      }
    }
  }
  return logits;
}

/**
 * Scores a batch that the signal ends at the next layer. The signal is not passed to the lane: it would terminate a
 * worker that reacts slowly and load the model again, which typing a letter must not cost.
 */
async function interruptible(
  lane: ModelLane,
  batch: Int32Array[],
  signal: AbortSignal,
): Promise<Float32Array> {
  const interrupt = () => lane.interrupt?.();
  signal.addEventListener('abort', interrupt, { once: true });
  try {
    return await lane.logits(batch);
  } finally {
    signal.removeEventListener('abort', interrupt);
  }
}

/** True if the same work may succeed after a restart of the device. */
function canRepair(thrown: unknown, lane: ModelLane): boolean {
  if (lane.rebuild === undefined || lane.dead) return false;
  const kind = failureKind(asTiebreakError(thrown), { tokens: 0 }, { largestDone: 0 });
  return kind === 'memory' || kind === 'device';
}

/** Logits [adapters, texts, labels] of every text, from those [adapters, rows, labels] of the distinct texts. */
function spread(
  logits: Float32Array,
  [adapters, rows, labels]: [number, number, number],
  places: readonly number[],
): Float32Array {
  const all = new Float32Array(adapters * places.length * labels);
  for (let a = 0; a < adapters; a += 1) {
    for (const [text, place] of places.entries()) {
      const at = labels * (a * rows + place);
      all.set(logits.subarray(at, at + labels), labels * (a * places.length + text));
    }
  }
  return all;
}
