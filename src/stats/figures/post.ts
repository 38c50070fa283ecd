import type { Probabilities } from '../../domain/probabilities.ts';
import { FEATURE } from '../table/features.ts';
import type { Adapters } from '../table/scored.ts';
import type { Table } from '../table/table.ts';

/**
 * The numbers that a mean is taken of. `logits`: the mean of the logarithms of the probabilities, scaled to sum 1.
 * Logits equal these logarithms up to a constant of each row, which the scaling removes.
 */
export type MeanOf = 'probabilities' | 'logits';

/** A weighted mean of the run's adapters, replacing the equal one. */
export interface AdapterMean {
  of: MeanOf;
  /** All adapters in their order; null stands for the base model. Weights are 0 or more, at least one is positive. */
  members: readonly { name: string | null; weight: number }[];
}

/** A weighted mean of this run and others of the same rows: other adapters, other settings, other models. */
export interface Average {
  of: MeanOf;
  /** The weight of this run; any positive number. */
  weight: number;
  /** The other runs, each with a positive weight. */
  members: readonly { name: string; weight: number }[];
}

/** Steps that change the probabilities after a run; all are off by default. */
export interface PostProcessing {
  adapters: AdapterMean | null;
  /** Probabilities to the power 1 / temperature, then scaled to sum 1; null or 1 for none. */
  temperature: number | null;
  /** Probabilities for rows with exactly one empty answer: the empty one wins, the other one wins, a tie. */
  empty: Probabilities | null;
  /** Probabilities of A, B and tie for rows with equal answers, including two empty ones. */
  identical: Probabilities | null;
  average: Average | null;
}

/** No step. */
export const NO_POST: PostProcessing = {
  adapters: null,
  temperature: null,
  empty: null,
  identical: null,
  average: null,
};

/** Further inputs of the steps. */
export interface Sources {
  /**
   * [rows, 3] for each run to average with, in the order of {@link PostProcessing.average}. NaN marks a row that a run
   * lacks; the mean is then over the others.
   */
  members: readonly Float64Array[];
  /** The adapters of the run; needed for {@link PostProcessing.adapters}. */
  adapters: Adapters | null;
}

/** The active steps in the order of their application. */
export function activeSteps(post: PostProcessing): (keyof PostProcessing)[] {
  const steps: (keyof PostProcessing)[] = [];
  if (post.adapters !== null && !isOfRun(post.adapters)) steps.push('adapters');
  if (post.average !== null) steps.push('average');
  if (post.temperature !== null && post.temperature !== 1) steps.push('temperature');
  if (post.empty !== null) steps.push('empty');
  if (post.identical !== null) steps.push('identical');
  return steps;
}

/** True for the equal mean that the run itself took: it is no step and must not change a digit. */
function isOfRun({ of, members }: AdapterMean): boolean {
  return of === 'probabilities' && members.every(({ weight }) => weight === members[0]!.weight);
}

/** The adapter with all the weight; null if several have some. */
export function onlyAdapter({ members }: AdapterMean): AdapterMean['members'][number] | null {
  const used = members.filter(({ weight }) => weight > 0);
  return used.length === 1 ? used[0]! : null;
}

/**
 * Applies the steps to probabilities [rows, 3]: weights of the adapters, averaging, temperature, then the fixed
 * probabilities. Rows without a result stay NaN.
 */
export function applyPost(
  probabilities: Float64Array,
  { length, bits }: Pick<Table, 'length' | 'bits'>,
  post: PostProcessing,
  { members, adapters }: Sources,
): Float64Array<ArrayBuffer> {
  const result = Float64Array.from(probabilities.subarray(0, 3 * length));
  const weighted = post.adapters !== null && !isOfRun(post.adapters) ? post.adapters : null;
  for (let row = 0; row < length; row += 1) {
    const at = 3 * row;
    if (Number.isNaN(result[at]!)) continue;
    if (weighted !== null) {
      meanOfRow(result, at, weighted.of, adapterParts(weighted, adapters!, row));
    }
    if (post.average !== null) {
      const { of, weight, members: others } = post.average;
      const own = { values: result, at, weight };
      const parts = others.map((run, i) => ({ values: members[i]!, at, weight: run.weight }));
      meanOfRow(result, at, of, [own, ...parts]);
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

// Replaces a probability of 0 under the logarithm, so that a class stays possible unless every run excludes it.
const LEAST = 1e-300;

/** Three probabilities from index `at`, and their weight. */
interface Part {
  values: Float64Array | Float32Array;
  at: number;
  weight: number;
}

function adapterParts({ members }: AdapterMean, { names, probabilities }: Adapters, row: number) {
  return members.map(({ weight }, a) => {
    return { values: probabilities, at: 3 * (names.length * row + a), weight };
  });
}

/** Writes the weighted mean of all parts that have the row and a positive weight to `result` at `to`. */
function meanOfRow(result: Float64Array, to: number, of: MeanOf, all: readonly Part[]): void {
  const parts = all.filter(({ values, at, weight }) => weight > 0 && !Number.isNaN(values[at]!));
  const [first] = parts;
  if (first === undefined) return;
  if (parts.length === 1) {
    // The mean of a single part must not change a digit.
    for (let c = 0; c < 3; c += 1) result[to + c] = first.values[first.at + c]!;
    return;
  }
  const isOfLogits = of === 'logits';
  const mean = [0, 0, 0];
  let total = 0;
  for (const { values, at, weight } of parts) {
    total += weight;
    for (let c = 0; c < 3; c += 1) {
      const p = values[at + c]!;
      mean[c]! += weight * (isOfLogits ? Math.log(Math.max(p, LEAST)) : p);
    }
  }
  const most = Math.max(...mean);
  const scaled = isOfLogits ? mean.map((value) => Math.exp((value - most) / total)) : mean;
  const sum = isOfLogits ? scaled.reduce((sum, value) => sum + value, 0) : total;
  for (let c = 0; c < 3; c += 1) result[to + c] = scaled[c]! / sum;
}

/**
 * Applies a temperature to one row of [rows, 3] and writes it to `into`. Logarithms keep tiny probabilities distinct.
 */
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

/** The fault that keeps three numbers from being probabilities; null if there is none. */
export function probabilityFault(values: readonly number[]): 'range' | 'sum' | null {
  if (values.some((value) => !(value >= 0 && value <= 1))) return 'range';
  const sum = values.reduce((total, value) => total + value, 0);
  return Math.abs(sum - 1) > 1e-6 ? 'sum' : null;
}
