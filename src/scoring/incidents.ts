import { incidentActions } from '../texts/en/notes.ts';
import type { Incident } from './lanes/lane-events.ts';

/** Describes an incident in one line of English, for a terminal. */
export function describeIncident(incident: Incident): string {
  const { lane, computesOn, error, rows, action } = incident;
  const batch = rows === 0 ? '' : `, batch of ${rows} row${rows === 1 ? '' : 's'}`;
  const device = lane === null ? computesOn : `device ${lane} (${computesOn})`;
  return `${device}${batch}: [${error.code}] ${error.message} ${incidentActions[action]}`;
}
