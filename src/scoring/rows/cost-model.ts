import { solvePositive } from '../../stats/methods/linear.ts';

/** The quantities that decide how long a batch takes. Of several batches together: the sums. */
export interface Work {
  batches: number;
  /** Tokens that are computed: with padding, or with what rows share counted once. */
  tokens: number;
  /** Pairs of tokens that attention looks at: the sum of squared lengths. */
  squares: number;
}

/** Seconds for each unit of {@link Work}. */
export interface Cost {
  batches: number;
  tokens: number;
  squares: number;
}

export const NO_WORK: Work = { batches: 0, tokens: 0, squares: 0 };

const KEYS = ['batches', 'tokens', 'squares'] as const;
/** Weight of the expectation beside a batch whose time has a weight of 1: it decides only what batches leave open. */
const RIDGE = 0.002;
/** Observations that are kept; of more, every second one goes. */
const KEPT = 400;
/** The first batch compiles shaders and waits for its texts. */
const FIRST_WEIGHT = 0.05;
const ROUNDS = 8;
/** It is fitted anew when there are so many times as many batches. */
const REFIT = 1.05;

/** Works added up, `factor` times the second. */
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
 * Learns what batches cost. The time of a batch is taken to be linear in {@link Work}, with coefficients that are not
 * negative: least squares of relative errors, in which a batch that is far off (a compiled shader, a hidden tab) counts
 * little. Batches of a run begin with rows of the same length, which cannot tell tokens from squares; what they leave
 * open is as it was expected.
 */
export class CostModel {
  private readonly expected: Cost;
  private readonly measured: boolean;
  private seen: { work: Work; seconds: number; first: boolean }[] = [];
  private added = 0;
  private fitted: { cost: Cost; added: number } | null = null;

  /**
   * @param expected the coefficients as far as known; each above 0.
   * @param measured true where they are seconds of this device; else only their proportions matter.
   */
  constructor(expected: Cost, measured = false) {
    this.expected = expected;
    this.measured = measured;
  }

  /** Notes how long a batch took. */
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

  private fit(): Cost {
    const ratios = this.seen.map(({ work, seconds }) => seconds / secondsOf(this.expected, work));
    if (this.measured) ratios.push(1);
    // A disturbance makes a batch slower, never faster: of two the faster one is right.
    const scale = lowerMedian(ratios);
    // In units of what was expected, and of each batch's time.
    const rows = this.seen.map(({ work, seconds }) =>
      KEYS.map((key) => (scale * this.expected[key] * work[key]) / seconds),
    );
    const given = this.seen.map(({ first }) => (first && this.seen.length > 1 ? FIRST_WEIGHT : 1));
    // An error is at most 1 where a batch was slow, so that even the plain fit is not far off.
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

/** Minimises the weighted errors against 1 and the distance to (1, 1, 1), over vectors without negative elements. */
function solveNonNegative(rows: readonly number[][], weights: readonly number[]): number[] {
  const matrix = KEYS.map((_, j) =>
    KEYS.map((_, k) => rows.reduce((sum, row, i) => sum + weights[i]! * row[j]! * row[k]!, 0)),
  );
  const right = KEYS.map(
    (_, k) => RIDGE + rows.reduce((sum, row, i) => sum + weights[i]! * row[k]!, 0),
  );
  for (const k of KEYS.keys()) matrix[k]![k]! += RIDGE;
  // With three coefficients every choice of those that are 0 can be tried.
  let best = { value: Number.POSITIVE_INFINITY, solution: [1, 1, 1] };
  for (let chosen = 1; chosen < 8; chosen += 1) {
    const free = [0, 1, 2].filter((k) => (chosen >> k) & 1);
    const part = Float64Array.from(free, (k) => right[k]!);
    solvePositive(Float64Array.from(free.flatMap((j) => free.map((k) => matrix[j]![k]!))), part);
    if (part.some((x) => x < 0)) continue;
    const solution = [0, 0, 0];
    for (const [i, k] of free.entries()) solution[k] = part[i]!;
    // The quadratic form at its minimum over these.
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

/** The median; of an even number the lower of the two in the middle. */
export function lowerMedian(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor((sorted.length - 1) / 2)]!;
}
