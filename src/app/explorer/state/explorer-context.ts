import { createContext } from 'react';
import { useProvided, useSelected } from '../../state/use-selected.ts';
import type { ExplorerState } from './explorer-state.ts';
import type { ExplorerStore } from './explorer-store.ts';

/** The store of the explorer. */
export const ExplorerContext = createContext<ExplorerStore | null>(null);

/** Returns the store of the explorer. */
export function useExplorerStore(): ExplorerStore {
  return useProvided(ExplorerContext, 'ExplorerContext');
}

/** Selects a part of the explorer's state; see {@link useSelected}. */
export function useExplorer<T>(select: (state: ExplorerState) => T): T {
  return useSelected(useExplorerStore(), select);
}
