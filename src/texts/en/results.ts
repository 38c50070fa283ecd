import { count, counted } from './format.ts';

/** English texts of results. */
export const results = {
  heading: 'Results',
  of: (name: string) => `of ${name}`,
  empty: 'Results appear here as they are computed.',
  facts: {
    computedOn: 'Computed on',
    earlier: 'Previously on',
    model: 'Model',
    adapter: 'Adapter',
    noAdapter: 'None',
    precision: 'Precision',
    executor: 'Executor',
    softCap: 'Soft cap',
    textMode: 'Text',
    truncation: 'Cut',
    truncationSpread: 'Equal thirds',
    maxLength: 'max_length',
    tta: 'Both orders',
    scored: 'Scored',
    truncated: 'Truncated',
    duplicates: 'Duplicates',
    unscorable: 'Cannot be scored',
  },
  yes: 'Yes',
  no: 'No',
  truncationNames: { right: 'The end', turns: 'Oldest turns', proportional: 'In proportion' },
  rowsOf: (some: number, all: number) => `${count(some)} of ${count(all)}`,
  table: 'Rows and their probabilities',
  finishedFirst: 'Finished rows first',
  tableHelp: 'Choose a row to see its texts. Arrow keys move between rows.',
  columns: {
    row: 'Row',
    id: 'Id',
    prompt: 'Prompt',
    a: 'A',
    b: 'B',
    tie: 'Tie',
    tokens: 'Tokens',
    marks: 'Marks',
  },
  short: { a: 'A', b: 'B', tie: 'Tie' },
  columnTitles: {
    a: 'Probability that people prefer answer A',
    b: 'Probability that people prefer answer B',
    tie: 'Probability of a tie',
    tokens: 'Tokens that the model saw',
  },
  marks: {
    problem: 'cannot be scored',
    truncated: 'truncated',
    duplicate: 'duplicate',
    plainText: 'plain text',
  },
  markTitles: {
    problem: 'This row has no result; the list under File says why.',
    truncated: 'Some of its text was cut to fit the limit.',
    duplicate: 'Same texts as an earlier row, whose result it shares.',
    plainText: 'A cell was not a list of turns and was treated as plain text.',
  },
  openRow: (row: number) => `Open row ${count(row)}`,
  emptyPrompt: '(empty)',
};

/** English texts of the row. */
export const row = {
  title: (row: number, id: string) => `Row ${count(row)}, id ${id}`,
  close: 'Close',
  previous: 'Previous row',
  next: 'Next row',
  loading: 'Reading the row…',
  noResult: 'No result yet.',
  preferA: 'A is better',
  preferB: 'B is better',
  undecided: 'Undecided: no outcome is clearly the likeliest',
  tie: 'Tie',
  prompt: 'Prompt',
  answerA: 'Answer A',
  answerB: 'Answer B',
  turn: (turn: number, of: number) => `Turn ${turn} of ${of}`,
  empty: '(empty)',
  absent: '(no such turn)',
  cells: 'The cells as written in the file:',
  rendered: {
    label: 'Show as',
    views: { text: 'Text', rendered: 'Rendered Markdown' },
    code: 'Code',
    table: 'Table',
    image: (alt: string, address: string) =>
      alt === '' ? `[Image: ${address}]` : `[Image: ${alt} (${address})]`,
    tooLong: (most: number) =>
      `Texts of more than ${count(most)} characters are shown as text only.`,
    tooDeep: 'This text is nested too deeply to be rendered, so it is shown as text.',
  },
  showNext: (next: number, left: number) =>
    next === left
      ? `Show the other ${counted(left, 'character')}`
      : `Show the next ${count(next)} of ${count(left)} characters`,
  notShown: (shown: number, all: number) =>
    `Only the first ${count(shown)} of ${count(all)} characters are shown here. A run reads the whole text.`,
  tokens: (tokens: number) => `${counted(tokens, 'token')} seen by the model`,
};

/** English texts of downloads. */
export const downloads = {
  partial: 'Download finished rows',
  complete: 'Download submission.csv',
  partialName: 'submission.partial.csv',
  completeName: 'submission.csv',
  preparing: 'Preparing…',
  problemsLegend: (rows: number) => `${counted(rows, 'row')} cannot be scored. In submission.csv:`,
  omit: (rows: number) =>
    rows === 1 ? 'leave this row out' : `leave these ${count(rows)} rows out`,
  uniform: (rows: number): string =>
    rows === 1 ? 'give it one third for A, B and tie' : 'give each one third for A, B and tie',
  kaggle: 'Kaggle accepts only submissions that contain every id of test.csv.',
  chooseFirst: 'Choose what happens to these rows first.',
};
