/** English texts of errors, by their ids. */
export const cliErrors = {
  // The command line speaks English only: its problems are not for the catalogues.
  'cli/usage': { message: ({ problem }: { problem: string }) => problem, action: 'Try --help.' },
  'evaluate/no-rows': {
    message: ({ total, leftOut, unread }: { total: number; leftOut: number; unread: number }) =>
      `None of its ${total} rows takes part: ${leftOut} are left out by --judge or --split, ${unread} cannot be used.`,
    action: 'Change these options, or choose another file.',
  },
  'cli/tokens:not-rows': {
    message: 'It is not a JSON array of token rows.',
    action: 'Use what npm run tokens writes.',
  },
  'cli/tokens:row': {
    message: 'The row is not an array of token ids.',
    action: 'Write each row as a list of numbers.',
  },
  'cli/tokens:id': {
    message: ({ position, found, most }: { position: number; found: string; most: number }) =>
      `Token ${position} is ${found}, not a whole number from 0 to ${most}.`,
    action: 'Use the tokens that npm run tokens writes for this model.',
  },
};
