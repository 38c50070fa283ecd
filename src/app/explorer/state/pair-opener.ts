import { asTiebreakError, type PlainError } from '../../../domain/errors.ts';
import type { Pair } from '../../../domain/settings.ts';
import { decodeLink } from '../../../explore/link.ts';
import { LatestCall } from '../../../rpc/latest.ts';
import type { CsvSummary } from '../../../scoring/rows/row-events.ts';
import type { AppAccess, ExploreClient } from './app-access.ts';
import type { PairSource } from './explorer-state.ts';

/** The receiver of an opened pair. */
interface PairTaker {
  /** `problem`: the reason why a run could not score the pair. */
  take(pair: Pair, source: PairSource, problem: PlainError | null): void;
  refuse(error: PlainError): void;
  /** True if a row of the file may replace the present pair, because the user neither chose nor typed it. */
  mayGiveWay(): boolean;
}

/** Opens rows of the file and links. If two are being opened, the later one wins. */
export class PairOpener {
  private readonly client: Pick<ExploreClient, 'readRow'>;
  private readonly app: Pick<AppAccess, 'getState'>;
  private readonly taker: PairTaker;
  private readonly opens = new LatestCall();
  private query = '';
  private file: CsvSummary | null = null;
  private lastRow = 0;

  constructor(
    client: Pick<ExploreClient, 'readRow'>,
    app: Pick<AppAccess, 'getState'>,
    taker: PairTaker,
  ) {
    this.client = client;
    this.app = app;
    this.taker = taker;
  }

  /** Another pair was set: whatever is still being opened is dropped. */
  supersede(): void {
    this.opens.giveUp();
  }

  /** Index of the row to step from, from 0. */
  get latestRow(): number {
    return this.lastRow;
  }

  /** Opens a row of the open file. @param row its index, from 0. */
  row(row: number): Promise<void> {
    return this.attempt(async () => {
      const { id, prompt, responseA, responseB, problem } = await this.client.readRow(row);
      const { csv, settings } = this.app.getState();
      const { textMode } = csv.status === 'ready' ? csv : settings;
      const pair = {
        prompt: filled(prompt),
        responseA: filled(responseA),
        responseB: filled(responseB),
      };
      return () => {
        this.lastRow = row;
        this.taker.take(pair, { kind: 'row', row, id, textMode }, problem);
      };
    });
  }

  /** Opens the query after `#explore?` in the address: `row=`, counted from 1, or `d=` with a shared pair. */
  async address(query: string): Promise<void> {
    if (query === this.query) return;
    this.query = query;
    const asked = new URLSearchParams(query);
    const row = Number(asked.get('row'));
    if (Number.isInteger(row) && row > 0) return this.row(row - 1);
    const data = asked.get('d');
    if (data === null) return;
    return this.attempt(async () => {
      const { pair, said } = await decodeLink(data);
      return () => this.taker.take(pair, { kind: 'link', said }, null);
    });
  }

  /** Lets the same address open its row again, which may be that of another file; edits stay in the history. */
  forgetRow(): void {
    this.query = '';
  }

  /**
   * Opens a row of a newly read file if no choice or edit of the user is lost by it: the row shown last if the file has
   * the same name, else the first.
   */
  follow(summary: CsvSummary): void {
    if (summary === this.file || summary.rows === 0) return;
    const isSame = summary.name === this.file?.name && this.lastRow < summary.rows;
    if (!isSame) this.lastRow = 0;
    this.file = summary;
    if (this.taker.mayGiveWay()) void this.row(this.lastRow);
  }

  /** Opens something, unless something else is opened before it arrives. */
  private async attempt(open: () => Promise<() => void>): Promise<void> {
    const call = this.opens.begin();
    try {
      const take = await open();
      if (call.isLatest) take();
    } catch (thrown) {
      if (call.isLatest) this.taker.refuse(asTiebreakError(thrown).toPlain());
    }
  }
}

/** Gives a text without turns an empty one to type in; the model reads the same. */
function filled(turns: string[]): string[] {
  return turns.length === 0 ? [''] : turns;
}
