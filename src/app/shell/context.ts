import { createContext } from 'react';
import type { PackagesState } from '../models/packages-state.ts';
import type { PackagesStore } from '../models/packages-store.ts';
import type { RunsState } from '../runs/runs-state.ts';
import type { RunsStore } from '../runs/runs-store.ts';
import type { AppState } from '../score/state.ts';
import type { AppStore } from '../score/store.ts';
import { useProvided, useSelected } from '../state/use-selected.ts';
import type { RunClient } from './client.ts';

/** The store of the page. */
export const StoreContext = createContext<AppStore | null>(null);

/** The run worker, for screens that ask it for more than the store does. */
export const ClientContext = createContext<RunClient | null>(null);

/** The store of imports and stored packages. */
export const PackagesContext = createContext<PackagesStore | null>(null);

/** The store of saved runs. */
export const RunsContext = createContext<RunsStore | null>(null);

/** The store of the page, for calling it. */
export function useStore(): AppStore {
  return useProvided(StoreContext, 'StoreContext');
}

/** The run worker. */
export function useClient(): RunClient {
  return useProvided(ClientContext, 'ClientContext');
}

/** The store of imports and stored packages, for calling it. */
export function usePackagesStore(): PackagesStore {
  return useProvided(PackagesContext, 'PackagesContext');
}

/** The store of saved runs, for calling it. */
export function useRunsStore(): RunsStore {
  return useProvided(RunsContext, 'RunsContext');
}

/** A part of the page's state; see {@link useSelected}. */
export function useApp<T>(select: (state: AppState) => T): T {
  return useSelected(useStore(), select);
}

/** A part of the state of imports and stored packages; see {@link useSelected}. */
export function usePackages<T>(select: (state: PackagesState) => T): T {
  return useSelected(usePackagesStore(), select);
}

/** A part of the state of saved runs; see {@link useSelected}. */
export function useRuns<T>(select: (state: RunsState) => T): T {
  return useSelected(useRunsStore(), select);
}
