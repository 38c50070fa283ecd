import type { RunEvent } from '../run/events.ts';
import type { RowColumns } from './rows.ts';
import type { AppState } from './state.ts';

/** Puts rows and results into the columns and returns what changes in the rest of the state. */
export function takeEvents(
  events: readonly RunEvent[],
  rows: RowColumns,
  { run, csv }: AppState,
): Partial<AppState> {
  const change: Partial<AppState> = {};
  for (const event of events) {
    switch (event.type) {
      case 'rows':
        rows.addRows(event);
        break;
      case 'results':
        rows.addResults(event);
        break;
      case 'progress':
        // Events can come after the end: they may still bring results, but not bring the run back.
        if (run.status === 'running' || run.status === 'cancelling') {
          change.run = { ...run, progress: event.progress };
        }
        break;
      case 'reading':
        if (csv.status === 'reading') {
          const { bytes, totalBytes, rows: read } = event;
          change.csv = { ...csv, bytes, totalBytes, rows: read };
        }
    }
  }
  return change;
}
