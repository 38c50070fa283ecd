import type { BootstrapOptions } from '../core/bootstrap.ts';
import { TiebreakError } from '../core/errors.ts';
import { type Outcome, outcome } from '../workers/remote.ts';
import type { FiguresWorkerApi, OtherRuns, RunResults } from './api.ts';
import { type Comparison, compareRuns } from './compare.ts';
import { type Distribution, distributionOf } from './distribution.ts';
import { type Effect, effectsOf } from './effects.ts';
import { type Leaderboard, leaderboardOf } from './leaderboard.ts';
import { applyPost, type PostProcessing } from './post.ts';
import { type Quality, qualityOf } from './quality.ts';
import type { QueryData } from './query.ts';
import type { Table } from './table.ts';

/** What the report's figures worker does, apart from being a worker. */
export class FiguresService implements FiguresWorkerApi {
  private current: {
    data: QueryData;
    post: PostProcessing;
    members: readonly Float64Array[];
  } | null = null;

  setData(
    table: Table,
    results: RunResults,
    post: PostProcessing,
    others: OtherRuns,
  ): Promise<Outcome<void>> {
    return outcome(() => {
      const { other, members } = others;
      const probabilities = applyPost(results.raw, table, post, members);
      this.current = { data: { ...results, table, probabilities, other }, post, members };
    });
  }

  distribution(): Promise<Outcome<Distribution>> {
    return outcome(() => distributionOf(this.ready().data));
  }

  quality(options: BootstrapOptions): Promise<Outcome<Quality | null>> {
    return outcome(() => qualityOf(this.ready().data, options));
  }

  effects(options: BootstrapOptions): Promise<Outcome<Effect[]>> {
    return outcome(() => {
      const { data, post, members } = this.ready();
      return effectsOf(data.table, data.raw, post, members, options);
    });
  }

  leaderboard(options: BootstrapOptions): Promise<Outcome<Leaderboard | null>> {
    return outcome(() => leaderboardOf(this.ready().data, options));
  }

  comparison(options: BootstrapOptions): Promise<Outcome<Comparison | null>> {
    return outcome(() => {
      const { data } = this.ready();
      return data.other === null ? null : compareRuns(data, data.other, options);
    });
  }

  private ready() {
    if (this.current === null) {
      throw new TiebreakError('report/not-ready', 'There is nothing to judge yet.', {
        action: 'Score a file first.',
      });
    }
    return this.current;
  }
}
