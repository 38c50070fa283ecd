/** One of several calls of a kind, of which only the latest matters. */
export interface Call {
  /** Position among the calls of its kind, from 1: names the call to a worker. */
  readonly number: number;
  /** True until another call of the kind begins or this one is given up. */
  readonly isLatest: boolean;
  /** Fires when `isLatest` becomes false, for work that can be stopped. */
  readonly signal: AbortSignal;
}

/**
 * Calls of one kind, of which the last one wins: callers use an answer only while its call is the latest, so that a
 * slow answer never overwrites a newer one.
 *
 * ```ts
 * const call = this.plans.begin();
 * const plan = await this.client.plan(request);
 * if (call.isLatest) this.set({ plan });
 * ```
 */
export class LatestCall {
  private count = 0;
  private superseded = new AbortController();

  /** Number of the latest call, and so the count of calls begun; 0 before the first. */
  get number(): number {
    return this.count;
  }

  /** Begins a call. The previous one stops being the latest, and its signal fires. */
  begin(): Call {
    this.giveUp();
    this.count += 1;
    this.superseded = new AbortController();
    const { signal } = this.superseded;
    return {
      number: this.count,
      signal,
      get isLatest() {
        return !signal.aborted;
      },
    };
  }

  /** Ends the latest call without beginning another: its answer is no longer wanted, and its signal fires. */
  giveUp(): void {
    this.superseded.abort();
  }
}
