/** The clock and the timers that a {@link Watchdog} uses. */
export interface Timers {
  /** Milliseconds, never going back. */
  now(): number;
  every(ms: number, tick: () => void): () => void;
}

export const realTimers: Timers = {
  now: () => performance.now(),
  every(ms, tick) {
    const timer = setInterval(tick, ms);
    return () => clearInterval(timer);
  },
};

const TICK_MS = 1000;

/**
 * Counts how long something takes while timers fire. A machine that sleeps, a page that is frozen and a clock that
 * jumps add at most two ticks, so none of them looks like a hang.
 * @returns a function that stops it. `onHang` is called once, unless it was stopped before.
 */
export function watch(
  limitMs: number,
  onHang: () => void,
  timers: Timers = realTimers,
): () => void {
  const tickMs = Math.min(TICK_MS, limitMs / 4);
  let counted = 0;
  let last = timers.now();
  const stop = timers.every(tickMs, () => {
    const now = timers.now();
    counted += Math.min(2 * tickMs, Math.max(0, now - last));
    last = now;
    if (counted < limitMs) return;
    stop();
    onHang();
  });
  return stop;
}

/**
 * Waits for work, and no longer than the limit while timers fire.
 * @param onHang is called then, with what makes the waiting fail.
 */
export async function within<T>(
  limitMs: number,
  work: Promise<T>,
  onHang: (fail: (error: Error) => void) => void,
  timers?: Timers,
): Promise<T> {
  let stop = () => {};
  const hung = new Promise<never>((_, reject) => {
    stop = watch(limitMs, () => onHang(reject), timers);
  });
  try {
    return await Promise.race([work, hung]);
  } finally {
    stop();
  }
}

/** No batch counts as hung before this. */
const MIN_HANG_MS = 60_000;
/** A batch that takes so many times as long as the rate so far predicts counts as hung. */
const SLOWER = 20;
/** Before a lane has a rate: shaders are compiled during its first batch, and the device may be slow. */
const FIRST_HANG_MS = 600_000;
const SLOWEST_TOKENS_PER_SECOND = 4;

/**
 * How long a batch may take before its lane counts as hung, in milliseconds.
 * @param tokensPerSecond of this lane so far; null before its first batch.
 */
export function hangLimit(
  tokens: number,
  tokensPerSecond: number | null,
  minimum = MIN_HANG_MS,
): number {
  if (tokensPerSecond !== null && tokensPerSecond > 0) {
    return Math.max(minimum, (SLOWER * 1000 * tokens) / tokensPerSecond);
  }
  // A shorter minimum is for tests, and then the first batch is no exception.
  if (minimum < MIN_HANG_MS) return minimum;
  return Math.max(FIRST_HANG_MS, (1000 * tokens) / SLOWEST_TOKENS_PER_SECOND);
}
