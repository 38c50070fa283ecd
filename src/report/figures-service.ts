import { TiebreakError } from '../domain/errors.ts';
import { type Comparison, compareRuns } from '../stats/figures/compare.ts';
import { type Distribution, distributionOf } from '../stats/figures/distribution.ts';
import { type Effect, effectsOf } from '../stats/figures/effects.ts';
import { type Leaderboard, leaderboardOf } from '../stats/figures/leaderboard.ts';
import { type Quality, qualityOf } from '../stats/figures/quality.ts';
import type { BootstrapOptions } from '../stats/methods/bootstrap.ts';
import { ofAdapter } from '../stats/table/scored.ts';
import type { Table } from '../stats/table/table.ts';
import type { Choices, FiguresWorkerApi, RunResults } from './api.ts';
import { chosenData } from './chosen.ts';
import type { QueryData } from './query.ts';

/** The methods of the report's figures worker. */
export class FiguresService implements FiguresWorkerApi {
  private given: { table: Table; results: RunResults } | null = null;
  private current: { data: QueryData; choices: Choices } | null = null;

  async setData(table: Table, results: RunResults): Promise<void> {
    this.given = { table, results };
  }

  async choose(choices: Choices): Promise<void> {
    if (this.given === null) throw notReady();
    const { table, results } = this.given;
    this.current = { data: chosenData(table, results, choices), choices };
  }

  async distribution(): Promise<Distribution> {
    return distributionOf(this.ready().data);
  }

  async quality(options: BootstrapOptions): Promise<Quality | null> {
    return qualityOf(this.ready().data, options);
  }

  async effects(options: BootstrapOptions): Promise<Effect[]> {
    const { data, choices } = this.ready();
    const { post, members } = choices;
    const { table, raw, adapters } = data;
    return effectsOf(table, raw, post, { members, adapters }, options);
  }

  async adapters(options: BootstrapOptions): Promise<Comparison[] | null> {
    const { table, raw, adapters } = this.ready().data;
    if (adapters === null) return null;
    return adapters.names.map((_, place) =>
      compareRuns(table, { one: ofAdapter(adapters, place), other: raw }, options),
    );
  }

  async leaderboard(options: BootstrapOptions): Promise<Leaderboard | null> {
    return leaderboardOf(this.ready().data, options);
  }

  async comparison(options: BootstrapOptions): Promise<Comparison | null> {
    const { table, compared } = this.ready().data;
    return compared === null ? null : compareRuns(table, compared, options);
  }

  private ready() {
    if (this.current === null) throw notReady();
    return this.current;
  }
}

function notReady(): TiebreakError {
  return new TiebreakError('report/not-ready:empty');
}
