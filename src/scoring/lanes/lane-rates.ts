// Until every lane was timed: as if one of them were eight times as slow as all others.
const LEFT_UNTIL_KNOWN = 16;
// A lane that takes a batch ahead has up to two to compute.
const BATCHES_HELD = 2;

/** How fast the lanes of a run are. It decides which lane takes a batch ahead, and no number that is computed. */
export class LaneRates {
  private lanes: number;
  private readonly rates = new Map<number, number>();

  /** @param lanes that draw from the same queue. */
  constructor(lanes: number) {
    this.lanes = lanes;
  }

  /** @param rate of a lane, in tokens a millisecond. */
  note(lane: number, rate: number): void {
    this.rates.set(lane, rate);
  }

  /** A lane draws no more. */
  end(lane: number): void {
    this.lanes -= 1;
    this.rates.delete(lane);
  }

  /**
   * Batches that must be left for all lanes when one takes a batch ahead: as many as all of them compute while this one
   * computes what it then holds. With fewer, a slow lane would keep its last batch to the end while the others have
   * nothing to do.
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
