import { ROW_FLAG } from '../../domain/row-flag.ts';
import type { ResultsEvent, RowsEvent } from '../../scoring/rows/row-events.ts';

/** Rows that were set aside. */
export type KeptRows = Pick<
  RowColumns,
  | 'ids'
  | 'excerpts'
  | 'flags'
  | 'probabilities'
  | 'forward'
  | 'adapters'
  | 'rewards'
  | 'tokens'
  | 'length'
  | 'scored'
  | 'truncated'
  | 'arrived'
>;

/**
 * The rows of the open file as columns that grow in place: 100,000 rows cost a few megabytes and no garbage. Readers
 * watch {@link RowColumns.version} to notice changes.
 */
export class RowColumns {
  ids: string[] = [];
  excerpts: string[] = [];
  /** Bits of ROW_FLAG. */
  flags: Uint8Array = new Uint8Array(0);
  /** Three per row; NaN without a result. */
  probabilities: Float64Array = new Float64Array(0);
  /** Three per row, in the order of the file. Null if a run scores only that order. */
  forward: Float64Array | null = null;
  /**
   * [rows, adapters, 3], for each adapter of several; NaN without a result. Null if the run has one adapter, or only
   * their mean is known.
   */
  adapters: Float32Array | null = null;
  /** [rows, adapters, 2]: rewards of A and of B; NaN without a result. Null unless the model gives rewards. */
  rewards: Float32Array | null = null;
  tokens: Uint32Array = new Uint32Array(0);
  /** Number of rows that have arrived, in any order. */
  length = 0;
  /** Rows with a result. */
  scored = 0;
  /** Rows with a result whose text was truncated. */
  truncated = 0;
  /** Rows with a result, in the order of their first result. */
  arrived: number[] = [];
  /** Increases with every change. */
  version = 0;

  /** True if the row has a result. */
  has(row: number): boolean {
    return row < this.length && !Number.isNaN(this.probabilities[3 * row]);
  }

  /** Adds rows of the file. */
  addRows(event: RowsEvent): void {
    const { first, ids, excerpts, flags } = event;
    this.grow(first + ids.length);
    for (let i = 0; i < ids.length; i += 1) {
      const row = first + i;
      this.ids[row] = ids[i]!;
      this.excerpts[row] = excerpts[i] ?? '';
      // A result that came first also knows that the text was truncated, which the file does not.
      this.flags[row] = (flags[i] ?? 0) | (this.has(row) ? this.flags[row]! : 0);
    }
    this.version += 1;
  }

  /** Adds results; a later result of a row replaces the earlier one. */
  addResults(event: ResultsEvent): void {
    const { rows, probabilities, forward, adapters, rewards, tokens, flags } = event;
    const perRow = (adapters?.length ?? 0) / rows.length;
    const rewardsPerRow = (rewards?.length ?? 0) / rows.length;
    for (let i = 0; i < rows.length; i += 1) {
      const row = rows[i]!;
      this.grow(row + 1);
      const isKnown = this.has(row);
      if (isKnown) {
        this.scored -= 1;
        if (this.flags[row]! & ROW_FLAG.truncated) this.truncated -= 1;
      }
      this.probabilities.set(probabilities.subarray(3 * i, 3 * i + 3), 3 * row);
      if (forward !== undefined) {
        this.forward ??= new Float64Array(this.probabilities.length).fill(Number.NaN);
        this.forward.set(forward.subarray(3 * i, 3 * i + 3), 3 * row);
      }
      if (adapters !== undefined) {
        this.adapters ??= new Float32Array(perRow * this.flags.length).fill(Number.NaN);
        this.adapters.set(adapters.subarray(perRow * i, perRow * (i + 1)), perRow * row);
      }
      if (rewards !== undefined) {
        this.rewards ??= new Float32Array(rewardsPerRow * this.flags.length).fill(Number.NaN);
        const values = rewards.subarray(rewardsPerRow * i, rewardsPerRow * (i + 1));
        this.rewards.set(values, rewardsPerRow * row);
      }
      this.tokens[row] = tokens[i]!;
      this.flags[row] = flags[i]!;
      if (this.has(row)) {
        this.scored += 1;
        if (!isKnown) this.arrived.push(row);
        if (flags[i]! & ROW_FLAG.truncated) this.truncated += 1;
      }
    }
    this.version += 1;
  }

  /** Clears the results and keeps the rows. */
  clearResults(): void {
    this.probabilities.fill(Number.NaN);
    this.forward = null;
    this.adapters = null;
    this.rewards = null;
    this.tokens.fill(0);
    for (let row = 0; row < this.length; row += 1) this.flags[row]! &= ~ROW_FLAG.truncated;
    this.scored = 0;
    this.truncated = 0;
    this.arrived = [];
    this.version += 1;
  }

  /** Rows with a result in the order of arrival, then the others in the order of the file. */
  finishedFirst(): Uint32Array {
    const order = new Uint32Array(this.length);
    order.set(this.arrived);
    let place = this.arrived.length;
    for (let row = 0; row < this.length; row += 1) if (!this.has(row)) order[place++] = row;
    return order;
  }

  /** Clears everything, and returns it for {@link RowColumns.restore}. */
  clear(): KeptRows {
    const { ids, excerpts, flags, probabilities, forward, adapters, rewards, tokens } = this;
    const { length, scored, truncated, arrived } = this;
    this.ids = [];
    this.excerpts = [];
    this.flags = new Uint8Array(0);
    this.probabilities = new Float64Array(0);
    this.forward = null;
    this.adapters = null;
    this.rewards = null;
    this.tokens = new Uint32Array(0);
    this.length = 0;
    this.scored = 0;
    this.truncated = 0;
    this.arrived = [];
    this.version += 1;
    const numbers = { probabilities, forward, adapters, rewards, tokens };
    return { ids, excerpts, flags, ...numbers, length, scored, truncated, arrived };
  }

  /** Puts back what {@link RowColumns.clear} returned, in place of the present rows. */
  restore(kept: KeptRows): void {
    Object.assign(this, kept);
    this.version += 1;
  }

  private grow(length: number): void {
    if (length <= this.length) return;
    if (length > this.flags.length) {
      const capacity = Math.max(1024, length, this.flags.length * 2);
      const flags = new Uint8Array(capacity);
      flags.set(this.flags);
      const tokens = new Uint32Array(capacity);
      tokens.set(this.tokens);
      const probabilities = new Float64Array(capacity * 3).fill(Number.NaN);
      probabilities.set(this.probabilities);
      if (this.forward !== null) {
        const forward = new Float64Array(capacity * 3).fill(Number.NaN);
        forward.set(this.forward);
        this.forward = forward;
      }
      this.adapters = this.grown(this.adapters, capacity);
      this.rewards = this.grown(this.rewards, capacity);
      Object.assign(this, { flags, tokens, probabilities });
    }
    for (let row = this.length; row < length; row += 1) {
      this.ids[row] = '';
      this.excerpts[row] = '';
    }
    this.length = length;
  }

  /** A copy of a column for more rows; NaN for the new ones. */
  private grown(column: Float32Array | null, capacity: number): Float32Array | null {
    if (column === null) return null;
    const perRow = column.length / this.flags.length;
    const grown = new Float32Array(capacity * perRow).fill(Number.NaN);
    grown.set(column);
    return grown;
  }
}
