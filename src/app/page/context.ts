import { createContext } from 'react';
import { useProvided, useSelected } from '../state/use-selected.ts';
import type { AppState } from './state.ts';
import type { AppStore } from './store.ts';

/** The store of the page. */
export const StoreContext = createContext<AppStore | null>(null);

/** Returns the store of the page. */
export function useStore(): AppStore {
  return useProvided(StoreContext, 'StoreContext');
}

/** Selects a part of the page's state; see {@link useSelected}. */
export function useApp<T>(select: (state: AppState) => T): T {
  return useSelected(useStore(), select);
}
