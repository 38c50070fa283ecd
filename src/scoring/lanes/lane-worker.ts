import { asTiebreakError, TiebreakError, throwIfAborted } from '../../domain/errors.ts';
import { padLength } from '../../engine/planning/batches.ts';
import { packedTokens } from '../../engine/planning/prefixes.ts';
import type { Batch } from '../rows/batches.ts';
import { halves, type QueuedBatch, type WorkQueue } from '../rows/work-queue.ts';
import type { Lane } from './lane.ts';
import type { Incident } from './lane-events.ts';
import { LaneRates } from './lane-rates.ts';
import { decide, type FailureKind, failureKind } from './recovery.ts';
import { hangLimit, realTimers, type Timers, within } from './watchdog.ts';

/** Times of recovery in milliseconds, which tests change. */
export interface RecoveryOptions {
  /** Least time before a batch counts as hung. */
  hangMs?: number;
  timers?: Timers;
  /** Pause before each attempt to restart a lane. */
  rebuildWaits?: readonly number[];
  /** Time after which a restart counts as hung. */
  rebuildMs?: number;
}

/** Pauses in milliseconds: a driver may refuse to open a device for some seconds after a reset. */
const REBUILD_WAITS = [0, 2000, 10_000];
/** Half an hour, in milliseconds: loading 6 GB from a slow host takes long, and only a driver that hangs exceeds it. */
const REBUILD_MS = 1_800_000;

interface LaneWorkerOptions {
  lane: Lane;
  /** Number of the lane, counted from 1. */
  number: number;
  queue: WorkQueue;
  /** Rates of all lanes that draw from the same queue. Default: this lane is the only one. */
  rates?: LaneRates;
  signal: AbortSignal;
  /** Receives the logits of a batch or of a part of one. If it fails, the run ends. */
  onBatch: (batch: Batch, logits: Float32Array, lane: number) => void | Promise<void>;
  onIncident: (incident: Incident) => void;
  recovery?: RecoveryOptions;
}

/** A batch that a lane is computing. */
interface Flight {
  work: QueuedBatch;
  /** The other parts of the batch, if it was too large for the lane. */
  rest: QueuedBatch[];
  logits: Promise<Float32Array>;
}

/**
 * Draws batches from the queue for one lane until none is left, and recovers the lane when it fails. A lane that
 * overlaps is given the next batch while it computes one, so that its GPU is never idle: at most two are in flight, and
 * a failure returns both to the queue.
 */
export class LaneWorker {
  private readonly options: LaneWorkerOptions;
  private readonly timers: Timers;
  private readonly rates: LaneRates;
  private failures = 0;
  private largestDone = 0;
  /** Largest batch that the lane accepts, in tokens with padding; lowered by every failure for lack of memory. */
  private maxTokens = Number.POSITIVE_INFINITY;
  private tokens = 0;
  private busyMs = 0;

  constructor(options: LaneWorkerOptions) {
    this.options = options;
    this.timers = options.recovery?.timers ?? realTimers;
    this.rates = options.rates ?? new LaneRates(1);
  }

  /**
   * Runs until no batch is left.
   * @returns null then, or the error that ended this lane; other lanes continue.
   * @throws TiebreakError if the run cannot continue.
   */
  async run(): Promise<TiebreakError | null> {
    const { lane, queue, signal, onBatch, number } = this.options;
    let ahead: Flight | null = null;
    for (;;) {
      const flight: Flight | null = ahead ?? this.begin(await queue.take());
      if (flight === null) return null;
      const next = lane.overlaps ? this.beginAhead() : Promise.resolve(null);
      next.catch(() => {}); // handled once the current batch is done
      let logits: Float32Array;
      try {
        logits = await this.compute(flight);
        throwIfAborted(signal);
      } catch (thrown) {
        const error = asTiebreakError(thrown);
        // The next batch shares the failed device but is not to blame, so its failure does not count.
        const dropped = await next.catch(() => null);
        // `recover` returns the failed batch to the queue before it restarts anything, so other lanes can take it.
        const recovering = this.recover(error, flight);
        this.giveBack(dropped);
        const ended = await recovering;
        if (ended !== null) return ended;
        ahead = null;
        continue;
      }
      try {
        await onBatch(flight.work.batch, logits, number);
      } catch (thrown) {
        this.giveBack(await next.catch(() => null));
        throw thrown;
      } finally {
        if (flight.rest.length > 0) queue.giveBack(flight.rest);
        else queue.done();
      }
      ahead = await next;
    }
  }

  /** Gives the lane a batch, or the first part of one that exceeds its lowered limit. */
  private begin(taken: QueuedBatch | null): Flight | null {
    if (taken === null) return null;
    const { lane, signal } = this.options;
    let work = taken;
    let rest: QueuedBatch[] = [];
    while (this.tokensOf(work) > this.maxTokens && work.batch.sequences.length > 1) {
      const [first, ...others] = halves(work) as [QueuedBatch, ...QueuedBatch[]];
      work = first;
      rest = [...others, ...rest];
    }
    const rows = work.batch.texts.map(({ ids }) => ids);
    const logits = lane.logits(rows, signal);
    logits.catch(() => {}); // handled by `compute`
    return { work, rest, logits };
  }

  /** Gives the lane the next batch, unless too few are left for the other lanes. */
  private async beginAhead(): Promise<Flight | null> {
    const { queue, number } = this.options;
    return this.begin(await queue.takeAhead(this.rates.leftBeside(number)));
  }

  /** Returns a batch to the queue, for any lane. */
  private giveBack(flight: Flight | null): void {
    if (flight !== null) this.options.queue.giveBack([flight.work, ...flight.rest]);
  }

  /** Tokens that the lane computes for a batch: with padding, or with shared beginnings counted once. */
  private tokensOf({ batch }: QueuedBatch): number {
    const { padMultiple, sharesPrefixes } = this.options.lane.bounds;
    const rows = batch.texts.map(({ ids }) => ids);
    if (sharesPrefixes) return packedTokens(rows);
    const longest = Math.max(...rows.map((ids) => ids.length));
    return rows.length * padLength(longest, padMultiple);
  }

  /** Waits for the logits of a batch. The time starts now, because the device had the previous batch until now. */
  private async compute({ work, logits: computing }: Flight): Promise<Float32Array> {
    const { recovery } = this.options;
    const tokens = this.tokensOf(work);
    const rate = this.busyMs === 0 ? null : (1000 * this.tokens) / this.busyMs;
    const limit = hangLimit(tokens, rate, recovery?.hangMs);
    const started = this.timers.now();
    const logits = await within(limit, computing, (fail) => fail(hangError(limit)), this.timers);
    this.tokens += tokens;
    this.busyMs += this.timers.now() - started;
    if (this.busyMs > 0) this.rates.note(this.options.number, this.tokens / this.busyMs);
    this.largestDone = Math.max(this.largestDone, tokens);
    this.failures = 0;
    return logits;
  }

  /** Acts on a failure, as `decide` says. @returns the error that ended the lane; null if it continues. */
  private async recover(
    error: TiebreakError,
    { work, rest }: Flight,
  ): Promise<TiebreakError | null> {
    const { lane, queue, signal } = this.options;
    // Whatever error a lane reports after the run was cancelled, it is no failure.
    if (signal.aborted) {
      queue.done();
      throw error;
    }
    const facts = {
      rows: work.batch.sequences.length,
      tokens: this.tokensOf(work),
      failures: work.failures,
    };
    const canRebuild = lane.rebuild !== undefined;
    const { failures, largestDone } = this;
    const state = { failures, largestDone, canRebuild };
    const kind = failureKind(error, facts, state);
    const decision = decide(kind, facts, state);
    if (decision.lane === 'stop') {
      if (kind !== 'fatal') {
        this.report(error, kind, 'stop', work);
        lane.close?.();
      }
      queue.done();
      throw error;
    }
    const again = decision.smaller ? work : { ...work, failures: work.failures + 1 };
    if (decision.smaller) this.maxTokens = Math.max(1, Math.floor(facts.tokens / 2));
    else this.failures += 1;
    queue.giveBack([...(decision.halve ? halves(again) : [again]), ...rest]);
    this.report(
      error,
      kind,
      decision.lane === 'end' ? 'end' : decision.halve ? 'halve' : 'again',
      work,
    );
    if (decision.lane === 'end') {
      lane.close?.();
      return error;
    }
    return this.rebuild();
  }

  /** Restarts the lane, after pauses if it fails. @returns null, or the error after which the lane was ended. */
  private async rebuild(): Promise<TiebreakError | null> {
    const { lane, signal, recovery } = this.options;
    const waits = recovery?.rebuildWaits ?? REBUILD_WAITS;
    let failure: TiebreakError | null = null;
    for (const [i, ms] of waits.entries()) {
      if (ms > 0) await sleep(ms, signal);
      throwIfAborted(signal);
      try {
        await this.rebuildOnce();
        return null;
      } catch (thrown) {
        throwIfAborted(signal);
        failure = asTiebreakError(thrown);
        const kind = failureKind(failure, { tokens: 0 }, { largestDone: this.largestDone });
        const over = kind === 'refused' || kind === 'fatal' || i === waits.length - 1;
        this.report(failure, kind, over ? 'end' : 'reload', null);
        if (over) break;
      }
    }
    lane.close?.();
    return failure;
  }

  /** Restarts the lane once. @throws TiebreakError `engine/hung` if that takes too long; it is then aborted. */
  private async rebuildOnce(): Promise<void> {
    const { lane, signal, recovery } = this.options;
    const limit = recovery?.rebuildMs ?? REBUILD_MS;
    const late = new AbortController();
    const rebuilding = lane.rebuild!(AbortSignal.any([signal, late.signal]));
    const end = (fail: (error: Error) => void) => {
      fail(hangError(limit));
      late.abort();
    };
    await within(limit, rebuilding, end, this.timers);
  }

  private report(
    error: TiebreakError,
    kind: FailureKind,
    action: Incident['action'],
    work: QueuedBatch | null,
  ): void {
    const { lane, number, onIncident } = this.options;
    onIncident({
      time: Date.now(),
      lane: number,
      place: lane.info.place,
      computesOn: lane.info.computesOn,
      error: error.toPlain(),
      memory: kind === 'memory',
      rows: work?.batch.sequences.length ?? 0,
      action,
    });
  }
}

function hangError(limitMs: number): TiebreakError {
  return new TiebreakError('engine/hung', { params: { seconds: Math.round(limitMs / 1000) } });
}

/** Waits for `ms` milliseconds or until the signal fires. */
function sleep(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal.addEventListener('abort', done);
  });
}
