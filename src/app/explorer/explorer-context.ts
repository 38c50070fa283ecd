import { createContext, useContext, useSyncExternalStore } from 'react';
import type { ExplorerState } from './explorer-state.ts';
import type { ExplorerStore } from './explorer-store.ts';

/** The store of the explorer. */
export const ExplorerContext = createContext<ExplorerStore | null>(null);

/** The store of the explorer, for calling it. */
export function useExplorerStore(): ExplorerStore {
  const store = useContext(ExplorerContext);
  if (store === null) throw new Error('ExplorerContext is missing');
  return store;
}

/** A part of the explorer's state; the component renders again when that part is another. */
export function useExplorer<T>(select: (state: ExplorerState) => T): T {
  const store = useExplorerStore();
  return useSyncExternalStore(store.subscribe, () => select(store.getState()));
}
