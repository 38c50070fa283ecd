import type { BuildProgress } from '../../../import/build.ts';
import { RateMeter } from '../../../scoring/rows/rate-meter.ts';
import type { MeteredProgress } from './packages-state.ts';

/**
 * Adds a rate and the remaining time to progress. Each step has its own rate, since verifying is faster than
 * converting.
 */
export class JobMeter {
  private readonly now: () => number;
  private step: BuildProgress['step'] | null = null;
  private rate: RateMeter;
  private done = 0;

  constructor(now: () => number = () => performance.now()) {
    this.now = now;
    this.rate = new RateMeter(now);
  }

  /** Adds a report of progress. */
  take(progress: BuildProgress): MeteredProgress {
    const { step, done, total } = progress;
    if (step !== this.step || done < this.done) {
      // Bytes written in an earlier visit took no time in this one, so they must not count.
      this.rate = new RateMeter(this.now);
    } else if (done > this.done) {
      this.rate.add(done - this.done);
    }
    this.step = step;
    this.done = done;
    const bytesPerSecond = this.rate.perSecond();
    const secondsLeft = bytesPerSecond ? (total - done) / bytesPerSecond : null;
    return { ...progress, bytesPerSecond, secondsLeft };
  }
}
