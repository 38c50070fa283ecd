// Batches to leave for each other lane until all have been timed, as if this lane were eight times as slow as those.
const LEFT_UNTIL_KNOWN = 16;
// Batches that a lane has to compute after it has taken one ahead.
const BATCHES_HELD = 2;

/** Rates of the lanes of a run. They decide which lane may take a batch ahead, but do not change any result. */
export class LaneRates {
  private lanes: number;
  private readonly rates = new Map<number, number>();

  /** @param lanes number of lanes that draw from the same queue. */
  constructor(lanes: number) {
    this.lanes = lanes;
  }

  /** Records the rate of a lane, in tokens per millisecond. */
  note(lane: number, rate: number): void {
    this.rates.set(lane, rate);
  }

  /** Records that a lane draws no more batches. */
  end(lane: number): void {
    this.lanes -= 1;
    this.rates.delete(lane);
  }

  /**
   * Number of batches that must be left in the queue for a lane to take one ahead: as many as all lanes compute while
   * this one computes the two that it then holds. With fewer left, a slow lane would still be busy with its second
   * batch when the others have nothing left to do.
   */
  leftBeside(lane: number): number {
    if (this.lanes < 2) return 0;
    const own = this.rates.get(lane);
    if (own === undefined || this.rates.size < this.lanes) {
      return LEFT_UNTIL_KNOWN * (this.lanes - 1);
    }
    const all = [...this.rates.values()].reduce((sum, rate) => sum + rate, 0);
    return Math.ceil((BATCHES_HELD * all) / own);
  }
}
