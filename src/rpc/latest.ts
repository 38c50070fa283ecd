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
 * Calls of one kind, of which the last one wins: an answer is used only while its call is the latest, so that a slow
 * earlier answer never overwrites a later one.
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

  /** How many calls have begun; the number of the latest one. */
  get number(): number {
    return this.count;
  }

  /** Begins a call; every earlier one of the kind stops being the latest. */
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

  /** Makes the answer of the latest call useless, without beginning another. */
  giveUp(): void {
    this.superseded.abort();
  }
}
