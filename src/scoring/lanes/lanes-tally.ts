import { RateMeter } from '../rows/rate-meter.ts';
import type { LaneProgress } from './lane-events.ts';

/** Counts what each lane of a run does. */
export class LanesTally {
  private readonly lanes: { progress: LaneProgress; rate: RateMeter }[];

  /** `lanes`: what each computes on. `now`: milliseconds. */
  constructor(lanes: readonly Pick<LaneProgress, 'place' | 'computesOn'>[], now: () => number) {
    this.lanes = lanes.map(({ place, computesOn }) => ({
      progress: { place, computesOn, tokens: 0, texts: 0, tokensPerSecond: null, ended: false },
      rate: new RateMeter(now),
    }));
  }

  /** Notes a batch that lane `number`, counted from 1, has finished. */
  add(number: number, tokens: number, texts: number): void {
    const { progress, rate } = this.lanes[number - 1]!;
    progress.tokens += tokens;
    progress.texts += texts;
    rate.add(tokens);
  }

  /** Notes that a lane is not used any more. */
  end(number: number): void {
    this.lanes[number - 1]!.progress.ended = true;
  }

  /** Each lane with its rate of late. */
  current(): LaneProgress[] {
    return this.lanes.map(({ progress, rate }) => ({
      ...progress,
      tokensPerSecond: progress.ended ? null : rate.perSecond(),
    }));
  }

  /** Each lane with its rate over so many seconds. */
  average(seconds: number): LaneProgress[] {
    return this.lanes.map(({ progress }) => ({
      ...progress,
      tokensPerSecond: seconds > 0 ? progress.tokens / seconds : null,
    }));
  }
}
