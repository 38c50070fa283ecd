import { solvePositive } from '../../stats/methods/linear.ts';

/** The quantities that decide how long a batch takes; for several batches their sums. */
export interface Work {
  batches: number;
  /** Tokens that are computed: with padding, or with shared beginnings counted once. */
  tokens: number;
  /** Pairs of tokens in attention: the sum of squared lengths. */
  squares: number;
}

/** Seconds for each unit of {@link Work}. */
export interface Cost {
  batches: number;
  tokens: number;
  squares: number;
}

/** The sum of no batches. */
export const NO_WORK: Work = { batches: 0, tokens: 0, squares: 0 };

const KEYS = ['batches', 'tokens', 'squares'] as const;
/**
 * Weight of the expected cost, relative to one batch: small, so it decides only what the batches leave undetermined.
 */
const RIDGE = 0.002;
/** Largest number of observations kept; beyond it every second one is dropped. */
const KEPT = 400;
/** Weight of the first batch, which also compiles shaders and waits for its texts. */
const FIRST_WEIGHT = 0.05;
/** Rounds of iteratively reweighted least squares. */
const ROUNDS = 8;
/** Factor by which the number of batches must grow before the model is fitted again. */
const REFIT = 1.05;

/** The sum `a + factor * b`. */
export function plus(a: Work, b: Work, factor = 1): Work {
  return {
    batches: a.batches + factor * b.batches,
    tokens: a.tokens + factor * b.tokens,
    squares: a.squares + factor * b.squares,
  };
}

/** Seconds that work takes. */
export function secondsOf(cost: Cost, work: Work): number {
  return KEYS.reduce((sum, key) => sum + cost[key] * work[key], 0);
}

/**
 * Learns the cost of batches. Seconds are modelled as linear in {@link Work} with coefficients that are not negative,
 * fitted by least squares of relative errors. Outliers (a compiled shader, a hidden tab) get little weight. A run
 * begins with rows of equal length, which cannot separate tokens from squares; whatever the batches leave undetermined
 * stays in the expected proportions.
 */
export class CostModel {
  private readonly expected: Cost;
  private readonly measured: boolean;
  private seen: { work: Work; seconds: number; first: boolean }[] = [];
  private added = 0;
  private fitted: { cost: Cost; added: number } | null = null;

  /**
   * @param expected the coefficients as far as they are known; each above 0.
   * @param measured true if these are seconds of this device; otherwise only their proportions matter.
   */
  constructor(expected: Cost, measured = false) {
    this.expected = expected;
    this.measured = measured;
  }

  /** Records the seconds that a batch took. */
  add(work: Work, seconds: number): void {
    if (!(seconds > 0) || work.tokens === 0) return;
    if (this.seen.length >= KEPT) this.seen = this.seen.filter((_, i) => i % 2 === 0);
    this.seen.push({ work, seconds, first: this.added === 0 });
    this.added += 1;
  }

  /** Cost of work; null before anything is known. */
  get cost(): Cost | null {
    if (this.seen.length === 0) return this.measured ? this.expected : null;
    // A few more batches among many change little, and runs may have tens of thousands.
    if (this.fitted === null || this.added > REFIT * this.fitted.added) {
      this.fitted = { cost: this.fit(), added: this.added };
    }
    return this.fitted.cost;
  }

  /** Fits the coefficients to the observations: least squares, then rounds in which outliers lose weight. */
  private fit(): Cost {
    const ratios = this.seen.map(({ work, seconds }) => seconds / secondsOf(this.expected, work));
    if (this.measured) ratios.push(1);
    // Disturbances only ever make a batch slower, so the lower of two medians is the better one.
    const scale = lowerMedian(ratios);
    // Columns are in units of the scaled expectation and rows in units of the batch's seconds: a perfect fit is 1.
    const rows = this.seen.map(({ work, seconds }) =>
      KEYS.map((key) => (scale * this.expected[key] * work[key]) / seconds),
    );
    const given = this.seen.map(({ first }) => (first && this.seen.length > 1 ? FIRST_WEIGHT : 1));
    // The relative error of a slow batch is at most 1, so even this first, unweighted fit is not far off.
    let solution = solveNonNegative(rows, given);
    for (let round = 0; round < ROUNDS; round += 1) {
      const errors = rows.map((row) => Math.abs(dot(row, solution) - 1));
      const bound = Math.max(0.02, 3 * lowerMedian(errors));
      const weights = errors.map((e, i) => given[i]! * (e <= bound ? 1 : (bound / e) ** 2));
      solution = solveNonNegative(rows, weights);
    }
    const [batches, tokens, squares] = KEYS.map(
      (key, k) => scale * this.expected[key] * solution[k]!,
    );
    return { batches: batches!, tokens: tokens!, squares: squares! };
  }
}

/** Minimises the weighted squared errors against 1 plus the ridge's pull to (1, 1, 1), over non-negative vectors. */
function solveNonNegative(rows: readonly number[][], weights: readonly number[]): number[] {
  const matrix = KEYS.map((_, j) =>
    KEYS.map((_, k) => rows.reduce((sum, row, i) => sum + weights[i]! * row[j]! * row[k]!, 0)),
  );
  const right = KEYS.map(
    (_, k) => RIDGE + rows.reduce((sum, row, i) => sum + weights[i]! * row[k]!, 0),
  );
  for (const k of KEYS.keys()) matrix[k]![k]! += RIDGE;
  // There are only three coefficients, so every choice of those that are 0 is tried.
  let best = { value: Number.POSITIVE_INFINITY, solution: [1, 1, 1] };
  for (let chosen = 1; chosen < 8; chosen += 1) {
    const free = [0, 1, 2].filter((k) => (chosen >> k) & 1);
    const part = Float64Array.from(free, (k) => right[k]!);
    solvePositive(Float64Array.from(free.flatMap((j) => free.map((k) => matrix[j]![k]!))), part);
    if (part.some((x) => x < 0)) continue;
    const solution = [0, 0, 0];
    for (const [i, k] of free.entries()) solution[k] = part[i]!;
    // The minimum of the quadratic form over the free coefficients.
    const value = -dot(
      free.map((k) => right[k]!),
      part,
    );
    if (value < best.value) best = { value, solution };
  }
  return best.solution;
}

function dot(a: readonly number[], b: ArrayLike<number>): number {
  return a.reduce((sum, x, i) => sum + x * b[i]!, 0);
}

/** The median; of an even number of values the lower of the middle two. */
export function lowerMedian(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor((sorted.length - 1) / 2)]!;
}
