import { PAIR_COLUMNS } from '../data/csv/column-names.ts';
import { csvField } from '../data/csv/field.ts';
import { CLASS_COLUMNS } from '../domain/classes.ts';
import type { Probabilities } from '../domain/probabilities.ts';
import type { Rewards } from '../domain/rewards.ts';
import type { Pair } from '../domain/settings.ts';

/**
 * A pair as a CSV file of one row with the competition's columns. Unlike the competition's files it has only
 * the escapes that JSON needs, so that both text modes read the same texts.
 */
export function pairCsv(id: string, { prompt, responseA, responseB }: Pair): string {
  const cells = [prompt, responseA, responseB].map(
    (turns) => `"${JSON.stringify(turns).replaceAll('"', '""')}"`,
  );
  return `${PAIR_COLUMNS.join(',')}\n${csvField(id)},${cells.join(',')}\n`;
}

/** The model, settings and engine behind a pair's numbers, for JSON. */
type ComputedWith = Record<string, string | number | boolean | null>;

/** A pair with a model's result as JSON. `rewards` of a reward model, which has no orders. */
export function pairJson(
  { prompt, responseA, responseB }: Pair,
  said: {
    forward: Probabilities;
    swapped: Probabilities;
    mean: Probabilities;
    rewards?: Rewards;
  } | null,
  computedWith: ComputedWith | null,
): string {
  const named = (probabilities: Probabilities) =>
    Object.fromEntries(CLASS_COLUMNS.map((name, c) => [name, probabilities[c]]));
  return JSON.stringify(
    {
      prompt,
      response_a: responseA,
      response_b: responseB,
      ...(said && {
        probabilities: {
          ...(said.rewards === undefined && {
            a_first: named(said.forward),
            b_first: named(said.swapped),
          }),
          mean: named(said.mean),
        },
      }),
      ...(said?.rewards && { rewards: said.rewards }),
      ...(computedWith && { computed_with: computedWith }),
    },
    null,
    2,
  );
}
