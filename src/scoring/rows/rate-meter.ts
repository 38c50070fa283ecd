/** Milliseconds over which a rate is averaged: long enough to be steady, short enough to follow a change. */
const WINDOW_MS = 30_000;

/** Measures the recent rate of tokens per second. */
export class RateMeter {
  private readonly marks: { at: number; total: number }[] = [];
  private total = 0;
  private readonly now: () => number;

  constructor(now: () => number = () => performance.now()) {
    this.now = now;
    this.marks.push({ at: now(), total: 0 });
  }

  /** Records tokens that were finished just now. */
  add(tokens: number): void {
    const at = this.now();
    this.total += tokens;
    this.marks.push({ at, total: this.total });
    while (this.marks.length > 2 && at - this.marks[1]!.at > WINDOW_MS) this.marks.shift();
  }

  /** Tokens per second over the last half minute; null before the first tokens. */
  perSecond(): number | null {
    const first = this.marks[0]!;
    const last = this.marks.at(-1)!;
    if (last.at <= first.at) return null;
    return ((last.total - first.total) * 1000) / (last.at - first.at);
  }
}
