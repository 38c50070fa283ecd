import { submissionCsv } from '../../data/csv/submission.ts';
import {
  averageOrders,
  davidson,
  meanOfAdapters,
  meanOfRewards,
  type Probabilities,
  pairProbabilities,
} from '../../domain/probabilities.ts';
import { labelsOf, type Reading } from '../../domain/reading.ts';
import { ROW_FLAG } from '../../domain/row-flag.ts';
import type { BatchRecord } from './batch-record.ts';
import type { Batch } from './batches.ts';
import type { MissingRows, ResultsEvent } from './row-events.ts';
import type { RowIndex } from './row-index.ts';

const UNIFORM: Probabilities = [1 / 3, 1 / 3, 1 / 3];

/** A journal's record of a batch, without the number of finished rows. */
type ScoredBatch = Omit<BatchRecord, 'rowsDone'>;

/**
 * Computes the probabilities of a batch, in float64: softmax of each adapter's logits, then their mean. Rewards stay as
 * they are.
 * @param logits [adapters, sequences, labels].
 * @param seconds of computing of the run so far.
 */
export function scoreBatch(
  batch: Batch,
  logits: Float32Array,
  seconds: number,
  reading: Reading = 'pair',
): ScoredBatch {
  const { sequences, texts } = batch;
  const isReward = reading === 'reward';
  const probabilities = new Float64Array(isReward ? 0 : 3 * sequences.length);
  for (let i = 0; i < sequences.length && !isReward; i += 1) {
    probabilities.set(meanOfAdapters(logits, i, sequences.length, reading), 3 * i);
  }
  const isOfSeveral = logits.length > labelsOf(reading) * sequences.length;
  return {
    seconds,
    sequences: Uint32Array.from(sequences),
    probabilities,
    logits: isReward || isOfSeveral ? logits : null,
    tokens: Uint32Array.from(texts, (text) => text.ids.length),
    truncated: Uint8Array.from(texts, (text) => (text.truncated ? 1 : 0)),
  };
}

/** Collects the results of a run, row by row, from its batches. */
export class Results {
  /** [rows, 3]; NaN for rows without a result. */
  readonly probabilities: Float64Array<ArrayBuffer>;
  readonly flags: Uint8Array<ArrayBuffer>;
  rowsDone = 0;
  /** Tokens of all finished sequences. */
  tokensDone = 0;
  truncatedRows = 0;
  private readonly index: RowIndex;
  private readonly labels: number;
  /** [sequences, 3]: probabilities of each sequence; unused with rewards. */
  private readonly scores: Float64Array;
  /** [sequences, adapters, labels]: rewards, or the logits of each of several adapters; null until there are some. */
  private logits: Float32Array | null = null;
  private readonly done: Uint8Array;
  private readonly truncated: Uint8Array;
  private readonly tokens: Uint32Array;
  /**
   * Rows that need a sequence: `users[offsets[s]]` up to, but not including, `users[offsets[s + 1]]` for sequence s.
   */
  private readonly offsets: Uint32Array;
  private readonly users: Uint32Array;

  constructor(index: RowIndex) {
    const sequences = index.sequences.length;
    this.index = index;
    this.probabilities = new Float64Array(index.length * 3).fill(Number.NaN);
    this.flags = Uint8Array.from(index.flags);
    this.labels = labelsOf(index.reading);
    this.scores = new Float64Array(sequences * 3);
    this.done = new Uint8Array(sequences);
    this.truncated = new Uint8Array(sequences);
    this.tokens = new Uint32Array(sequences);
    [this.offsets, this.users] = usersOf(index);
  }

  /**
   * Adds a batch and returns the results of the rows that it finishes. Either all batches must have the logits of their
   * adapters, or none.
   */
  add({ sequences, probabilities, logits, tokens, truncated }: ScoredBatch): ResultsEvent {
    const rows: number[] = [];
    if (logits !== null) this.keep(sequences, logits);
    for (const [i, sequence] of sequences.entries()) {
      if (!this.givesRewards) {
        this.scores.set(probabilities.subarray(3 * i, 3 * i + 3), 3 * sequence);
      }
      this.tokens[sequence] = tokens[i]!;
      this.tokensDone += tokens[i]!;
      this.truncated[sequence] = truncated[i]!;
      this.done[sequence] = 1;
    }
    for (const sequence of sequences) {
      for (let u = this.offsets[sequence]!; u < this.offsets[sequence + 1]!; u += 1) {
        const row = this.users[u]!;
        if (this.finish(row)) rows.push(row);
      }
    }
    rows.sort((a, b) => a - b);
    const result: ResultsEvent = {
      type: 'results',
      rows: Uint32Array.from(rows),
      probabilities: new Float64Array(rows.length * 3),
      tokens: Uint32Array.from(rows, (row) => this.rowTokens(row)),
      flags: Uint8Array.from(rows, (row) => this.flags[row]!),
    };
    for (const [i, row] of rows.entries()) {
      result.probabilities.set(this.probabilities.subarray(3 * row, 3 * row + 3), 3 * i);
    }
    if (this.index.tta) result.forward = this.forward(rows);
    if (this.adapters > 0) result.adapters = this.ofAdapters(rows);
    if (this.givesRewards) result.rewards = this.rewards(rows);
    return result;
  }

  /** Number of adapters with results of their own beside the mean; 0 for one adapter, or if only the mean is known. */
  get adapters(): number {
    return this.heads === 1 ? 0 : this.heads;
  }

  /** Adapters whose logits are kept. */
  private get heads(): number {
    return this.logits === null ? 0 : this.logits.length / (this.labels * this.done.length);
  }

  private get givesRewards(): boolean {
    return this.index.reading === 'reward';
  }

  /**
   * Probabilities of a finished row by one adapter, equal to those of a run with it alone.
   * @param adapter its index.
   */
  ofAdapter(row: number, adapter: number): Probabilities {
    const { index, logits, labels, heads } = this;
    if (this.givesRewards) {
      const rewards = this.rewardsOf(row);
      return davidson(rewards[2 * adapter]!, rewards[2 * adapter + 1]!);
    }
    const { forward, swapped } = index.rowSequences[row]!;
    const score = (sequence: number) =>
      pairProbabilities(logits!, labels * (sequence * heads + adapter), index.reading);
    return this.index.tta ? averageOrders(score(forward), score(swapped)) : score(forward);
  }

  /** Rewards [adapters, 2] of a finished row: of A and of B. Only for models that give rewards. */
  rewardsOf(row: number): Float32Array<ArrayBuffer> {
    const { heads } = this;
    const { forward, swapped } = this.index.rowSequences[row]!;
    const rewards = new Float32Array(2 * heads);
    for (let a = 0; a < heads; a += 1) {
      rewards[2 * a] = this.logits![forward * heads + a]!;
      rewards[2 * a + 1] = this.logits![swapped * heads + a]!;
    }
    return rewards;
  }

  /** Tokens that the model saw of a finished row, as {@link ResultsEvent} has them. */
  rowTokens(row: number): number {
    const { forward, swapped } = this.index.rowSequences[row]!;
    const tokens = this.tokens[forward]!;
    return this.givesRewards ? Math.max(tokens, this.tokens[swapped]!) : tokens;
  }

  /** True if the sequence is finished. */
  has(sequence: number): boolean {
    return this.done[sequence] === 1;
  }

  /** Tokens of a finished sequence. */
  tokensOf(sequence: number): number {
    return this.tokens[sequence]!;
  }

  /** [rows, 3]: probabilities of rows with the answers in the order of the file, without the swapped order. */
  private forward(rows: readonly number[]): Float64Array<ArrayBuffer> {
    const forward = new Float64Array(3 * rows.length);
    for (const [i, row] of rows.entries()) {
      const sequence = this.index.rowSequences[row]!.forward;
      forward.set(this.scores.subarray(3 * sequence, 3 * sequence + 3), 3 * i);
    }
    return forward;
  }

  private ofAdapters(rows: readonly number[]): Float32Array<ArrayBuffer> {
    const { adapters } = this;
    const values = new Float32Array(3 * adapters * rows.length);
    for (const [i, row] of rows.entries()) {
      for (let a = 0; a < adapters; a += 1) {
        values.set(this.ofAdapter(row, a), 3 * (i * adapters + a));
      }
    }
    return values;
  }

  /** [rows, adapters, 2] */
  private rewards(rows: readonly number[]): Float32Array<ArrayBuffer> {
    const perRow = 2 * this.heads;
    const values = new Float32Array(perRow * rows.length);
    for (const [i, row] of rows.entries()) values.set(this.rewardsOf(row), perRow * i);
    return values;
  }

  /** @param logits [adapters, sequences, labels] */
  private keep(sequences: Uint32Array, logits: Float32Array): void {
    const { labels } = this;
    const count = sequences.length;
    const adapters = logits.length / (labels * count);
    this.logits ??= new Float32Array(labels * adapters * this.done.length);
    for (const [i, sequence] of sequences.entries()) {
      for (let a = 0; a < adapters; a += 1) {
        const from = labels * (a * count + i);
        const values = logits.subarray(from, from + labels);
        this.logits.set(values, labels * (sequence * adapters + a));
      }
    }
  }

  private hasRow(row: number): boolean {
    return !Number.isNaN(this.probabilities[3 * row]);
  }

  /** The submission in the order of the file, as pieces of text to concatenate. */
  csv(missing: MissingRows): string[] {
    return submissionCsv(this.rows(missing));
  }

  private *rows(missing: MissingRows): Generator<{ id: string; probabilities: ArrayLike<number> }> {
    for (const [row, id] of this.index.ids.entries()) {
      if (this.hasRow(row)) {
        yield { id, probabilities: this.probabilities.subarray(3 * row, 3 * row + 3) };
      } else if (missing === 'uniform') {
        yield { id, probabilities: UNIFORM };
      }
    }
  }

  /** Computes the result of a row if its sequences are finished; true if this was the moment. */
  private finish(row: number): boolean {
    const { forward, swapped } = this.index.rowSequences[row]!;
    if (this.hasRow(row) || this.done[forward] === 0 || this.done[swapped] === 0) return false;
    this.probabilities.set(this.probabilitiesOf(row), 3 * row);
    if (this.truncated[forward] === 1 || this.truncated[swapped] === 1) {
      this.flags[row]! |= ROW_FLAG.truncated;
      this.truncatedRows += 1;
    }
    this.rowsDone += 1;
    return true;
  }

  private probabilitiesOf(row: number): Probabilities {
    if (this.givesRewards) return meanOfRewards(this.rewardsOf(row));
    const { forward, swapped } = this.index.rowSequences[row]!;
    const p = this.score(forward);
    return this.index.tta ? averageOrders(p, this.score(swapped)) : p;
  }

  private score(sequence: number): Probabilities {
    const at = 3 * sequence;
    return [this.scores[at]!, this.scores[at + 1]!, this.scores[at + 2]!];
  }
}

/** Offsets and users as {@link Results} has them: a counting sort of rows by the sequences that they need. */
function usersOf(index: RowIndex): [Uint32Array, Uint32Array] {
  const offsets = new Uint32Array(index.sequences.length + 1);
  const each = (visit: (sequence: number, row: number) => void) => {
    for (const [row, needs] of index.rowSequences.entries()) {
      if (needs === null) continue;
      visit(needs.forward, row);
      if (needs.swapped !== needs.forward) visit(needs.swapped, row);
    }
  };
  each((sequence) => {
    offsets[sequence + 1]! += 1;
  });
  for (let s = 0; s < index.sequences.length; s += 1) offsets[s + 1]! += offsets[s]!;
  const users = new Uint32Array(offsets.at(-1)!);
  const next = offsets.slice();
  each((sequence, row) => {
    users[next[sequence]!] = row;
    next[sequence]! += 1;
  });
  return [offsets, users];
}
