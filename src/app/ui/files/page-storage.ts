/** The part of `Storage` that the page uses to keep choices between visits. */
export type PageStorage = Pick<Storage, 'getItem' | 'setItem'>;

/** Returns `localStorage`, or null if even accessing it throws. */
export function browserStorage(): PageStorage | null {
  try {
    return globalThis.localStorage ?? null;
  } catch {
    return null;
  }
}
