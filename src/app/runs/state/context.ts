import { createContext } from 'react';
import { useProvided, useSelected } from '../../state/use-selected.ts';
import type { RunsState } from './runs-state.ts';
import type { RunsStore } from './runs-store.ts';

/** The store of saved runs. */
export const RunsContext = createContext<RunsStore | null>(null);

/** Returns the store of saved runs. */
export function useRunsStore(): RunsStore {
  return useProvided(RunsContext, 'RunsContext');
}

/** Selects a part of the state of saved runs; see {@link useSelected}. */
export function useRuns<T>(select: (state: RunsState) => T): T {
  return useSelected(useRunsStore(), select);
}
