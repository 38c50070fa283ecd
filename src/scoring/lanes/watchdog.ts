/** The clock and the timers of {@link watch}. */
export interface Timers {
  /** Milliseconds of a clock that never goes back. */
  now(): number;
  /** Calls `tick` every `ms` milliseconds until the returned function is called. */
  every(ms: number, tick: () => void): () => void;
}

/** The timers of the platform. */
export const realTimers: Timers = {
  now: () => performance.now(),
  every(ms, tick) {
    const timer = setInterval(tick, ms);
    return () => clearInterval(timer);
  },
};

const TICK_MS = 1000;

/**
 * Calls `onHang` once `limitMs` milliseconds have passed, counted only while timers fire. A machine that sleeps, a page
 * that is frozen and a clock that jumps add at most two ticks each, so none of them looks like a hang.
 * @returns a function that stops the watch.
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
 * Waits for `work`, but no longer than the limit, as {@link watch} counts.
 * @param onHang is called at the limit, with a function that rejects the returned promise.
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

/** Least milliseconds before a batch counts as hung. */
const MIN_HANG_MS = 60_000;
/** A batch counts as hung when it takes this many times as long as the rate so far predicts. */
const SLOWER = 20;
/**
 * Milliseconds for the first batch of a lane, which has no rate yet: it compiles shaders, and the device may be slow.
 */
const FIRST_HANG_MS = 600_000;
const SLOWEST_TOKENS_PER_SECOND = 4;

/**
 * Milliseconds that a batch of `tokens` tokens may take before its lane counts as hung.
 * @param tokensPerSecond rate of the lane so far; null before its first batch.
 */
export function hangLimit(
  tokens: number,
  tokensPerSecond: number | null,
  minimum = MIN_HANG_MS,
): number {
  if (tokensPerSecond !== null && tokensPerSecond > 0) {
    return Math.max(minimum, (SLOWER * 1000 * tokens) / tokensPerSecond);
  }
  // Only tests give a shorter minimum. It then holds for the first batch as well.
  if (minimum < MIN_HANG_MS) return minimum;
  return Math.max(FIRST_HANG_MS, (1000 * tokens) / SLOWEST_TOKENS_PER_SECOND);
}
