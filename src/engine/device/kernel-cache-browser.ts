import { createStore, get, set, type UseStore } from 'idb-keyval';
import type { KernelCache } from './kernel-cache.ts';

/** Remembers choices of kernels in IndexedDB. `get` and `set` reject if the browser refuses. */
export function browserKernelCache(): KernelCache {
  let opened: UseStore | undefined;
  const store = () => {
    opened ??= createStore('tiebreak-kernels', 'choices');
    return opened;
  };
  return {
    get: async (key) => (await get<string>(key, store())) ?? null,
    set: async (key, value) => set(key, value, store()),
  };
}
