import type { BootstrapOptions, Estimate } from '../methods/bootstrap.ts';
import type { ScoredTable } from '../table/scored.ts';
import type { Table } from '../table/table.ts';
import { judgedRows } from '../table/units.ts';
import { pairedDifference } from './paired.ts';
import { activeSteps, applyPost, NO_POST, type PostProcessing, type Sources } from './post.ts';

/** The effect of a step of post-processing. */
export interface Effect {
  /** A single step, or all active ones together. */
  step: keyof PostProcessing | 'all';
  /** Number of rows whose probabilities change. */
  rows: number;
  /** Change of the log loss against the run as it is, below 0 if the step helps; null without labels. */
  difference: Estimate | null;
}

/**
 * Computes the effect of each active step alone, and of all together if there are several.
 * @param raw [rows, 3], before post-processing.
 */
export function effectsOf(
  table: Table,
  raw: ScoredTable['raw'],
  post: PostProcessing,
  sources: Sources,
  options: BootstrapOptions,
): Effect[] {
  const rows = judgedRows({ table, probabilities: raw });
  const effect = (step: Effect['step'], part: PostProcessing): Effect => {
    const changed = applyPost(raw, table, part, sources);
    return {
      step,
      rows: changedRows(raw, changed, table.length),
      difference: rows.length === 0 ? null : pairedDifference(table, changed, raw, rows, options),
    };
  };
  const steps = activeSteps(post);
  const effects = steps.map((step) => effect(step, { ...NO_POST, [step]: post[step] }));
  return steps.length > 1 ? [...effects, effect('all', post)] : effects;
}

function changedRows(one: Float64Array, other: Float64Array, rows: number): number {
  let changed = 0;
  for (let row = 0; row < rows; row += 1) {
    for (let c = 0; c < 3; c += 1) {
      const before = one[3 * row + c]!;
      if (Number.isNaN(before) || before === other[3 * row + c]) continue;
      changed += 1;
      break;
    }
  }
  return changed;
}
