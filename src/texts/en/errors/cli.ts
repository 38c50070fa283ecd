/** English texts of errors, by their ids. */
export const cliErrors = {
  'cli/usage': { message: ({ problem }: { problem: string }) => problem, action: 'Try --help.' },
  'evaluate/no-rows': {
    message: ({ total, leftOut, unread }: { total: number; leftOut: number; unread: number }) =>
      `None of its ${total} rows takes part: ${leftOut} are left out by --judge or --split, ${unread} cannot be used.`,
  },
  'cli/tokens:not-rows': { message: 'It is not a JSON array of token rows.' },
  'cli/tokens': { message: ({ problem }: { problem: string }) => problem },
};
