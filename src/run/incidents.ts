import type { Incident } from './events.ts';

const ACTIONS: Record<Incident['action'], string> = {
  again: 'The model is loaded again and the batch tried again.',
  halve: 'The model is loaded again and the batch tried in two halves.',
  reload: 'Loading the model is tried again.',
  end: 'This device is not used any more in this run.',
  stop: 'The run stops.',
};

/** What was done about an incident, in a sentence. */
export function incidentAction({ action }: Incident): string {
  return ACTIONS[action];
}

/** One line for a terminal. */
export function describeIncident(incident: Incident): string {
  const { lane, computesOn, error, rows } = incident;
  const batch = rows === 0 ? '' : `, batch of ${rows} row${rows === 1 ? '' : 's'}`;
  const device = lane === null ? computesOn : `device ${lane} (${computesOn})`;
  return `${device}${batch}: [${error.code}] ${error.message} ${incidentAction(incident)}`;
}
