import { aborted, asTiebreakError } from '../../../domain/errors.ts';
import { ALL_ROWS, type Filter, type Query, subjectOf, withFilter } from '../../../report/query.ts';
import { LatestCall } from '../../../rpc/latest.ts';
import type { Writable } from '../../state/store.ts';
import type { ReportClient } from './report-client.ts';
import type { ReportState } from './report-state.ts';

type Fields = 'query' | 'view' | 'finding' | 'phase' | 'error';

/** Milliseconds after the last key until the search for a text begins. */
const TYPING_MS = 250;

/** Holds the query for rows and their order, and finds them. */
export class RowFinder {
  private readonly store: Writable<ReportState, Fields>;
  private readonly client: Pick<ReportClient['table'], 'find' | 'stop'>;
  private readonly searches = new LatestCall();
  private typing: ReturnType<typeof setTimeout> | undefined;

  constructor(
    store: Writable<ReportState, Fields>,
    client: Pick<ReportClient['table'], 'find' | 'stop'>,
  ) {
    this.store = store;
    this.client = client;
  }

  /** Adds filters, replacing those on the same subject; removes them if all are already on. */
  toggle(...added: Filter[]): void {
    const { filters } = this.store.getState().query;
    const subjects = added.map(subjectOf);
    this.setQuery({
      filters: added.every((filter) => this.has(filter))
        ? filters.filter((filter) => !subjects.includes(subjectOf(filter)))
        : added.reduce(withFilter, [...filters]),
    });
  }

  /** Removes the filter on the same subject. */
  remove(filter: Filter): void {
    const filters = this.store
      .getState()
      .query.filters.filter((other) => subjectOf(other) !== subjectOf(filter));
    this.setQuery({ filters });
  }

  /** True if exactly this filter is on. */
  has(filter: Filter): boolean {
    return this.store.getState().query.filters.some((other) => isSame(other, filter));
  }

  /** Removes all filters; the order stays. */
  clearFilters(): void {
    this.setQuery({ filters: ALL_ROWS.filters, text: '' });
  }

  setSort(sort: Query['sort']): void {
    this.setQuery({ sort });
  }

  /** Searches for a text once the user stops typing. */
  setText(text: string): void {
    this.store.set({ query: { ...this.store.getState().query, text } });
    clearTimeout(this.typing);
    this.typing = setTimeout(() => void this.find(), TYPING_MS);
  }

  /** Stops the search for a text; the rows found so far stay. */
  async stop(): Promise<void> {
    this.searches.giveUp();
    this.store.set({ finding: false });
    await this.client.stop().catch(() => undefined);
  }

  /** Drops the search in progress. */
  giveUp(): void {
    this.searches.giveUp();
  }

  /** Finds the rows of the query; none until there are probabilities. */
  async find(): Promise<void> {
    clearTimeout(this.typing);
    const { probabilities, query } = this.store.getState();
    if (probabilities === null) return;
    const call = this.searches.begin();
    this.store.set({ finding: true });
    try {
      const view = await this.client.find(query, (part) => {
        if (call.isLatest) this.store.set({ view: part });
      });
      if (call.isLatest) this.store.set({ view, finding: false });
    } catch (thrown) {
      const error = asTiebreakError(thrown);
      if (!call.isLatest) return;
      this.store.set({ finding: false });
      if (error.code !== aborted().code) this.store.set({ phase: 'failed', error });
    }
  }

  private setQuery(change: Partial<Query>): void {
    this.store.set({ query: { ...this.store.getState().query, ...change } });
    void this.find();
  }
}

function isSame(one: Filter, other: Filter): boolean {
  const keys = Object.keys(one) as (keyof Filter)[];
  return keys.every((key) => one[key] === other[key]) && one.kind === other.kind;
}
