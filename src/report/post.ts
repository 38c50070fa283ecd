import type { Probabilities } from '../core/probabilities.ts';
import { FEATURE } from './features.ts';
import type { Table } from './table.ts';

/** A weighted mean of this run and others of the same rows: other adapters, other settings, other models. */
export interface Average {
  /**
   * `logits`: the mean of the logarithms of the probabilities, then scaled to sum 1. Logits are these logarithms up to a
   * constant of each row, which the scaling takes away.
   */
  of: 'probabilities' | 'logits';
  /** Of this run; any positive number. */
  weight: number;
  /** The others, each with its weight: a positive number. */
  members: readonly { name: string; weight: number }[];
}

/** What is done to the probabilities after a run; everything is off by default. */
export interface PostProcessing {
  /** Probabilities to the power 1 / temperature, then scaled to sum 1; null or 1 for none. */
  temperature: number | null;
  /** Probabilities of rows of which exactly one answer is empty: that the empty one wins, the other one wins, a tie. */
  empty: Probabilities | null;
  /** Probabilities of rows whose two answers are the same text (also where both are empty): A, B, tie. */
  identical: Probabilities | null;
  average: Average | null;
}

/** Nothing is done. */
export const NO_POST: PostProcessing = {
  temperature: null,
  empty: null,
  identical: null,
  average: null,
};

/** The steps that are on, in the order in which they are done. */
export function activeSteps(post: PostProcessing): (keyof PostProcessing)[] {
  const steps: (keyof PostProcessing)[] = [];
  if (post.average !== null) steps.push('average');
  if (post.temperature !== null && post.temperature !== 1) steps.push('temperature');
  if (post.empty !== null) steps.push('empty');
  if (post.identical !== null) steps.push('identical');
  return steps;
}

/**
 * Probabilities [rows, 3] after the steps: averaging, temperature, then the fixed ones. Rows without a result stay NaN.
 * `members`: [rows, 3] of each run to average with, in the order of `post.average`; NaN where it has not the row, which is then
 * the mean of the others.
 */
export function applyPost(
  probabilities: Float64Array,
  { length, bits }: Pick<Table, 'length' | 'bits'>,
  post: PostProcessing,
  members: readonly Float64Array[] = [],
): Float64Array<ArrayBuffer> {
  const result = Float64Array.from(probabilities.subarray(0, 3 * length));
  for (let row = 0; row < length; row += 1) {
    const at = 3 * row;
    if (Number.isNaN(result[at]!)) continue;
    if (post.average !== null) averageRow(result, row, post.average, members);
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

// Stands for the logarithm of 0, so that what one run excludes and another one does not keeps a number.
const LEAST = 1e-300;

/** Puts the weighted mean of all runs that have a row into it. */
function averageRow(
  result: Float64Array,
  row: number,
  { of, weight, members: weighted }: Average,
  members: readonly Float64Array[],
): void {
  const at = 3 * row;
  const isOfLogits = of === 'logits';
  const part = (p: number) => (isOfLogits ? Math.log(Math.max(p, LEAST)) : p);
  let total = weight;
  const mean = [0, 1, 2].map((c) => weight * part(result[at + c]!));
  for (const [i, member] of members.entries()) {
    if (Number.isNaN(member[at]!)) continue;
    const own = weighted[i]!.weight;
    total += own;
    for (let c = 0; c < 3; c += 1) mean[c]! += own * part(member[at + c]!);
  }
  // The only run that has the row: no digit of it changes.
  if (total === weight) return;
  const most = Math.max(...mean);
  const parts = isOfLogits ? mean.map((value) => Math.exp((value - most) / total)) : mean;
  const sum = isOfLogits ? parts.reduce((all, value) => all + value, 0) : total;
  for (let c = 0; c < 3; c += 1) result[at + c] = parts[c]! / sum;
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
