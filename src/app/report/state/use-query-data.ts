import { useMemo } from 'react';
import { type QueryData, sidesOf } from '../../../report/query.ts';
import type { Adapters } from '../../../stats/table/scored.ts';
import { useApp, useStore } from '../../page/context.ts';
import { comparedOf } from './taken.ts';
import { useReport } from './use-report.ts';

/** Returns all data about the rows; null until they are read and scored. */
export function useQueryData(): QueryData | null {
  const { rows: columns } = useStore();
  const table = useReport((state) => state.table);
  const probabilities = useReport((state) => state.probabilities);
  const one = useReport((state) => state.one);
  const other = useReport((state) => state.other);
  const names = useApp(({ results }) => results?.adapters);
  const { version } = columns;
  // biome-ignore lint/correctness/useExhaustiveDependencies: the columns change in place, and their version with them
  return useMemo(() => {
    if (table === null || probabilities === null) return null;
    const known = columns.adapters !== null && names !== undefined;
    const adapters = known ? ({ names, probabilities: columns.adapters } as Adapters) : null;
    // For a moment the page may have a new run that the report does not know yet.
    const isOfAdapters = one !== null || (other !== null && 'adapter' in other);
    const compared = isOfAdapters && !known ? null : comparedOf({ one, other });
    return {
      table,
      probabilities,
      raw: columns.probabilities,
      forward: columns.forward,
      adapters,
      rewards: columns.rewards,
      tokens: columns.tokens,
      flags: columns.flags,
      compared: compared && sidesOf({ probabilities, adapters }, compared),
    } as QueryData;
  }, [table, probabilities, one, other, names, columns, version]);
}
