/** How our kernels were chosen among those that give the same bits, for the user. */
export interface KernelReport {
  how: 'timed' | 'remembered' | 'defaults';
  /** Why not all of them were timed, or why the choice is not remembered; null when there is nothing to say. */
  note: string | null;
  /** How long the choice took. */
  milliseconds: number;
}

/** Remembers choices of kernels from one load to the next. */
export interface KernelMemory {
  /** @returns what was set last under the key; null when nothing was. */
  get(key: string): Promise<string | null>;
  set(key: string, value: string): Promise<void>;
}
