import { asTiebreakError } from '../../domain/errors.ts';
import type { MissingRows } from '../../scoring/rows/row-events.ts';
import type { RunClient } from '../state/client.ts';
import type { Writable } from '../state/store.ts';
import { exportFromPage } from './local-export.ts';
import type { RowColumns } from './rows.ts';
import type { AppState } from './state.ts';

/** Makes files of the results for download. */
export class Exporter {
  private readonly app: Writable<AppState, 'exportError'>;
  private readonly client: Pick<RunClient, 'exportCsv'>;
  private readonly rows: RowColumns;

  constructor(
    app: Writable<AppState, 'exportError'>,
    client: Pick<RunClient, 'exportCsv'>,
    rows: RowColumns,
  ) {
    this.app = app;
    this.client = client;
    this.rows = rows;
  }

  /** Makes the results as CSV. Returns null after a failure, with the reason in the state. */
  async csv(missing: MissingRows): Promise<Blob | null> {
    this.app.set({ exportError: null });
    try {
      return await this.client.exportCsv(missing);
    } catch (thrown) {
      // If the worker has died, its successor has no results; the page has the numbers too.
      if (this.rows.scored > 0) return await exportFromPage(this.rows, missing);
      this.app.set({ exportError: asTiebreakError(thrown) });
      return null;
    }
  }
}
