import { asTiebreakError, type TiebreakError } from '../domain/errors.ts';
import type { RunSettings } from '../domain/settings.ts';
import type { TokenizerPool } from '../tokens/pool/pool.ts';
import type { Progress, RunSummary } from './events.ts';
import type { EngineRecord } from './journal/records.ts';
import { type Lane, planOf } from './lanes/lane.ts';
import type { Incident } from './lanes/lane-events.ts';
import { LaneRates } from './lanes/lane-rates.ts';
import { LaneWorker, type RecoveryOptions } from './lanes/lane-worker.ts';
import { LanesTally } from './lanes/lanes-tally.ts';
import type { BatchRecord } from './rows/batch-record.ts';
import { type Batch, type BatchPlan, BatchQueue, limitsOf } from './rows/batches.ts';
import { type Cost, NO_WORK, plus } from './rows/cost-model.ts';
import type { PauseGate } from './rows/pause.ts';
import { RateMeter } from './rows/rate-meter.ts';
import { Results, scoreBatch } from './rows/results.ts';
import type { ResultsEvent } from './rows/row-events.ts';
import type { RowIndex } from './rows/row-index.ts';
import { expectedCost, previousCost, TimeLeft, workOf } from './rows/time-left.ts';
import { WorkQueue } from './rows/work-queue.ts';

/** The rows, lanes and settings of a run, and its callbacks. */
export interface RunOptions {
  index: RowIndex;
  lanes: Lane[];
  pool: TokenizerPool;
  settings: RunSettings;
  /** Tokens of a batch, padding included, if no plan is given. */
  batchTokens?: number;
  /** Bounds of batches. Default: those of the lanes. The same plan gives the same batches, and the same last digits. */
  plan?: BatchPlan;
  /** Batches that earlier sessions of this run finished. They are not computed again. */
  previous?: readonly BatchRecord[];
  /** Makes every finished batch durable before it is shown. A rejection ends the run. */
  journal?: { append(record: BatchRecord): Promise<void> };
  gate?: PauseGate;
  signal?: AbortSignal;
  onResults?: (event: ResultsEvent) => void;
  onProgress?: (progress: Progress) => void;
  /** Called when a lane has failed, with the action that follows. */
  onIncident?: (incident: Incident) => void;
  recovery?: RecoveryOptions;
  /**
   * Cost of work for all lanes together in an earlier run on this device. It predicts the time left until batches have
   * been measured.
   */
  knownCost?: Cost | null;
}

/** The record of lanes and their plan for the journal of a run. */
export function engineRecord(lanes: readonly Lane[], batchTokens?: number): EngineRecord {
  const [first, ...others] = lanes.map(({ info }) => info);
  const record = { engine: first!, plan: planOf(lanes, batchTokens) };
  return others.length === 0 ? record : { ...record, others };
}

/** Scores all rows of an index. Its results can be read at any time. */
export class Run {
  readonly results: Results;
  private readonly options: RunOptions;

  constructor(options: RunOptions) {
    const { index, settings } = options;
    if (index.textMode !== settings.textMode || index.tta !== settings.tta) {
      throw new Error('the index was made for other settings');
    }
    this.options = options;
    this.results = new Results(index);
  }

  /** Adds the batches of earlier sessions and returns their results. Must be called before {@link Run.score}. */
  restore(): ResultsEvent[] {
    return (this.options.previous ?? []).map((record) => this.results.add(record));
  }

  /**
   * Scores all rows. Lanes draw batches from one queue, so a slow lane takes fewer. A lane that fails is recovered or
   * ended, and its batch goes to the lane that takes it next.
   * @returns a summary; `complete` is false if the signal fired.
   * @throws TiebreakError if no lane is left, or the tokenizer or the file fails; rows scored until then stay in
   *   `results`.
   */
  async score(): Promise<RunSummary> {
    const { index, lanes, pool, settings, signal, onResults, onProgress, onIncident } =
      this.options;
    const { previous = [], journal, gate, batchTokens } = this.options;
    // Time during which the run rested does not count.
    const now = () => performance.now() - (gate?.restedMs ?? 0);
    const started = now() - 1000 * (previous.at(-1)?.seconds ?? 0);
    // The first failure stops the other lanes too.
    const stop = new AbortController();
    const both = signal === undefined ? stop.signal : AbortSignal.any([signal, stop.signal]);
    const limits = limitsOf(this.options.plan ?? planOf(lanes, batchTokens));
    const done = this.results;
    const queue = new BatchQueue({ index, pool, settings, signal: both, limits, done });
    const work = new WorkQueue(() => queue.take(), gate, both);
    const rate = new RateMeter(now);
    const began = now();
    // If an earlier version of the app began the run, its batches have only the mean of the adapters.
    const keepsLogits = previous.every((record) => record.logits !== null);
    const tally = new LanesTally(
      lanes.map(({ info }) => info),
      now,
    );
    const [{ bounds }] = lanes as [Lane];
    const known = previousCost(previous, bounds) ?? this.options.knownCost ?? null;
    const expected = known ?? expectedCost(bounds.balance);
    const timeLeft = new TimeLeft(lanes.length, now, expected, known !== null);
    let workDone = NO_WORK;
    let tokensDone = done.tokensDone;
    let lastSeconds = previous.at(-1)?.seconds ?? null;
    let incidents = 0;
    let failure: TiebreakError | undefined;

    const report = () => {
      const tokensTotal = Math.max(tokensDone, queue.totalTokens);
      const tokensPerSecond = rate.perSecond();
      onProgress?.({
        tokensDone,
        tokensTotal,
        rowsDone: this.results.rowsDone,
        rowsTotal: index.length - index.problemRows,
        tokensPerSecond,
        secondsLeft: timeLeft.seconds(plus(queue.work, workDone, -1)),
        lanes: tally.current(),
      });
    };
    const finish = async (batch: Batch, logits: Float32Array, lane: number) => {
      const tokens = batch.texts.reduce((sum, { ids }) => sum + ids.length, 0);
      tokensDone += tokens;
      rate.add(tokens);
      tally.add(lane, tokens, batch.texts.length);
      const work = workOf(
        batch.texts.map(({ ids }) => ids),
        limits,
      );
      workDone = plus(workDone, work);
      timeLeft.add(lane, work);
      lastSeconds = null;
      const scored = scoreBatch(batch, logits, (now() - started) / 1000, index.reading);
      const record = keepsLogits ? scored : { ...scored, logits: null };
      const event = this.results.add(record);
      await journal?.append({ ...record, rowsDone: this.results.rowsDone });
      onResults?.(event);
      report();
    };
    const rates = new LaneRates(lanes.length);
    const serve = async (lane: Lane, i: number): Promise<TiebreakError | null> => {
      const worker = new LaneWorker({
        lane,
        number: i + 1,
        queue: work,
        rates,
        signal: both,
        onBatch: finish,
        onIncident: (incident) => {
          incidents += 1;
          onIncident?.(incident);
        },
        recovery: this.options.recovery,
      });
      try {
        const ended = await worker.run();
        if (ended !== null) {
          rates.end(i + 1);
          tally.end(i + 1);
          timeLeft.end(i + 1);
        }
        return ended;
      } catch (thrown) {
        failure ??= asTiebreakError(thrown);
        stop.abort();
        return null;
      }
    };
    report();
    // Only the prediction of time depends on the survey; a text that cannot be read is reported when its turn comes.
    void queue.survey().then(report, () => undefined);
    const ended = await Promise.all(lanes.map(serve));
    if (!work.finished) failure ??= ended.findLast((error) => error !== null) ?? undefined;
    const cancelled = signal?.aborted ?? false;
    if (failure !== undefined && !cancelled) throw afterIncidents(failure, incidents);
    return {
      settings,
      engine: lanes[0]!.info,
      others: lanes.slice(1).map(({ info }) => info),
      rows: index.length,
      scoredRows: this.results.rowsDone,
      problemRows: index.problemRows,
      truncatedRows: this.results.truncatedRows,
      duplicateRows: index.duplicateRows,
      plainTextRows: index.plainTextRows,
      incidents,
      lanes: tally.average((now() - began) / 1000),
      tokens: tokensDone,
      // Restoring a run that was complete already must not add to its seconds.
      seconds: lastSeconds ?? (now() - started) / 1000,
      cost: timeLeft.cost(),
      complete: this.results.rowsDone === index.length - index.problemRows,
    };
  }
}

/** Adds the number of failures to the message of an error that ended a run after several. */
function afterIncidents(error: TiebreakError, incidents: number): TiebreakError {
  if (incidents < 2) return error;
  return error.with({
    message: `${error.message} (This was the last of ${incidents} failures.)`,
    cause: error,
  });
}
