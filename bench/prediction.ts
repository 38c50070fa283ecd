import type { Work } from '../src/scoring/rows/cost-model.ts';

/** One batch of a recorded run. */
export interface TracedBatch {
  /** Seconds from the start of the run to the end of the batch. */
  at: number;
  work: Work;
}

/** A run's predictions of its end, one per second. */
export interface Prediction {
  /** Seconds since the start of the run. */
  at: number;
  left: number | null;
}

/** A run from its first batch to its last, to replay it. */
export interface TimeTrace {
  device: string;
  balance: number | null;
  /** All work, as known at the end of the run. */
  total: Work;
  batches: TracedBatch[];
  predictions: Prediction[];
  seconds: number;
}

/**
 * Errors of the predicted length of a run: at a tenth, a quarter, a half and three quarters of it, and after a minute.
 */
export function predictionLines(predictions: readonly Prediction[], seconds: number): string[] {
  const known = predictions.filter((p): p is Prediction & { left: number } => p.left !== null);
  const error = ({ at, left }: { at: number; left: number }) => (at + left) / seconds - 1;
  const lineAt = (name: string, time: number) => {
    const found = known.find(({ at }) => at >= time);
    if (found === undefined) return `${name}: nothing predicted`;
    const total = (found.at + found.left).toFixed(1);
    return `${name} (${found.at.toFixed(1)} s): predicted ${total} s, was ${seconds.toFixed(1)} s: ${percent(error(found))}`;
  };
  const late = known.filter(({ at }) => at >= 60);
  const worst = late.reduce((most, p) => Math.max(most, Math.abs(error(p))), 0);
  return [
    lineAt('first', 0),
    ...[0.1, 0.25, 0.5, 0.75].map((share) => lineAt(`${100 * share} %`, share * seconds)),
    ...(seconds > 60
      ? [lineAt('after 60 s', 60), `worst after 60 s: ${percent(worst)}`]
      : ['shorter than a minute']),
  ];
}

function percent(share: number): string {
  return `${share >= 0 ? '+' : ''}${(100 * share).toFixed(1)} %`;
}
