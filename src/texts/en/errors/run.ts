interface Difference {
  what: string;
  was: string;
  is: string;
}

/** `max_length was 2048 and is 1024; …` */
export function differencesText(found: readonly Difference[]): string {
  return found.map(({ what, was, is }) => `${what} was ${was} and is ${is}`).join('; ');
}

/** English texts of errors, by their ids. */
export const runErrors = {
  'internal/unexpected': { message: ({ reason }: { reason: string }) => reason },
  'run/cancelled': { message: 'Cancelled.' },
  'journal/differs:batches': {
    message: ({ maxTokens }: { maxTokens: number }) =>
      `This run was started with batches of ${maxTokens} tokens.`,
  },
  'journal/busy:command': {
    message: ({ pid, host }: { pid: number; host: string | null }) =>
      `Another command is writing the same output: process ${pid}${host === null ? '' : ` on ${host}`}.`,
    action: ({ host, lock }: { host: string | null; lock: string }) =>
      host === null
        ? 'Wait until it ends, or choose another --out.'
        : `Wait until it ends, or choose another --out. If it is no longer running, delete ${lock}.`,
  },
  'journal/differs': {
    message: ({ differences }: { differences: readonly Difference[] }) =>
      `This run cannot be continued: ${differencesText(differences)}.`,
    action: 'Choose what it was started with, or start again.',
  },
  'journal/engine': {
    message: ({ differences }: { differences: readonly Difference[] }) =>
      `This run was computed differently: ${differencesText(differences)}.`,
    action: 'You can continue, but the remaining rows may differ in their last digits.',
  },
  'journal/version': {
    message: 'A newer version of this app started this run.',
    action: 'Reload the page, or delete the run.',
  },
  'journal/damaged': {
    message: 'The saved data of this run cannot be read.',
    action: 'Delete it and start again.',
  },
  'journal/busy': {
    message: 'This run is in progress, perhaps in another tab.',
    action: 'Wait until it ends there, or cancel it there.',
  },
  'journal/unavailable': {
    message: 'This browser does not store files for this page.',
    action: 'The run can proceed, but it cannot be continued after the tab is closed.',
  },
  'run/not-ready:model': { message: 'No model is loaded yet.', action: 'Choose a model first.' },
  'run/not-ready': {
    message: ({ what }: { what: string }) => `There is no ${what} yet.`,
    action: ({ action }: { action: string }) => action,
  },
};
