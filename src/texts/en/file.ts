import { count, counted, fileSize } from './format.ts';

/** English texts of the file. */
export const file = {
  heading: 'File',
  drop: 'Drop test.csv here',
  dropAnother: 'Drop another file here',
  dropLabel: 'Drop test.csv',
  dropOneFile: 'Drop a single CSV file, not a folder or several files.',
  columns: 'Columns id, prompt, response_a, response_b, as in the Kaggle competition.',
  choose: 'Choose a file',
  chooseAnother: 'Choose another file',
  example: 'Try the example',
  reading: (name: string) => `Reading ${name}`,
  readSoFar: (bytes: number, total: number, rows: number) =>
    `${counted(rows, 'row')}, ${fileSize(bytes)} of ${fileSize(total)}`,
  stopReading: 'Stop reading',
  rows: (rows: number) => counted(rows, 'row'),
  allGood: 'Every row can be scored.',
  labelled: 'Labels found: the report will judge the predictions.',
  duplicates: (rows: number) =>
    `${counted(rows, 'row')} with the same texts as an earlier row: computed once.`,
  plainText: (rows: number) =>
    rows === 1
      ? '1 row has cells that are not lists of turns: treated as plain text.'
      : `${count(rows)} rows have cells that are not lists of turns: treated as plain text.`,
  problems: (rows: number) => `${counted(rows, 'row')} cannot be scored`,
  problemsShown: (shown: number, all: number) => `The first ${count(shown)} of ${count(all)}.`,
  allProblems: (problems: number) => `Show ${count(problems)}`,
  fewerProblems: 'Show fewer',
  nothingToScore: 'No row of this file can be scored.',
  readAgainAtStart: 'The file is read again in the new text mode when you start.',
  replaceHeading: 'Discard unsaved results?',
  replaceText: (name: string) =>
    `The results of ${name} are not saved in this browser. Opening another file discards them. Download them first if you need them.`,
  replace: 'Discard',
  keep: 'Cancel',
};

/** English texts of settings. */
export const settings = {
  heading: 'Settings',
  reset: 'Reset to the notebook’s settings',
  isNotebook: 'as in the notebook',
  changed: (names: string[]) => `${names.length} changed: ${names.join(', ')}`,
  textMode: 'How cells are read',
  textModes: {
    faithful: {
      label: 'Faithful',
      help: 'Reads cells as the notebook does, with Python’s eval: \\/ keeps its backslash, and emoji written as \\u escapes come out broken.',
    },
    clean: { label: 'Clean', help: 'Reads cells as JSON: every character comes out as intended.' },
  },
  maxLength: 'Maximum tokens per row',
  maxLengthHelp:
    'max_length. Longer rows are cut. The notebook uses 2,048 and its adapter was trained with 1,024. The time for a row grows faster than its length.',
  increase: 'Longer',
  decrease: 'Shorter',
  truncation: 'How long rows are cut',
  truncations: {
    right: {
      label: 'The end',
      help: 'As in the notebook. A long answer A can leave nothing of answer B.',
    },
    turns: {
      label: 'Oldest turns first',
      help: 'Drops whole turns, then trims the last one.',
    },
    proportional: {
      label: 'Each part in proportion',
      help: 'Cuts the end of the prompt and of both answers, so that some of each remains.',
    },
  },
  /** For models that read the prompt with one answer. */
  truncationsReward: {
    right: 'The end of the answer goes first.',
    turns: 'Drops whole turns, then trims the last one.',
    proportional: 'Cuts the end of the prompt and of the answer, so that some of each remains.',
  },
  truncationUnused: 'Not used with equal thirds.',
  spread: 'Equal thirds',
  spreadHelp:
    'spread_max_length. Prompt and answers are cut to a third of the limit each and joined with their own start and end marks.',
  tta: 'Score both orders',
  ttaHelp:
    'Test-time augmentation. Every row is also scored with A and B swapped, and the two results are averaged: twice the time, better predictions.',
};
