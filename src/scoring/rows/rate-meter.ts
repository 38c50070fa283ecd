/** Milliseconds over which a rate is taken: long enough to be calm, short enough to follow a change. */
const WINDOW_MS = 30_000;

/** How many tokens a second were done lately. */
export class RateMeter {
  private readonly marks: { at: number; total: number }[] = [];
  private total = 0;
  private readonly now: () => number;

  constructor(now: () => number = () => performance.now()) {
    this.now = now;
    this.marks.push({ at: now(), total: 0 });
  }

  /** Notes tokens that were just finished. */
  add(tokens: number): void {
    const at = this.now();
    this.total += tokens;
    this.marks.push({ at, total: this.total });
    while (this.marks.length > 2 && at - this.marks[1]!.at > WINDOW_MS) this.marks.shift();
  }

  /** Tokens per second over the last half minute; null before anything was done. */
  perSecond(): number | null {
    const first = this.marks[0]!;
    const last = this.marks.at(-1)!;
    if (last.at <= first.at) return null;
    return ((last.total - first.total) * 1000) / (last.at - first.at);
  }
}
