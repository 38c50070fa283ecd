import { RateMeter } from '../rows/rate-meter.ts';
import type { LaneProgress } from './lane-events.ts';

/** Counts tokens and sequences that each lane of a run has finished. */
export class LanesTally {
  private readonly lanes: { progress: LaneProgress; rate: RateMeter }[];

  /** @param now returns milliseconds. */
  constructor(lanes: readonly Pick<LaneProgress, 'place' | 'computesOn'>[], now: () => number) {
    this.lanes = lanes.map(({ place, computesOn }) => ({
      progress: { place, computesOn, tokens: 0, texts: 0, tokensPerSecond: null, ended: false },
      rate: new RateMeter(now),
    }));
  }

  /** Records a batch that lane `number`, counted from 1, has finished. */
  add(number: number, tokens: number, texts: number): void {
    const { progress, rate } = this.lanes[number - 1]!;
    progress.tokens += tokens;
    progress.texts += texts;
    rate.add(tokens);
  }

  /** Records that a lane is no longer used. */
  end(number: number): void {
    this.lanes[number - 1]!.progress.ended = true;
  }

  /** Each lane with its rate over the last half minute. */
  current(): LaneProgress[] {
    return this.lanes.map(({ progress, rate }) => ({
      ...progress,
      tokensPerSecond: progress.ended ? null : rate.perSecond(),
    }));
  }

  /** Each lane with its average rate over `seconds`. */
  average(seconds: number): LaneProgress[] {
    return this.lanes.map(({ progress }) => ({
      ...progress,
      tokensPerSecond: seconds > 0 ? progress.tokens / seconds : null,
    }));
  }
}
