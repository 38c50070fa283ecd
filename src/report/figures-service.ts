import { TiebreakError } from '../domain/errors.ts';
import { type Outcome, outcome } from '../rpc/remote.ts';
import type { BootstrapOptions } from '../stats/bootstrap.ts';
import { type Comparison, compareRuns } from '../stats/compare.ts';
import { type Distribution, distributionOf } from '../stats/distribution.ts';
import { type Effect, effectsOf } from '../stats/effects.ts';
import { type Leaderboard, leaderboardOf } from '../stats/leaderboard.ts';
import { type Quality, qualityOf } from '../stats/quality.ts';
import { ofAdapter } from '../stats/scored.ts';
import type { Table } from '../stats/table.ts';
import type { Choices, FiguresWorkerApi, RunResults } from './api.ts';
import { chosenData } from './chosen.ts';
import type { QueryData } from './query.ts';

/** What the report's figures worker does, apart from being a worker. */
export class FiguresService implements FiguresWorkerApi {
  private given: { table: Table; results: RunResults } | null = null;
  private current: { data: QueryData; choices: Choices } | null = null;

  setData(table: Table, results: RunResults): Promise<Outcome<void>> {
    return outcome(() => {
      this.given = { table, results };
    });
  }

  choose(choices: Choices): Promise<Outcome<void>> {
    return outcome(() => {
      if (this.given === null) throw notReady();
      const { table, results } = this.given;
      this.current = { data: chosenData(table, results, choices), choices };
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
      const { data, choices } = this.ready();
      const { post, members } = choices;
      const { table, raw, adapters } = data;
      return effectsOf(table, raw, post, { members, adapters }, options);
    });
  }

  adapters(options: BootstrapOptions): Promise<Outcome<Comparison[] | null>> {
    return outcome(() => {
      const { table, raw, adapters } = this.ready().data;
      if (adapters === null) return null;
      return adapters.names.map((_, place) =>
        compareRuns(table, { one: ofAdapter(adapters, place), other: raw }, options),
      );
    });
  }

  leaderboard(options: BootstrapOptions): Promise<Outcome<Leaderboard | null>> {
    return outcome(() => leaderboardOf(this.ready().data, options));
  }

  comparison(options: BootstrapOptions): Promise<Outcome<Comparison | null>> {
    return outcome(() => {
      const { table, compared } = this.ready().data;
      return compared === null ? null : compareRuns(table, compared, options);
    });
  }

  private ready() {
    if (this.current === null) throw notReady();
    return this.current;
  }
}

function notReady(): TiebreakError {
  return new TiebreakError('report/not-ready', 'There is nothing to judge yet.', {
    action: 'Score a file first.',
  });
}
