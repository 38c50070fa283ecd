import { createContext, useContext, useSyncExternalStore } from 'react';
import type { AppState } from './state.ts';
import type { AppStore } from './store.ts';

/** The store of the page. */
export const StoreContext = createContext<AppStore | null>(null);

/** The store, for calling it. */
export function useStore(): AppStore {
  const store = useContext(StoreContext);
  if (store === null) throw new Error('StoreContext is missing');
  return store;
}

/** A part of the state; the component renders again when that part is another. */
export function useApp<T>(select: (state: AppState) => T): T {
  const store = useStore();
  return useSyncExternalStore(store.subscribe, () => select(store.getState()));
}
