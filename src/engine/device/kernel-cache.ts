/** Report to the user on the choice among kernels that give the same bits. */
export interface KernelReport {
  how: 'timed' | 'remembered' | 'defaults';
  /** The reason why not all kernels were timed or the choice was not remembered; null if there is none. */
  note: string | null;
  /** Duration of the choice. */
  milliseconds: number;
}

/** Remembers choices of kernels from one load to the next. */
export interface KernelCache {
  /** The value that was set last for the key; null if there is none. */
  get(key: string): Promise<string | null>;
  set(key: string, value: string): Promise<void>;
}
