import { createContext, useContext, useSyncExternalStore } from 'react';
import type { PackagesState } from '../models/packages-state.ts';
import type { PackagesStore } from '../models/packages-store.ts';
import type { RunsState } from '../runs/runs-state.ts';
import type { RunsStore } from '../runs/runs-store.ts';
import type { AppState } from '../score/state.ts';
import type { AppStore } from '../score/store.ts';
import type { RunClient } from './client.ts';

/** The store of the page. */
export const StoreContext = createContext<AppStore | null>(null);

/** The run worker, for screens that ask it for more than the store does. */
export const ClientContext = createContext<RunClient | null>(null);

/** The store of imports and stored packages. */
export const PackagesContext = createContext<PackagesStore | null>(null);

/** The store of kept runs. */
export const RunsContext = createContext<RunsStore | null>(null);

/** The store, for calling it. */
export function useStore(): AppStore {
  const store = useContext(StoreContext);
  if (store === null) throw new Error('StoreContext is missing');
  return store;
}

/** The run worker. */
export function useClient(): RunClient {
  const client = useContext(ClientContext);
  if (client === null) throw new Error('ClientContext is missing');
  return client;
}

/** A part of the state; the component renders again when that part is another. */
export function useApp<T>(select: (state: AppState) => T): T {
  const store = useStore();
  return useSyncExternalStore(store.subscribe, () => select(store.getState()));
}

/** The store of imports and stored packages, for calling it. */
export function usePackagesStore(): PackagesStore {
  const store = useContext(PackagesContext);
  if (store === null) throw new Error('PackagesContext is missing');
  return store;
}

/** As {@link useApp}, for imports and stored packages. */
export function usePackages<T>(select: (state: PackagesState) => T): T {
  const store = usePackagesStore();
  return useSyncExternalStore(store.subscribe, () => select(store.getState()));
}

/** The store of kept runs, for calling it. */
export function useRunsStore(): RunsStore {
  const store = useContext(RunsContext);
  if (store === null) throw new Error('RunsContext is missing');
  return store;
}

/** As {@link useApp}, for kept runs. */
export function useRuns<T>(select: (state: RunsState) => T): T {
  const store = useRunsStore();
  return useSyncExternalStore(store.subscribe, () => select(store.getState()));
}
