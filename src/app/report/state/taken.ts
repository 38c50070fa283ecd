import type { Choices, RunResults } from '../../../report/api.ts';
import type { Compared } from '../../../report/query.ts';
import type { RowColumns } from '../../page/rows.ts';
import type { ResultsInfo } from '../../page/state.ts';
import type { ReportState } from './report-state.ts';

/** Copies the page's results for the report's workers. */
export function resultsOf(rows: RowColumns, names: ResultsInfo['adapters']): RunResults {
  const { length, probabilities, forward, adapters, rewards, tokens, flags } = rows;
  return {
    raw: Float64Array.from(probabilities.subarray(0, 3 * length)),
    forward: forward && Float64Array.from(forward.subarray(0, 3 * length)),
    adapters: adapters && {
      names,
      probabilities: Float32Array.from(adapters.subarray(0, 3 * names.length * length)),
    },
    rewards: rewards && Float32Array.from(rewards.subarray(0, 2 * names.length * length)),
    tokens: Uint32Array.from(tokens.subarray(0, length)),
    flags: Uint8Array.from(flags.subarray(0, length)),
  };
}

/** The user's choices for the report's workers. */
export function choicesOf(state: ReportState): Choices {
  const { post, members } = state;
  return {
    post,
    members: members.map(({ probabilities }) => probabilities),
    compared: comparedOf(state),
  };
}

/** The two sides of the comparison; null without one. */
export function comparedOf({ one, other }: Pick<ReportState, 'one' | 'other'>): Compared | null {
  if (other === null) return null;
  return { one, other: 'adapter' in other ? other.adapter : other.probabilities };
}
