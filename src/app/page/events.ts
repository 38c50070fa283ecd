import type { RunEvent } from '../../scoring/events.ts';
import type { RowColumns } from './rows.ts';
import type { AppState, RunState } from './state.ts';

/** Fields that events of the run worker change. */
export type EventFields = 'run' | 'csv' | 'results' | 'incidents';

/** Writes rows and results into the columns and returns the changes to the rest of the state. */
export function takeEvents(
  events: readonly RunEvent[],
  rows: RowColumns,
  { run, csv, results, incidents }: AppState,
): Partial<Pick<AppState, EventFields>> {
  const change: Partial<Pick<AppState, EventFields>> = {};
  let current: RunState = run;
  for (const event of events) {
    switch (event.type) {
      case 'rows':
        rows.addRows(event);
        break;
      case 'results':
        rows.addResults(event);
        break;
      case 'progress':
        // Late events may still bring results, but must not revive a run that has ended.
        if (current.status === 'running' || current.status === 'cancelling') {
          current = { ...current, progress: event.progress };
        }
        break;
      case 'rest':
        // The user may have resumed while the event of the pause was under way.
        if (
          current.status === 'running' &&
          (event.error !== null || current.rest.status === 'asked')
        ) {
          current = { ...current, rest: { status: 'resting', error: event.error } };
        }
        break;
      case 'incident':
        change.incidents = [...(change.incidents ?? incidents), event.incident];
        break;
      case 'unjournaled':
        if (results !== null) change.results = { ...results, unjournaled: event.error };
        break;
      case 'reading':
        if (csv.status === 'reading') {
          const { bytes, totalBytes, rows: read } = event;
          change.csv = { ...csv, bytes, totalBytes, rows: read };
        }
    }
  }
  if (current !== run) change.run = current;
  return change;
}
