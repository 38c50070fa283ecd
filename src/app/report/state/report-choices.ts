import { asTiebreakError } from '../../../domain/errors.ts';
import type { RunSource } from '../../../report/api.ts';
import type { OtherRun } from '../../../report/other-run.ts';
import { LatestCall } from '../../../rpc/latest.ts';
import type { Average, PostProcessing } from '../../../stats/figures/post.ts';
import type { Writable } from '../../state/store.ts';
import type { FigureMaker } from './figure-maker.ts';
import type { ReportClient } from './report-client.ts';
import { type Reading, type ReportState, withoutComparison } from './report-state.ts';

type Fields = 'post' | 'one' | 'other' | 'members' | 'reading' | 'query';
type Purpose = keyof ReportState['reading'];

const EQUAL_PARTS: Average = { of: 'probabilities', weight: 1, members: [] };

/** The user's choices: post-processing, runs to average, and the comparison. */
export class ReportChoices {
  private readonly store: Writable<ReportState, Fields>;
  private readonly client: Pick<ReportClient['table'], 'readOther'>;
  private readonly figures: FigureMaker;
  private readonly reads: Record<Purpose, LatestCall> = {
    compare: new LatestCall(),
    average: new LatestCall(),
  };

  /** @param figures are computed again after every choice. */
  constructor(
    store: Writable<ReportState, Fields>,
    client: Pick<ReportClient['table'], 'readOther'>,
    figures: FigureMaker,
  ) {
    this.store = store;
    this.client = client;
    this.figures = figures;
  }

  async setPost(change: Partial<PostProcessing>): Promise<void> {
    this.store.set({ post: { ...this.store.getState().post, ...change } });
    await this.figures.renew();
  }

  /** Compares with another run of this file, or with an adapter of this run, by its index. */
  async compareWith(source: RunSource | { adapter: number }, name: string): Promise<void> {
    if ('adapter' in source) {
      this.reads.compare.giveUp();
      this.setReading('compare', { busy: false, error: null });
      this.store.set({ other: { ...source, name } });
      return this.figures.renew();
    }
    await this.read('compare', source, (run) => this.store.set({ other: { ...run, name } }));
  }

  /** Sets the first side of the comparison: an adapter of this run, by its index, or null for the run itself. */
  async compare(one: number | null): Promise<void> {
    this.store.set({ one });
    if (this.store.getState().other !== null) await this.figures.renew();
  }

  /** Ends the comparison. */
  async stopComparing(): Promise<void> {
    this.reads.compare.giveUp();
    this.store.set(withoutComparison(this.store.getState()));
    await this.figures.renew();
  }

  /** Averages with one more run of this file. All runs have equal weights until the user changes them. */
  async averageWith(source: RunSource, name: string): Promise<void> {
    await this.read('average', source, (run) => {
      const { members, post } = this.store.getState();
      const average = post.average ?? EQUAL_PARTS;
      this.store.set({
        members: [...members, { ...run, name }],
        post: {
          ...post,
          average: { ...average, members: [...average.members, { name, weight: 1 }] },
        },
      });
    });
  }

  /** Removes a run from the mean. @param place its index among the members. */
  async dropMember(place: number): Promise<void> {
    const { members, post, reading } = this.store.getState();
    const without = <T>(all: readonly T[]) => all.filter((_, i) => i !== place);
    const { average } = post;
    if (average === null) return;
    const left = without(average.members);
    this.store.set({
      members: without(members),
      post: { ...post, average: left.length === 0 ? null : { ...average, members: left } },
    });
    this.setReading('average', { ...reading.average, error: null });
    await this.figures.renew();
  }

  /** Drops other runs that are being read. */
  giveUp(): void {
    for (const calls of Object.values(this.reads)) calls.giveUp();
  }

  /** Reads another run. The latest call for each purpose wins. */
  private async read(
    purpose: Purpose,
    source: RunSource,
    use: (run: OtherRun) => void,
  ): Promise<void> {
    const call = this.reads[purpose].begin();
    this.setReading(purpose, { busy: true, error: null });
    try {
      const run = await this.client.readOther(source);
      if (!call.isLatest) return;
      this.setReading(purpose, { busy: false, error: null });
      use(run);
      await this.figures.renew();
    } catch (thrown) {
      if (!call.isLatest) return;
      this.setReading(purpose, { busy: false, error: asTiebreakError(thrown) });
    }
  }

  private setReading(purpose: Purpose, reading: Reading): void {
    this.store.set({ reading: { ...this.store.getState().reading, [purpose]: reading } });
  }
}
