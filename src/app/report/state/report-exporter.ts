import { asTiebreakError } from '../../../domain/errors.ts';
import type { AppState } from '../../page/state.ts';
import type { Readable, Writable } from '../../state/store.ts';
import { manifestOf } from './manifest.ts';
import type { ReportClient } from './report-client.ts';
import type { ReportState } from './report-state.ts';

type Fields = 'exporting' | 'exportError';

/** An export: the rows, and the manifest that describes them. */
interface Exported {
  csv: Blob;
  manifest: Blob;
}

/** Makes files of the rows in the report's view. */
export class ReportExporter {
  private readonly store: Writable<ReportState, Fields>;
  private readonly client: Pick<ReportClient['table'], 'exportRows'>;
  private readonly app: Pick<Readable<AppState>, 'getState'>;
  private readonly figuresDone: () => Promise<void>;

  /** @param figuresDone settles when the figures of the manifest are complete. */
  constructor(
    store: Writable<ReportState, Fields>,
    client: Pick<ReportClient['table'], 'exportRows'>,
    app: Pick<Readable<AppState>, 'getState'>,
    figuresDone: () => Promise<void>,
  ) {
    this.store = store;
    this.client = client;
    this.app = app;
    this.figuresDone = figuresDone;
  }

  /** Makes a CSV of the shown rows with its manifest; null if that failed. */
  async shown(): Promise<Exported | null> {
    const { view } = this.store.getState();
    const { results, csv: file } = this.app.getState();
    if (view === null || results === null) return null;
    this.store.set({ exporting: true, exportError: null });
    try {
      const { csv, sha256 } = await this.client.exportRows(view.rows);
      await this.figuresDone();
      const manifest = manifestOf({ report: this.store.getState(), results, file, sha256, csv });
      this.store.set({ exporting: false });
      const text = `${JSON.stringify(manifest, null, 2)}\n`;
      return { csv, manifest: new Blob([text], { type: 'application/json' }) };
    } catch (thrown) {
      this.store.set({ exporting: false, exportError: asTiebreakError(thrown) });
      return null;
    }
  }
}
