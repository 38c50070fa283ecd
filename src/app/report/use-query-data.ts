import { useMemo } from 'react';
import type { QueryData } from '../../report/query.ts';
import { useStore } from '../context.ts';
import { useReport } from './use-report.ts';

/** Everything that is known of the rows; null until they are read and scored. */
export function useQueryData(): QueryData | null {
  const { rows: columns } = useStore();
  const table = useReport((state) => state.table);
  const probabilities = useReport((state) => state.probabilities);
  const other = useReport((state) => state.other);
  const { version } = columns;
  // biome-ignore lint/correctness/useExhaustiveDependencies: the columns change in place, and their version with them
  return useMemo(
    () =>
      table === null || probabilities === null
        ? null
        : ({
            table,
            probabilities,
            raw: columns.probabilities,
            forward: columns.forward,
            tokens: columns.tokens,
            flags: columns.flags,
            other: other?.probabilities ?? null,
          } as QueryData),
    [table, probabilities, other, columns, version],
  );
}
