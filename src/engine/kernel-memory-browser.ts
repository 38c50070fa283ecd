import { createStore, get, set } from 'idb-keyval';
import type { KernelMemory } from './wgsl/choice.ts';

/** Remembers choices of kernels in this browser. */
export function browserKernelMemory(): KernelMemory {
  const store = createStore('tiebreak-kernels', 'choices');
  return {
    get: async (key) => (await get<string>(key, store)) ?? null,
    set: (key, value) => set(key, value, store),
  };
}
