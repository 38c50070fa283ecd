import { asTiebreakError, type TiebreakError, throwIfAborted } from '../core/errors.ts';
import type { BatchLimits } from '../core/plan.ts';
import type { RunSettings } from '../core/settings.ts';
import type { BatchBounds, EngineInfo } from '../engine/engine.ts';
import type { TokenizerPool } from '../tokens/pool.ts';
import { BatchQueue } from './batches.ts';
import type { Progress, ResultsEvent, RunSummary } from './events.ts';
import { Rate } from './rate.ts';
import { Results } from './results.ts';
import type { RowIndex } from './row-index.ts';

/** Something that turns token rows into logits: an engine on this thread, or one in a worker. */
export interface Lane {
  readonly info: EngineInfo;
  readonly bounds: BatchBounds;
  /** Logits [adapters, rows, 3]: of every adapter in use. Rejects with `run/cancelled` soon after the signal fires. */
  logits(rows: Int32Array[], signal?: AbortSignal): Promise<Float32Array>;
}

export interface RunOptions {
  index: RowIndex;
  lanes: Lane[];
  pool: TokenizerPool;
  settings: RunSettings;
  /** Tokens of a batch, padding included. */
  batchTokens?: number;
  signal?: AbortSignal;
  onResults?: (event: ResultsEvent) => void;
  onProgress?: (progress: Progress) => void;
}

/** Tokens of a batch where the user sets none: the notebook's 4 x 2,048 on a GPU, less where memory is the wasm heap. */
export const BATCH_TOKENS = { webgpu: 8192, wasm: 4096 } as const;

/** A run that may be under way: its results can be read at any time. */
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

  /**
   * Scores everything. Lanes draw batches from one queue, so a slow one takes less.
   * @returns a summary; with `complete` false when the signal fired.
   * @throws TiebreakError when a lane, the tokenizer or the file failed; what was scored until then stays in `results`.
   */
  async score(): Promise<RunSummary> {
    const { index, lanes, pool, settings, signal, onResults, onProgress } = this.options;
    const started = performance.now();
    // The first failure stops the other lanes too.
    const stop = new AbortController();
    const both = signal === undefined ? stop.signal : AbortSignal.any([signal, stop.signal]);
    const queue = new BatchQueue({ index, pool, settings, signal: both, limits: this.limits() });
    const rate = new Rate();
    let tokensDone = 0;
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
        secondsLeft:
          tokensPerSecond === null || tokensPerSecond === 0
            ? null
            : (tokensTotal - tokensDone) / tokensPerSecond,
      });
    };
    const work = async (lane: Lane) => {
      try {
        for (;;) {
          const batch = await queue.take();
          if (batch === null) return;
          const rows = batch.texts.map((text) => text.ids);
          const logits = await lane.logits(rows, both);
          throwIfAborted(both);
          const tokens = rows.reduce((sum, row) => sum + row.length, 0);
          tokensDone += tokens;
          rate.add(tokens);
          const event = this.results.add(batch, logits);
          onResults?.(event);
          report();
        }
      } catch (thrown) {
        failure ??= asTiebreakError(thrown);
        stop.abort();
      }
    };
    report();
    await Promise.all(lanes.map(work));
    const cancelled = signal?.aborted ?? false;
    if (failure !== undefined && !cancelled) throw failure;
    return {
      settings,
      engine: lanes[0]!.info,
      rows: index.length,
      scoredRows: this.results.rowsDone,
      problemRows: index.problemRows,
      truncatedRows: this.results.truncatedRows,
      duplicateRows: index.duplicateRows,
      plainTextRows: index.plainTextRows,
      tokens: tokensDone,
      seconds: (performance.now() - started) / 1000,
      complete: this.results.rowsDone === index.length - index.problemRows,
    };
  }

  /** Bounds that every lane keeps. */
  private limits(): BatchLimits {
    const { lanes, batchTokens } = this.options;
    const device = lanes.every((lane) => lane.info.device === 'webgpu') ? 'webgpu' : 'wasm';
    return {
      maxTokens: batchTokens ?? BATCH_TOKENS[device],
      padMultiple: Math.max(...lanes.map((lane) => lane.bounds.padMultiple)),
      maxScoreBytes: Math.min(...lanes.map((lane) => lane.bounds.maxScoreBytes)),
      scoreBytes: (length) => Math.max(...lanes.map((lane) => lane.bounds.scoreBytes(length))),
    };
  }
}
