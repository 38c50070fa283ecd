/** The part of `Storage` that the page uses to remember choices from one visit to the next. */
export type PageStorage = Pick<Storage, 'getItem' | 'setItem'>;

/** Returns `localStorage`, or null where even touching it throws. */
export function browserStorage(): PageStorage | null {
  try {
    return globalThis.localStorage ?? null;
  } catch {
    return null;
  }
}
