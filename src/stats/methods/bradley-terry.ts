import { solvePositive } from './linear.ts';

/**
 * Strength of the pull of every rating towards the mean: half the squared strengths, times this, is added to the loss.
 * Weak, but it gives a finite rating to a model that won or lost every game.
 */
const RIDGE = 0.1;

/** Elo points of a strength; a difference of 400 means ten times the odds. */
const ELO = { scale: 400 / Math.LN10, mean: 1000 } as const;

const MAX_STEPS = 50;
const TOLERANCE = 1e-9;

/**
 * Games between models: `wins[i, j]` counts the wins of i over j, a tie as half a win for each; flat [models, models].
 */
export interface Games {
  models: number;
  wins: Float64Array<ArrayBuffer>;
}

/** A table without games. */
export function noGames(models: number): Games {
  return { models, wins: new Float64Array(models * models) };
}

/** Adds `times` games of which `a` has the given share: 1 for a win, 1/2 for a tie, or a probability of winning. */
export function addGame(games: Games, a: number, b: number, share: number, times = 1): void {
  games.wins[a * games.models + b]! += share * times;
  games.wins[b * games.models + a]! += (1 - share) * times;
}

/**
 * Computes the strengths of the Bradley-Terry model, natural logarithms of odds, that minimise the loss with {@link
 * RIDGE}: a logistic regression without intercept. They sum to 0; models without a game get 0.
 * @param start initial strengths, to converge faster from a close solution.
 */
export function strengths(
  { models, wins }: Games,
  start?: Float64Array,
): Float64Array<ArrayBuffer> {
  const theta = start === undefined ? new Float64Array(models) : Float64Array.from(start);
  const gradient = new Float64Array(models);
  const hessian = new Float64Array(models * models);
  for (let step = 0; step < MAX_STEPS; step += 1) {
    hessian.fill(0);
    for (let i = 0; i < models; i += 1) {
      gradient[i] = RIDGE * theta[i]!;
      hessian[i * models + i] = RIDGE;
    }
    for (let i = 0; i < models; i += 1) {
      for (let j = i + 1; j < models; j += 1) {
        const won = wins[i * models + j]!;
        const played = won + wins[j * models + i]!;
        if (played === 0) continue;
        const p = 1 / (1 + Math.exp(theta[j]! - theta[i]!));
        const slope = played * p - won;
        gradient[i]! += slope;
        gradient[j]! -= slope;
        const weight = played * p * (1 - p);
        hessian[i * models + i]! += weight;
        hessian[j * models + j]! += weight;
        hessian[i * models + j]! -= weight;
        hessian[j * models + i]! -= weight;
      }
    }
    solvePositive(hessian, gradient);
    let most = 0;
    for (const change of gradient) most = Math.max(most, Math.abs(change));
    // Far from the solution a full Newton step can overshoot.
    const share = most > 2 ? 2 / most : 1;
    for (let i = 0; i < models; i += 1) theta[i]! -= share * gradient[i]!;
    if (most < TOLERANCE) break;
  }
  return theta;
}

/** Converts a strength to Elo points. */
export function rating(strength: number): number {
  return ELO.mean + ELO.scale * strength;
}
