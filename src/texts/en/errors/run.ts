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
    message: ({ maxTokens }: { maxTokens: number }) => `Batches had ${maxTokens} tokens.`,
  },
  'journal/busy:command': {
    message: ({ pid, host }: { pid: number; host: string | null }) =>
      `Another command writes the same output: process ${pid}${host === null ? '' : ` on ${host}`}.`,
    action: ({ host, lock }: { host: string | null; lock: string }) =>
      host === null
        ? 'Wait for its end, or name another --out.'
        : `Wait for its end, or name another --out. If it does not run any more, delete ${lock}.`,
  },
  'journal/differs': {
    message: ({ differences }: { differences: readonly Difference[] }) =>
      `This run cannot be continued: ${differencesText(differences)}.`,
    action: 'Choose what it began with, or start anew.',
  },
  'journal/engine': {
    message: ({ differences }: { differences: readonly Difference[] }) =>
      `This run was computed otherwise: ${differencesText(differences)}.`,
    action:
      'Going on is possible, but the rest will differ in its last digits from what it would have been.',
  },
  'journal/version': {
    message: 'A newer version of this app began this run.',
    action: 'Load the page again, or delete the run.',
  },
  'journal/damaged': {
    message: 'What was kept of this run cannot be read.',
    action: 'Delete it and start again.',
  },
  'journal/busy': {
    message: 'This run is in progress, perhaps in another tab.',
    action: 'Wait until it has ended there, or cancel it there.',
  },
  'journal/unavailable': {
    message: 'This browser keeps no files for this page.',
    action: 'The run goes on, but cannot be continued after the tab is closed.',
  },
  'run/not-ready:model': { message: 'There is no model yet.', action: 'Choose a model first.' },
  'run/not-ready': {
    message: ({ what }: { what: string }) => `There is no ${what} yet.`,
    action: ({ action }: { action: string }) => action,
  },
};
