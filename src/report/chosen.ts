import { applyPost } from '../stats/figures/post.ts';
import type { Table } from '../stats/table/table.ts';
import type { Choices, RunResults } from './api.ts';
import { type QueryData, sidesOf } from './query.ts';

/** Applies the user's choices to the results of a run. */
export function chosenData(table: Table, results: RunResults, choices: Choices): QueryData {
  const { post, members, compared } = choices;
  const { raw, adapters } = results;
  const probabilities = applyPost(raw, table, post, { members, adapters });
  return {
    ...results,
    table,
    probabilities,
    compared: compared === null ? null : sidesOf({ probabilities, adapters }, compared),
  };
}
