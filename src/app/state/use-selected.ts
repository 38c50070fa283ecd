import { type Context, useContext, useSyncExternalStore } from 'react';
import type { Readable } from './store.ts';

/**
 * Selects a part of a store's state. The component renders again when that part changes by `Object.is`, so `select`
 * must not make a new object each time.
 */
export function useSelected<S, T>(store: Readable<S>, select: (state: S) => T): T {
  return useSyncExternalStore(store.subscribe, () => select(store.getState()));
}

/** Returns the value of a context. @param name for the error if no provider exists. */
export function useProvided<T>(context: Context<T | null>, name: string): T {
  const value = useContext(context);
  if (value === null) throw new Error(`${name} is missing`);
  return value;
}
