import { createContext } from 'react';
import { useProvided, useSelected } from '../../state/use-selected.ts';
import type { PackagesState } from './packages-state.ts';
import type { PackagesStore } from './packages-store.ts';

/** The store of imports and stored packages. */
export const PackagesContext = createContext<PackagesStore | null>(null);

/** Returns the store of imports and stored packages. */
export function usePackagesStore(): PackagesStore {
  return useProvided(PackagesContext, 'PackagesContext');
}

/** Selects a part of the state of imports and stored packages; see {@link useSelected}. */
export function usePackages<T>(select: (state: PackagesState) => T): T {
  return useSelected(usePackagesStore(), select);
}
