import { asTiebreakError, throwIfAborted } from '../../domain/errors.ts';
import { compareIds } from '../../domain/ids.ts';
import type { RunSettings } from '../../domain/settings.ts';
import type { TokenizedText } from '../../domain/truncate.ts';
import { headGroups } from '../../engine/planning/attention-shape.ts';
import { type BatchLimits, planBatches, planShared } from '../../engine/planning/batches.ts';
import type { TokenizerPool } from '../../tokens/pool.ts';
import { NO_WORK, plus, type Work } from './cost-model.ts';
import { LengthGuess } from './length-guess.ts';
import type { RowIndex } from './row-index.ts';
import { workOf } from './time-left.ts';

/** Sequences that go through the model together. */
export interface Batch {
  /** Positions in the index's sequences. */
  sequences: number[];
  texts: TokenizedText[];
}

/** Bounds of the batches of a run, as numbers that a journal can keep: see {@link limitsOf}. */
export interface BatchPlan {
  /** Tokens of a batch, padding included. */
  maxTokens: number;
  padMultiple: number;
  maxScoreBytes: number;
  /** Bytes of attention scores of a row padded to one token; they grow with the square of the length. */
  scoreBytesOfOne: number;
  /** Into how many groups the heads may be split where one row's scores do not fit; left out: they cannot. */
  headGroups?: number[];
  /** Rows are not padded but share what they begin with, so batches are formed of rows with the same prompt. */
  sharesPrefixes?: boolean;
}

/** Bounds of batches, and how these are formed. */
type QueueLimits = BatchLimits & Pick<BatchPlan, 'sharesPrefixes'>;

/** A plan in the form that planning needs. */
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

// The first window is small, so that the device starts at once; later ones are large, so that lengths sort well.
const FIRST_WINDOW_TOKENS = 16_384;
const WINDOW_TOKENS = 262_144;
const WINDOW_SEQUENCES = 2048;
const READS_AT_ONCE = 16;

/**
 * Hands out batches, longest texts first; where rows share what they begin with, each with the others of its prompt.
 * Texts are read and tokenized a window at a time, the next window while this one is being scored, so memory is bounded
 * by two windows whatever the file's size.
 *
 * Windows and batches depend only on the set of texts and the limits, not on the order of rows in the file, nor on what
 * was finished in an earlier session: sums in float32 differ in their last digits with the other rows of a batch, so a
 * run that is continued must form the batches that it would have formed, and leave out whole ones.
 */
export class BatchQueue {
  private readonly order: number[];
  private readonly options: BatchQueueOptions;
  private next = 0;
  private ready: Batch[] = [];
  private coming: Promise<Batch[]> | undefined;
  private taking: Promise<unknown> = Promise.resolve();
  private readonly guess: LengthGuess;
  /** Tokens of everything that was tokenized, or finished before. */
  private knownTokens = 0;
  /** Of the batches that were formed: what they take, and the sums of their rows' lengths. */
  private formed = NO_WORK;
  private formedRows = { tokens: 0, squares: 0 };

  constructor(options: BatchQueueOptions) {
    const { sequences } = options.index;
    this.options = options;
    const longestFirst = byEstimate(options.index);
    // With their prompts together: those with the longest text first.
    this.order = options.limits.sharesPrefixes
      ? grouped(longestFirst, (i) => sequences[i]!.prompt).flat()
      : longestFirst;
    this.guess = guessLengths(options.index, options.settings, longestFirst);
    for (const i of longestFirst) if (options.done?.has(i)) this.know(i, options.done.tokensOf(i));
    this.coming = this.tokenize(FIRST_WINDOW_TOKENS);
  }

  /** Tokens of the whole run: exact once all is tokenized, until then the rest is estimated by what was seen. */
  get totalTokens(): number {
    return Math.round(this.knownTokens + this.guess.left.tokens);
  }

  /** Work of all batches of this session: those formed so far, and an estimate for the others. */
  get work(): Work {
    const { formed, formedRows } = this;
    const { tokens, squares } = this.guess.left;
    if (tokens === 0) return formed;
    // Padding adds to what rows have, and what they share takes from it.
    const ofTokens = formedRows.tokens === 0 ? 1 : formed.tokens / formedRows.tokens;
    const ofSquares = formedRows.squares === 0 ? 1 : formed.squares / formedRows.squares;
    const rest = { tokens: tokens * ofTokens, squares: squares * ofSquares };
    return plus(formed, { ...rest, batches: rest.tokens / this.options.limits.maxTokens });
  }

  /** Tokenizes a few texts of every length ahead, so that the lengths of all are known well. */
  async survey(): Promise<void> {
    // A small file is tokenized soon anyway.
    if (this.next === this.order.length || this.guess.samples.length === this.order.length) return;
    await surveyLengths(this.guess, this.options);
  }

  /** The next batch, or null when there are no more. Several lanes may wait at once. */
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

  private tokenize(budget: number): Promise<Batch[]> {
    const window = this.window(budget);
    const batches = this.tokenizeWindow(window);
    // It is awaited only when its turn comes; a failure before that must not count as unhandled.
    batches.catch(() => {});
    return batches;
  }

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

  /** Batches of places of a window, those with the same prompt together. */
  private withPrompts(window: readonly number[], texts: readonly TokenizedText[]): number[][] {
    const { index, limits } = this.options;
    const places = texts.map(({ ids }, i) => ({ i, ids }));
    const groups = grouped(places, ({ i }) => index.sequences[window[i]!]!.prompt);
    for (const group of groups) group.sort((a, b) => compareIds(a.ids, b.ids) || a.i - b.i);
    return planShared(groups, limits.maxTokens).map((batch) => batch.map(({ i }) => i));
  }

  private know(sequence: number, tokens: number): void {
    // Sequences that an earlier session finished are known from the start.
    if (this.guess.know(sequence, tokens)) this.knownTokens += tokens;
  }
}

/** The sequences in the order of their estimates, the longest first; it does not depend on that of the file. */
function byEstimate({ sequences }: RowIndex): number[] {
  return sequences
    .map((_, i) => i)
    .sort((a, b) => {
      const x = sequences[a]!;
      const y = sequences[b]!;
      return y.estimate - x.estimate || (x.hash < y.hash ? -1 : x.hash > y.hash ? 1 : a - b);
    });
}

/** An estimate of the lengths, in tokens, of an index's sequences. */
export function guessLengths(
  index: RowIndex,
  { maxLength }: Pick<RunSettings, 'maxLength'>,
  longestFirst = byEstimate(index),
): LengthGuess {
  const estimates = index.sequences.map(({ estimate }) => Math.min(maxLength, estimate));
  return new LengthGuess(estimates, longestFirst);
}

/** Tokenizes the samples of a guess, so that the lengths of all texts are known well. @throws TiebreakError */
export async function surveyLengths(guess: LengthGuess, from: TextsFrom): Promise<void> {
  const texts = await readTexts(guess.samples, from);
  for (const [i, text] of texts.entries()) guess.survey(guess.samples[i]!, text.ids.length);
}

/** Where texts are read and tokenized. */
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

/** Batches of texts by their length, which is padded. */
function withLengths(texts: readonly TokenizedText[], limits: BatchLimits): number[][] {
  const order = texts
    .map((_, i) => i)
    .sort((a, b) => {
      const [x, y] = [texts[a]!.ids, texts[b]!.ids];
      // Equally long ones in an order that does not depend on that of the file.
      return y.length - x.length || compareIds(x, y) || a - b;
    });
  const lengths = order.map((i) => texts[i]!.ids.length);
  return planBatches(lengths, limits).map(({ start, end }) => order.slice(start, end));
}

/** Items with the same key, in the order in which the keys come. */
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
  /** Sequences that are finished already, with their tokens. */
  done?: { has(sequence: number): boolean; tokensOf(sequence: number): number };
  signal?: AbortSignal;
}

/** Maps in order with a bounded number of promises under way; the first failure ends it. */
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
