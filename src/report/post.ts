import type { Probabilities } from '../core/probabilities.ts';
import { FEATURE } from './features.ts';
import type { Table } from './table.ts';

/** What is done to the probabilities after a run; everything is off by default. */
export interface PostProcessing {
  /** Probabilities to the power 1 / temperature, then scaled to sum 1; null or 1 for none. */
  temperature: number | null;
  /** Probabilities of rows of which exactly one answer is empty: that the empty one wins, the other one wins, a tie. */
  empty: Probabilities | null;
  /** Probabilities of rows whose two answers are the same text (also where both are empty): A, B, tie. */
  identical: Probabilities | null;
  /** Mean with the run that it is compared with, where that has the row. */
  average: boolean;
}

/** Nothing is done. */
export const NO_POST: PostProcessing = {
  temperature: null,
  empty: null,
  identical: null,
  average: false,
};

/** The steps that are on, in the order in which they are done. */
export function activeSteps(post: PostProcessing): (keyof PostProcessing)[] {
  const steps: (keyof PostProcessing)[] = [];
  if (post.average) steps.push('average');
  if (post.temperature !== null && post.temperature !== 1) steps.push('temperature');
  if (post.empty !== null) steps.push('empty');
  if (post.identical !== null) steps.push('identical');
  return steps;
}

/**
 * Probabilities [rows, 3] after the steps: averaging, temperature, then the fixed ones. Rows without a result stay NaN.
 * `other`: those of the run to average with, NaN where it has not the row.
 */
export function applyPost(
  probabilities: Float64Array,
  { length, bits }: Pick<Table, 'length' | 'bits'>,
  post: PostProcessing,
  other: Float64Array | null = null,
): Float64Array<ArrayBuffer> {
  const result = Float64Array.from(probabilities.subarray(0, 3 * length));
  for (let row = 0; row < length; row += 1) {
    const at = 3 * row;
    if (Number.isNaN(result[at]!)) continue;
    if (post.average && other !== null && !Number.isNaN(other[at]!)) {
      for (let c = 0; c < 3; c += 1) result[at + c] = (result[at + c]! + other[at + c]!) / 2;
    }
    if (post.temperature !== null) withTemperature(result, row, post.temperature, result);
    const { emptyA, emptyB, identical } = FEATURE;
    const features = bits[row]!;
    const isEmptyA = (features & emptyA) !== 0;
    if (post.empty !== null && isEmptyA !== ((features & emptyB) !== 0)) {
      const [empty, full, tie] = post.empty;
      result.set(isEmptyA ? [empty, full, tie] : [full, empty, tie], at);
    }
    if (post.identical !== null && features & identical) result.set(post.identical, at);
  }
  return result;
}

/** Writes one row of [rows, 3] with a temperature into `into`; logarithms keep tiny probabilities apart. */
export function withTemperature(
  probabilities: Float64Array,
  row: number,
  temperature: number,
  into: Float64Array,
): void {
  if (temperature === 1) {
    if (into !== probabilities) {
      into.set(probabilities.subarray(3 * row, 3 * row + 3), 3 * row);
    }
    return;
  }
  const at = 3 * row;
  const a = Math.log(probabilities[at]!) / temperature;
  const b = Math.log(probabilities[at + 1]!) / temperature;
  const tie = Math.log(probabilities[at + 2]!) / temperature;
  const most = Math.max(a, b, tie);
  const ea = Math.exp(a - most);
  const eb = Math.exp(b - most);
  const et = Math.exp(tie - most);
  const sum = ea + eb + et;
  into[at] = ea / sum;
  into[at + 1] = eb / sum;
  into[at + 2] = et / sum;
}

/** What is wrong with three numbers as probabilities; null when nothing is. */
export function probabilityFault(values: readonly number[]): 'range' | 'sum' | null {
  if (values.some((value) => !(value >= 0 && value <= 1))) return 'range';
  const sum = values.reduce((total, value) => total + value, 0);
  return Math.abs(sum - 1) > 1e-6 ? 'sum' : null;
}
