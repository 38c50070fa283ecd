import { choose } from '../format.ts';

/** Names of separators of columns in files that are not CSV. */
type Separator = 'tabs' | 'semicolons';

const CHOOSE_CSV = 'Choose a CSV file with the columns prompt, response_a, response_b.';
const saveWithCommas = (separator: Separator) =>
  `The columns seem to be separated by ${separator}. Save the file with commas.`;

/** The part that a broken list of turns lacks. */
type ExpectedInList =
  | keyof typeof EXPECTED
  | { closing: string; from: number }
  | { digits: number; escape: string }
  | { turn: number };

const EXPECTED = {
  open: '"["',
  'comma-or-end': '"," or "]"',
  nothing: 'nothing after the list',
  escaped: 'an escape in place of a control character',
  'json-escape': 'an escape that JSON knows',
  'code-point': 'a character up to \\U0010ffff',
  unnamed: 'no \\N escape, which names a character',
};

function expectedText(expected: ExpectedInList): string {
  if (typeof expected === 'string') return EXPECTED[expected];
  if ('turn' in expected) return `a text in quotes or null as turn ${expected.turn}`;
  if ('digits' in expected) {
    return `${expected.digits} hexadecimal digits after \\${expected.escape}`;
  }
  const { closing, from } = expected;
  return `the closing ${closing} of the text that starts at character ${from}`;
}

/** The place at which a cell's list of turns is broken, and what was expected there. */
interface BrokenList {
  /** Number of characters before that place. */
  at: number;
  expected: ExpectedInList;
  /** The character there; null at the end of the cell. */
  found: string | null;
  /** True if the cell looks like a list of Python. */
  isPython: boolean;
}

const KINDS = {
  object: 'an object',
  list: 'a list',
  number: 'a number',
  boolean: 'a truth value',
};

const ARCHIVES = {
  zip: 'a zip archive or an Excel workbook',
  gzip: 'a gzip archive',
  '7z': 'a 7-Zip archive',
  zstd: 'a zstd archive',
};

const FORMATS = {
  xls: 'an old Excel workbook',
  png: 'a PNG image',
  jpeg: 'a JPEG image',
  pdf: 'a PDF document',
  parquet: 'a Parquet file',
  sqlite: 'an SQLite database',
};

/** The fault of a value in a JSON file, as the schema reports it. */
export interface FieldProblem {
  /** Type or bound in TypeScript’s notation; null if only the rule describes it. */
  expected: string | null;
  received: string;
  rule: string;
}

const RULES: Readonly<Record<string, string>> = {
  integer: 'a whole number',
  safe_integer: 'a whole number',
  finite: 'a finite number',
  float32: 'a finite float32 number',
  positive: 'a float32 number above 0',
  date: 'a day of the form 2024-07-26',
  'verdict-tokens': 'at most 64 tokens, each named once',
};

/** Tells what a schema expected of a value and found. */
export function problemText({ expected, received, rule }: FieldProblem): string {
  return `expected ${RULES[rule] ?? expected ?? rule}, found ${received}`;
}

/** English texts of errors, by their ids. */
export const dataErrors = {
  'cell/broken-json': {
    message: ({ at, expected, found }: BrokenList) =>
      `The list of turns is broken at character ${at}: expected ${expectedText(expected)}, but ${
        found === null ? 'the cell ends' : `found ${JSON.stringify(found)}`
      }.`,
    action: ({ isPython }: BrokenList) =>
      isPython
        ? 'Single quotes are read in the text mode "faithful" only.'
        : 'Check that the cell was not cut off and is a JSON list of texts.',
  },
  'cell/broken-json:turn': {
    message: ({ at, turn, kind }: { at: number; turn: number; kind: keyof typeof KINDS }) =>
      `Turn ${turn} of the list, at character ${at}, is ${KINDS[kind]}: expected a text in quotes or null.`,
    action: 'Write every turn as a text in quotes.',
  },
  'csv/utf16-too-large': {
    message: ({ size, most }: { size: number; most: number }) =>
      `The file is UTF-16 and has ${size} bytes; UTF-16 is read up to ${most} bytes.`,
    action: 'Save the file as UTF-8.',
  },
  'csv/bad-probability': {
    message: ({ p }: { p: number }) => `${p} is not a probability.`,
    action: 'Score the row again.',
  },
  'csv/empty': {
    message: 'The file is empty.',
    action: 'Choose a CSV file with a header and rows.',
  },
  'csv/missing-column': {
    message: ({ missing, found }: { missing: readonly string[]; found: string }) =>
      `Missing ${choose(missing.length, { one: 'column', other: 'columns' })}: ${missing.join(', ')}. Found: ${found}.`,
    action: ({ separator }: { separator: Separator | null }) =>
      separator === null
        ? 'The first line must name the columns prompt, response_a, response_b, in any order.'
        : saveWithCommas(separator),
  },
  'csv/duplicate-column': {
    message: ({ names }: { names: readonly string[] }) =>
      `The header repeats column names: ${names.join(', ')}.`,
    action: 'Remove or rename the repeated columns.',
  },
  'csv/not-csv:long-line': {
    message: ({ most }: { most: number }) =>
      `This is not a CSV file. The first line is longer than ${most} bytes.`,
    action: CHOOSE_CSV,
  },
  'csv/not-csv:no-comma': {
    message: 'This is not a CSV file. The first line has no comma.',
    action: ({ separator }: { separator: Separator | null }) =>
      separator === null ? CHOOSE_CSV : saveWithCommas(separator),
  },
  'csv/not-csv:markup': {
    message: ({ format }: { format: 'markup' | 'json' }) =>
      `This is not a CSV file. The file looks like ${format === 'json' ? 'JSON' : 'HTML or XML'}.`,
    action: CHOOSE_CSV,
  },
  'csv/not-csv:archive': {
    message: ({ format }: { format: keyof typeof ARCHIVES }) =>
      `This is not a CSV file. The file is ${ARCHIVES[format]}.`,
    action: 'Unpack it and choose the CSV file in it.',
  },
  'csv/not-csv:format': {
    message: ({ format }: { format: keyof typeof FORMATS }) =>
      `This is not a CSV file. The file is ${FORMATS[format]}.`,
    action: CHOOSE_CSV,
  },
  'csv/not-csv:binary': {
    message: ({ controls }: { controls: number }) =>
      `This is not a CSV file. The file is binary: ${controls} control characters at its start.`,
    action: CHOOSE_CSV,
  },
  'csv/header-only': {
    message: 'The file has a header but no rows.',
    action: 'Choose a file with rows.',
  },
  'csv/row-too-long': {
    message: ({ row, byte }: { row: number; byte: number }) =>
      `Row ${row}, which starts at byte ${byte}, is too long: a closing quote may be missing.`,
    action: 'Close the quotes of this row. Quotes inside a field are written twice ("").',
  },
  'csv/unclosed-quote': {
    message: 'The file ends inside a quoted field: its closing quote is missing.',
    action: 'The file may be cut off. Get a new copy.',
  },
  'csv/malformed-quotes': {
    message: 'A quoted field continues after its closing quote. Rows may have run together here.',
    action: 'Write quotes inside a field twice ("").',
  },
  'csv/too-few-fields': {
    message: ({ fields, expected }: { fields: number; expected: number }) =>
      `The row ends early: ${fields} fields where the header has ${expected}.`,
    action: 'The file may be cut off or have a line break outside quotes. Get a new copy.',
  },
  'csv/too-many-fields': {
    message: ({ fields, expected }: { fields: number; expected: number }) =>
      `The row is too long: ${fields} fields where the header has ${expected}.`,
    action: 'Put cells with commas in quotes.',
  },
  'csv/nul-byte': {
    message: 'The cell has a NUL byte.',
    action: 'Remove it, or get a new copy of the file if it is damaged.',
  },
  'csv/invalid-utf8': {
    message: 'The cell is not valid UTF-8.',
    action: 'Save the file as UTF-8.',
  },
  'csv/bad-probability:count': {
    message: ({ row, id, length }: { row: number; id: string; length: number }) =>
      `Row ${row} (id ${id}) has ${length} probabilities instead of 3.`,
    action: 'Score the row again.',
  },
  'labels/missing-column': {
    message: ({ missing }: { missing: readonly string[] }) =>
      `The file has no labels: missing ${choose(missing.length, { one: 'column', other: 'columns' })} ${missing.join(', ')}.`,
    action:
      'Choose a file with the columns of the competition’s train.csv, or pairs as JSON lines.',
  },
  'labels/duplicate-column': {
    message: ({ names }: { names: readonly string[] }) =>
      `The header repeats column names: ${names.join(', ')}.`,
    action: 'Remove or rename the repeated columns.',
  },
  'labels/not-one-hot': {
    message: ({ columns, marks }: { columns: string; marks: string }) =>
      `${columns} are ${marks}: one must be 1 and the others 0.`,
    action: 'Correct the row, or remove it.',
  },
  'labels/no-field': {
    message: ({ field }: { field: string }) =>
      `The row has no ${field}, which is needed to select rows.`,
    action: ({ field }: { field: string }) =>
      `Leave out the option that asks for it, or give the row a ${field}.`,
  },
  'labels/damaged-gzip': {
    message: ({ reason }: { reason: string }) => `The file cannot be unpacked: ${reason}.`,
    action: 'Get a new copy.',
  },
  'labels/unknown-label': {
    message: ({ label, known }: { label: string; known: string }) =>
      `The label is ${label}, not one of ${known}.`,
    action: 'Correct the label, or remove the line.',
  },
  'labels/bad-pair': {
    message: ({ field, ...problem }: FieldProblem & { field: string | null }) =>
      `${field === null ? 'The line' : `Field ${field}`} is wrong: ${problemText(problem)}.`,
    action: 'Correct the line, or remove it.',
  },
  'labels/bad-line:utf8': {
    message: 'The line is not valid UTF-8.',
    action: 'Save the file as UTF-8.',
  },
  'labels/bad-line:json': {
    message: ({ reason }: { reason: string }) => `The line is not JSON: ${reason}.`,
    action: 'Write one JSON object per line.',
  },
  'json/not-json': {
    message: ({ file, reason }: { file: string; reason: string }) =>
      `${file} is not JSON: ${reason}.`,
    action: 'The file is damaged or is not what its name says. Fetch it again.',
  },
  'json/field': {
    message: ({ file, field, ...problem }: FieldProblem & { file: string; field: string | null }) =>
      `${file}, ${field === null ? 'top level' : `field ${field}`}: ${problemText(problem)}.`,
    action: 'Correct the file, or fetch it again.',
  },
};
