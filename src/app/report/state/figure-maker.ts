import { asTiebreakError } from '../../../domain/errors.ts';
import type { RunResults } from '../../../report/api.ts';
import { type Call, LatestCall } from '../../../rpc/latest.ts';
import type { Writable } from '../../state/store.ts';
import type { ReportClient } from './report-client.ts';
import { BOOTSTRAP, type Figures, type ReportState } from './report-state.ts';
import type { RowFinder } from './row-finder.ts';
import { choicesOf } from './taken.ts';

type Fields = 'phase' | 'error' | 'probabilities' | 'figures';

const NO_INTERVALS = { draws: 0, seed: 0 } as const;

/** Computes probabilities and figures for the user's choices. */
export class FigureMaker {
  private readonly store: Writable<ReportState, Fields>;
  private readonly client: ReportClient;
  private readonly finder: RowFinder;
  private hasResults = false;
  /** Results that the worker of the figures has not received yet. */
  private unsent: RunResults | null = null;
  private readonly calls = new LatestCall();

  /** @param finder finds the rows again for new probabilities. */
  constructor(store: Writable<ReportState, Fields>, client: ReportClient, finder: RowFinder) {
    this.store = store;
    this.client = client;
    this.finder = finder;
  }

  /** Computes the figures of results that the worker of the table has already. */
  async take(results: RunResults): Promise<void> {
    this.hasResults = true;
    this.unsent = results;
    await this.renew();
  }

  /** Drops the results; there is nothing left to compute from. */
  forget(): void {
    this.hasResults = false;
    this.unsent = null;
    this.calls.giveUp();
  }

  /** Sends the choices to the workers and computes everything again. */
  async renew(): Promise<void> {
    const state = this.store.getState();
    const { table } = state;
    if (!this.hasResults || table === null) return;
    const call = this.calls.begin();
    const choices = choicesOf(state);
    const { unsent } = this;
    try {
      const probabilities = await this.client.table.choose(choices);
      if (!call.isLatest) return;
      this.store.set({ phase: 'ready', error: null, probabilities });
      // Drawing gets its own task.
      await new Promise((resolve) => setTimeout(resolve));
      void this.finder.find();
      if (unsent !== null) {
        await this.client.figures.setData(table, unsent);
        if (this.unsent === unsent) this.unsent = null;
        if (!call.isLatest) return;
      }
      await this.client.figures.choose(choices);
      await this.compute(call, choices.compared !== null);
    } catch (thrown) {
      if (call.isLatest) this.store.set({ phase: 'failed', error: asTiebreakError(thrown) });
    }
  }

  /** Shows each figure as soon as it is computed. Until then the previous one stays, so that nothing jumps. */
  private async compute(call: Call, isCompared: boolean): Promise<void> {
    const { figures } = this.client;
    const distribution = await figures.distribution();
    if (!call.isLatest) return;
    // First the figures without intervals, so that all have their places.
    const rough = await figures.quality(NO_INTERVALS);
    if (!call.isLatest) return;
    const { comparison } = this.store.getState().figures;
    this.show({
      comparison: isCompared ? comparison : null,
      done: false,
      distribution,
      quality: rough,
      roughly: rough !== null,
    });
    if (rough !== null) {
      const quality = await figures.quality(BOOTSTRAP);
      if (!call.isLatest) return;
      this.show({ quality, roughly: false });
    }
    const effects = await figures.effects(BOOTSTRAP);
    if (!call.isLatest) return;
    this.show({ effects });
    const compared = await figures.comparison(BOOTSTRAP);
    if (!call.isLatest) return;
    this.show({ comparison: compared });
    if (this.store.getState().figures.adapters === null) {
      // The adapters' own figures do not depend on any choice.
      const adapters = await figures.adapters(BOOTSTRAP);
      if (!call.isLatest) return;
      this.show({ adapters });
    }
    const leaderboard = await figures.leaderboard(BOOTSTRAP);
    if (call.isLatest) this.show({ leaderboard, done: true });
  }

  private show(change: Partial<Figures>): void {
    this.store.set({ figures: { ...this.store.getState().figures, ...change } });
  }
}
