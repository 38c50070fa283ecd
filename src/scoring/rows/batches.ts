import { asTiebreakError, throwIfAborted } from '../../domain/errors.ts';
import { compareIds } from '../../domain/ids.ts';
import type { RunSettings } from '../../domain/settings.ts';
import type { TokenizedText } from '../../domain/truncate.ts';
import { headGroups } from '../../engine/planning/attention-shape.ts';
import { type BatchLimits, planBatches, planShared } from '../../engine/planning/batches.ts';
import type { TokenizerPool } from '../../tokens/pool/pool.ts';
import { NO_WORK, plus, type Work } from './cost-model.ts';
import { LengthGuess } from './length-guess.ts';
import type { RowIndex } from './row-index.ts';
import { workOf } from './time-left.ts';

/** Sequences that are computed together. */
export interface Batch {
  /** Positions in `RowIndex.sequences`. */
  sequences: number[];
  texts: TokenizedText[];
}

/** Bounds of the batches of a run, as numbers that a journal can store: see {@link limitsOf}. */
export interface BatchPlan {
  /** Tokens of a batch, padding included. */
  maxTokens: number;
  padMultiple: number;
  maxScoreBytes: number;
  /** Bytes of the attention scores of a row of one token; they grow with the square of the padded length. */
  scoreBytesOfOne: number;
  /** Numbers of groups into which heads may be split if the scores of one row do not fit; left out, they may not. */
  headGroups?: number[];
  /**
   * True if rows are not padded and share their beginnings, so that batches are formed of rows with the same prompt.
   */
  sharesPrefixes?: boolean;
}

/** Bounds of batches, and the way in which these are formed. */
type QueueLimits = BatchLimits & Pick<BatchPlan, 'sharesPrefixes'>;

/** Turns a plan into limits: bytes of scores become a function of the padded length in tokens. */
export function limitsOf({
  scoreBytesOfOne,
  headGroups: choices = [],
  sharesPrefixes = false,
  ...bounds
}: BatchPlan) {
  const scoreBytes = (length: number) => {
    const bytes = scoreBytesOfOne * length * length;
    return bytes / headGroups(choices, bytes, bounds.maxScoreBytes);
  };
  return { ...bounds, scoreBytes, sharesPrefixes } satisfies QueueLimits;
}

// The first window is small, so that the device starts soon; later ones are large, so that a batch has equal lengths.
const FIRST_WINDOW_TOKENS = 16_384;
const WINDOW_TOKENS = 262_144;
const WINDOW_SEQUENCES = 2048;
const READS_AT_ONCE = 16;

/**
 * Forms batches, longest texts first and, if rows share their beginnings, together with the other rows of their prompt.
 * Texts are read and tokenized a window at a time, the next window while this one is scored, so memory is bounded by
 * two windows whatever the size of the file.
 *
 * Windows and batches depend only on the set of texts and the limits. They do not depend on the order of rows in the
 * file or on batches that earlier sessions finished: the last digits of float32 sums depend on the other rows of a
 * batch, so a continued run must form the batches that it would have formed, and skip the finished ones.
 */
export class BatchQueue {
  private readonly order: number[];
  private readonly options: BatchQueueOptions;
  private next = 0;
  private ready: Batch[] = [];
  private coming: Promise<Batch[]> | undefined;
  private taking: Promise<unknown> = Promise.resolve();
  private readonly guess: LengthGuess;
  /** Tokens of all texts that were tokenized here or finished in earlier sessions. */
  private knownTokens = 0;
  /** Sums over the formed batches: their work, and the lengths of their rows without padding or sharing. */
  private formed = NO_WORK;
  private formedRows = { tokens: 0, squares: 0 };

  constructor(options: BatchQueueOptions) {
    const { sequences } = options.index;
    this.options = options;
    const longestFirst = byEstimate(options.index);
    // Texts with the same prompt come together, in the order of their longest texts.
    this.order = options.limits.sharesPrefixes
      ? grouped(longestFirst, (i) => sequences[i]!.prompt).flat()
      : longestFirst;
    this.guess = guessLengths(options.index, options.settings, longestFirst);
    for (const i of longestFirst) if (options.done?.has(i)) this.know(i, options.done.tokensOf(i));
    this.coming = this.tokenize(FIRST_WINDOW_TOKENS);
  }

  /** Tokens of the whole run: exact once all texts are tokenized, until then estimated from those that are. */
  get totalTokens(): number {
    return Math.round(this.knownTokens + this.guess.left.tokens);
  }

  /** Work of all batches of this session: those formed so far, and an estimate for the others. */
  get work(): Work {
    const { formed, formedRows } = this;
    const { tokens, squares } = this.guess.left;
    if (tokens === 0) return formed;
    // Padding makes the work larger than the lengths of rows, sharing makes it smaller, as in the batches so far.
    const ofTokens = formedRows.tokens === 0 ? 1 : formed.tokens / formedRows.tokens;
    const ofSquares = formedRows.squares === 0 ? 1 : formed.squares / formedRows.squares;
    const rest = { tokens: tokens * ofTokens, squares: squares * ofSquares };
    return plus(formed, { ...rest, batches: rest.tokens / this.options.limits.maxTokens });
  }

  /** Tokenizes a few texts of every length ahead of their turn, to estimate the lengths of all. */
  async survey(): Promise<void> {
    // All texts of a small file are tokenized soon anyway.
    if (this.next === this.order.length || this.guess.samples.length === this.order.length) return;
    await surveyLengths(this.guess, this.options);
  }

  /** The next batch; null if there are no more. Several lanes may wait at the same time. */
  take(): Promise<Batch | null> {
    const batch = this.taking.then(async () => {
      throwIfAborted(this.options.signal);
      while (this.ready.length === 0 && this.coming !== undefined) {
        this.ready = await this.coming;
        this.coming = this.next < this.order.length ? this.tokenize(WINDOW_TOKENS) : undefined;
      }
      if (this.ready.length === 0) return null;
      return this.ready.shift()!;
    });
    this.taking = batch.catch(() => {});
    return batch;
  }

  /** Starts to form the batches of the next window, of about `budget` tokens. */
  private tokenize(budget: number): Promise<Batch[]> {
    const window = this.window(budget);
    const batches = this.tokenizeWindow(window);
    // This is awaited only when its turn comes, and a failure before that must not count as unhandled.
    batches.catch(() => {});
    return batches;
  }

  /** Takes the sequences of the next window: at least one, about `budget` estimated tokens. */
  private window(budget: number): number[] {
    const { index, settings } = this.options;
    const window: number[] = [];
    for (let tokens = 0; this.next < this.order.length; this.next += 1) {
      const sequence = this.order[this.next]!;
      tokens += Math.min(settings.maxLength, index.sequences[sequence]!.estimate);
      if (window.length > 0 && (tokens > budget || window.length >= WINDOW_SEQUENCES)) break;
      window.push(sequence);
    }
    return window;
  }

  /**
   * Forms the batches of a window. Finished sequences are tokenized and planned with the others, so that batches are
   * those of an uninterrupted run, and are left out at the end. A window that is finished as a whole is skipped.
   */
  private async tokenizeWindow(window: number[]): Promise<Batch[]> {
    const { limits, done } = this.options;
    if (done !== undefined && window.every((sequence) => done.has(sequence))) return [];
    const texts = await readTexts(window, this.options);
    for (const [i, text] of texts.entries()) this.know(window[i]!, text.ids.length);
    const planned = limits.sharesPrefixes
      ? this.withPrompts(window, texts)
      : withLengths(texts, limits);
    return planned.flatMap((batch) => {
      const members = batch.filter((i) => !done?.has(window[i]!));
      if (members.length === 0) return [];
      const sequences = members.map((i) => window[i]!);
      const formed = { sequences, texts: members.map((i) => texts[i]!) };
      this.form(formed);
      return [formed];
    });
  }

  private form({ texts }: Batch): void {
    const rows = texts.map(({ ids }) => ids);
    this.formed = plus(this.formed, workOf(rows, this.options.limits));
    for (const { length } of rows) {
      this.formedRows.tokens += length;
      this.formedRows.squares += length * length;
    }
  }

  /** Batches as positions in a window; texts with the same prompt come together. */
  private withPrompts(window: readonly number[], texts: readonly TokenizedText[]): number[][] {
    const { index, limits } = this.options;
    const places = texts.map(({ ids }, i) => ({ i, ids }));
    const groups = grouped(places, ({ i }) => index.sequences[window[i]!]!.prompt);
    for (const group of groups) group.sort((a, b) => compareIds(a.ids, b.ids) || a.i - b.i);
    return planShared(groups, limits.maxTokens).map((batch) => batch.map(({ i }) => i));
  }

  private know(sequence: number, tokens: number): void {
    // The lengths of sequences that earlier sessions finished have been counted already.
    if (this.guess.know(sequence, tokens)) this.knownTokens += tokens;
  }
}

/** Positions of the sequences by estimated length, the longest first. Independent of the order of rows in the file. */
function byEstimate({ sequences }: RowIndex): number[] {
  return sequences
    .map((_, i) => i)
    .sort((a, b) => {
      const x = sequences[a]!;
      const y = sequences[b]!;
      return y.estimate - x.estimate || (x.hash < y.hash ? -1 : x.hash > y.hash ? 1 : a - b);
    });
}

/** Estimates the lengths in tokens of an index's sequences. */
export function guessLengths(
  index: RowIndex,
  { maxLength }: Pick<RunSettings, 'maxLength'>,
  longestFirst = byEstimate(index),
): LengthGuess {
  const estimates = index.sequences.map(({ estimate }) => Math.min(maxLength, estimate));
  return new LengthGuess(estimates, longestFirst);
}

/**
 * Tokenizes the samples of a guess and adds their lengths to it.
 * @throws TiebreakError if reading or tokenizing fails.
 */
export async function surveyLengths(guess: LengthGuess, from: TextsFrom): Promise<void> {
  const texts = await readTexts(guess.samples, from);
  for (const [i, text] of texts.entries()) guess.survey(guess.samples[i]!, text.ids.length);
}

/** The index from which texts are read, and the pool that tokenizes them. */
type TextsFrom = Pick<BatchQueueOptions, 'index' | 'pool' | 'settings' | 'signal'>;

async function readTexts(
  chosen: readonly number[],
  { index, pool, settings, signal }: TextsFrom,
): Promise<TokenizedText[]> {
  const jobs = await mapLimited(chosen, READS_AT_ONCE, signal, async (sequence) => {
    const { row, swapped } = index.sequences[sequence]!;
    return { pair: await index.pair(row), swapped };
  });
  return pool.tokenize(jobs, settings, signal);
}

/** Batches of texts of similar length, for executors that pad. */
function withLengths(texts: readonly TokenizedText[], limits: BatchLimits): number[][] {
  const order = texts
    .map((_, i) => i)
    .sort((a, b) => {
      const [x, y] = [texts[a]!.ids, texts[b]!.ids];
      // Texts of equal length get an order that does not depend on that of the file.
      return y.length - x.length || compareIds(x, y) || a - b;
    });
  const lengths = order.map((i) => texts[i]!.ids.length);
  return planBatches(lengths, limits).map(({ start, end }) => order.slice(start, end));
}

/** Groups items by key, in the order in which keys occur first. */
function grouped<T>(items: readonly T[], keyOf: (item: T) => number): T[][] {
  const groups = new Map<number, T[]>();
  for (const item of items) {
    const key = keyOf(item);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [item]);
    else group.push(item);
  }
  return [...groups.values()];
}

interface BatchQueueOptions {
  index: RowIndex;
  pool: TokenizerPool;
  settings: RunSettings;
  limits: QueueLimits;
  /** Sequences that earlier sessions finished, with their tokens. */
  done?: { has(sequence: number): boolean; tokensOf(sequence: number): number };
  signal?: AbortSignal;
}

/** Maps items with at most `limit` promises pending; results are in order. The first failure ends it. */
async function mapLimited<T, R>(
  items: readonly T[],
  limit: number,
  signal: AbortSignal | undefined,
  map: (item: T) => Promise<R>,
): Promise<R[]> {
  const out = new Array<R>(items.length);
  let next = 0;
  let failed = false;
  const worker = async () => {
    while (next < items.length && !failed) {
      throwIfAborted(signal);
      const i = next;
      next += 1;
      try {
        out[i] = await map(items[i]!);
      } catch (thrown) {
        failed = true;
        throw asTiebreakError(thrown);
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(limit, items.length) }, worker));
  return out;
}
