import { type Context, useContext, useSyncExternalStore } from 'react';
import type { Readable } from './store.ts';

/**
 * A part of a store's state. The component renders again when that part is another, by `Object.is`: `select` must not
 * make a new object each time.
 */
export function useSelected<S, T>(store: Readable<S>, select: (state: S) => T): T {
  return useSyncExternalStore(store.subscribe, () => select(store.getState()));
}

/** What a context provides. @param name for the error where nothing is provided. */
export function useProvided<T>(context: Context<T | null>, name: string): T {
  const value = useContext(context);
  if (value === null) throw new Error(`${name} is missing`);
  return value;
}
