import type { Incident } from './events.ts';

/** What was done about an incident, in a sentence. */
export const INCIDENT_ACTIONS: Readonly<Record<Incident['action'], string>> = {
  again: 'The model is loaded again and the batch tried again.',
  halve: 'The model is loaded again and the batch tried in two halves.',
  reload: 'Loading the model is tried again.',
  end: 'This device is not used any more in this run.',
  stop: 'The run stops.',
};

/** One line for a terminal. */
export function describeIncident(incident: Incident): string {
  const { lane, computesOn, error, rows, action } = incident;
  const batch = rows === 0 ? '' : `, batch of ${rows} row${rows === 1 ? '' : 's'}`;
  const device = lane === null ? computesOn : `device ${lane} (${computesOn})`;
  return `${device}${batch}: [${error.code}] ${error.message} ${INCIDENT_ACTIONS[action]}`;
}
