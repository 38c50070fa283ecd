import { TiebreakError } from '../domain/errors.ts';
import type { TextMode } from '../domain/settings.ts';
import type { ParamsOf } from '../texts/errors.ts';

/**
 * A peculiarity of a cell.
 * - `plain-text`: not a list, read as one turn.
 * - `empty-list`: a list without turns.
 * - `null-turn`: a turn is null, read as "".
 * - `lone-surrogate`: an unpaired surrogate, replaced by U+FFFD.
 */
type CellNote = 'plain-text' | 'empty-list' | 'null-turn' | 'lone-surrogate';

/** A cell as a list of turns. Each note occurs at most once. */
interface ParsedCell {
  turns: string[];
  notes: CellNote[];
}

const LIST_START = /^[ \t\r\n\f]*\[[ \t\r\n\f]*(?:["'\]]|null[ \t\r\n\f]*(?:[,\]]|$))/;
const LONE_SURROGATE = /\p{Cs}/gu;
const ESCAPED_LOW_HALF = /\\u[dD][c-fC-F][\da-fA-F]{2}/y;
const OCTAL = /[0-7]{1,3}/y;
const HEX = /[\da-fA-F]{1,8}/y;
const WORD = /[\w.+-]+/y;

const JSON_ESCAPES = new Map(Object.entries({ n: '\n', t: '\t', r: '\r', b: '\b', f: '\f' }));
for (const itself of ['"', '\\', '/']) JSON_ESCAPES.set(itself, itself);
const PYTHON_ESCAPES = new Map(
  Object.entries({ n: '\n', t: '\t', r: '\r', a: '\x07', b: '\b', f: '\f', v: '\v', '\n': '' }),
);
for (const itself of ['"', "'", '\\']) PYTHON_ESCAPES.set(itself, itself);

/** For a lone surrogate, the notebook's tokenizer receives three bytes that are invalid UTF-8. */
const HALF_IN_PYTHON = '\ufffd'.repeat(3);

/**
 * Reads a cell of the competition's files as a list of turns. `clean` reads it as `JSON.parse` does,
 * `faithful` as Python's `eval(cell, {"null": ""})` does. Text that does not start like a list of strings is
 * one turn.
 * @throws TiebreakError `cell/broken-json` for a broken list or an element that is neither a string nor null.
 */
export function parseCell(cell: string, mode: TextMode): ParsedCell {
  if (LIST_START.test(cell)) return parseList(cell, mode);
  const notes = new Set<CellNote>(['plain-text']);
  return { turns: [replaceHalves(cell, mode, notes)], notes: [...notes] };
}

function parseList(cell: string, mode: TextMode): ParsedCell {
  const notes = new Set<CellNote>();
  const turns: string[] = [];
  const python = mode === 'faithful';
  // In clean mode a form feed before the list is an error, as for JSON.parse.
  const open = skipSpace(cell, 0, mode);
  if (cell[open] !== '[') throw broken(cell, open, 'open');
  let at = skipSpace(cell, open + 1, mode);
  let more = cell[at] !== ']';
  if (!more) notes.add('empty-list');
  while (more) {
    if (isQuote(cell[at], mode)) {
      let text = '';
      do {
        const part = readString(cell, at, mode, notes);
        text += part.text;
        at = skipSpace(cell, part.end, mode);
        // Python joins adjacent strings.
      } while (python && isQuote(cell[at], mode));
      turns.push(text);
    } else if (wordAt(cell, at) === 'null') {
      turns.push('');
      notes.add('null-turn');
      at = skipSpace(cell, at + 4, mode);
    } else {
      throw notText(cell, at, turns.length + 1, mode);
    }
    more = cell[at] === ',';
    if (more) {
      at = skipSpace(cell, at + 1, mode);
      // Python allows a comma after the last element.
      if (python && cell[at] === ']') more = false;
    } else if (cell[at] !== ']') {
      throw broken(cell, at, 'comma-or-end');
    }
  }
  const end = skipSpace(cell, at + 1, mode);
  if (end < cell.length) throw broken(cell, end, 'nothing');
  return { turns, notes: [...notes] };
}

/** Reads the string whose opening quote is at `open`; `end` is the offset after its closing quote. */
function readString(cell: string, open: number, mode: TextMode, notes: Set<CellNote>) {
  const quote = cell.charCodeAt(open);
  const pieces: string[] = [];
  let hasHalves = false;
  let from = open + 1;
  let at = from;
  while (at < cell.length) {
    const code = cell.charCodeAt(at);
    if (code === quote) {
      pieces.push(cell.slice(from, at));
      const text = pieces.join('');
      return { text: hasHalves ? replaceHalves(text, mode, notes) : text, end: at + 1 };
    }
    if (code === 0x5c) {
      pieces.push(cell.slice(from, at));
      const read = readEscape(cell, at, mode, notes);
      pieces.push(read.text);
      hasHalves ||= isHalf(read.text.charCodeAt(0));
      at = read.end;
      from = at;
      continue;
    }
    if (code < 0x20 && (mode === 'clean' || code === 0 || code === 0x0a || code === 0x0d)) {
      throw broken(cell, at, 'escaped');
    }
    hasHalves ||= isHalf(code);
    at++;
  }
  throw broken(cell, at, { closing: cell[open]!, from: open });
}

/** Reads the escape whose backslash is at `at`. */
function readEscape(cell: string, at: number, mode: TextMode, notes: Set<CellNote>) {
  const kind = cell[at + 1] ?? '';
  const python = mode === 'faithful';
  const simple = (python ? PYTHON_ESCAPES : JSON_ESCAPES).get(kind);
  if (simple !== undefined) return { text: simple, end: at + 2 };
  if (kind === 'u') {
    const value = readHex(cell, at, 4);
    if (!python) return { text: String.fromCharCode(value), end: at + 6 };
    return pythonCharacter(cell, value, at + 6, notes);
  }
  if (!python) throw broken(cell, at, 'json-escape');
  if (kind === 'x') return { text: String.fromCharCode(readHex(cell, at, 2)), end: at + 4 };
  if (kind === 'U') {
    const value = readHex(cell, at, 8);
    if (value > 0x10ffff) throw broken(cell, at, 'code-point');
    return pythonCharacter(cell, value, at + 10, notes);
  }
  if (kind === 'N') throw broken(cell, at, 'unnamed');
  if (kind === '\r') return { text: '', end: cell[at + 2] === '\n' ? at + 3 : at + 2 };
  const octal = match(OCTAL, cell, at + 1);
  if (octal) {
    return { text: String.fromCharCode(Number.parseInt(octal, 8)), end: at + 1 + octal.length };
  }
  // Any other escape stays as it is: the backslash and the next character.
  return { text: '\\', end: at + 1 };
}

/** An escaped character in Python, which never joins surrogates: a pair becomes six U+FFFD. */
function pythonCharacter(cell: string, value: number, end: number, notes: Set<CellNote>) {
  if (!isHalf(value)) return { text: String.fromCodePoint(value), end };
  const low = value < 0xdc00 ? match(ESCAPED_LOW_HALF, cell, end) : undefined;
  if (low) return { text: HALF_IN_PYTHON + HALF_IN_PYTHON, end: end + low.length };
  notes.add('lone-surrogate');
  return { text: HALF_IN_PYTHON, end };
}

function readHex(cell: string, backslash: number, digits: number): number {
  const found = match(HEX, cell, backslash + 2)?.slice(0, digits) ?? '';
  if (found.length < digits) {
    const expected = { digits, escape: cell[backslash + 1]! };
    throw broken(cell, backslash + 2 + found.length, expected);
  }
  return Number.parseInt(found, 16);
}

function replaceHalves(text: string, mode: TextMode, notes: Set<CellNote>): string {
  const replaced = text.replace(LONE_SURROGATE, mode === 'faithful' ? HALF_IN_PYTHON : '\ufffd');
  if (replaced !== text) notes.add('lone-surrogate');
  return replaced;
}

function isHalf(code: number): boolean {
  return code >= 0xd800 && code <= 0xdfff;
}

function isQuote(character: string | undefined, mode: TextMode): boolean {
  return character === '"' || (character === "'" && mode === 'faithful');
}

function skipSpace(cell: string, from: number, mode: TextMode): number {
  let at = from;
  for (; at < cell.length; at++) {
    const code = cell.charCodeAt(at);
    const space = code === 0x20 || code === 0x09 || code === 0x0a || code === 0x0d;
    if (!space && !(code === 0x0c && mode === 'faithful')) break;
  }
  return at;
}

function match(sticky: RegExp, cell: string, at: number): string | undefined {
  sticky.lastIndex = at;
  return sticky.exec(cell)?.[0];
}

function wordAt(cell: string, at: number): string {
  return match(WORD, cell, at) ?? '';
}

function broken(
  cell: string,
  at: number,
  expected: ParamsOf<'cell/broken-json'>['expected'],
  isPython = false,
): TiebreakError {
  const code = cell.codePointAt(at);
  const found = code === undefined ? null : String.fromCodePoint(code);
  return new TiebreakError('cell/broken-json', { params: { at, expected, found, isPython } });
}

/** The error for an element that is neither a string nor null. */
function notText(cell: string, at: number, turn: number, mode: TextMode): TiebreakError {
  const word = wordAt(cell, at);
  let kind: ParamsOf<'cell/broken-json:turn'>['kind'] | undefined;
  if (cell[at] === '{') kind = 'object';
  else if (cell[at] === '[') kind = 'list';
  else if (/^-?\d/.test(word)) kind = 'number';
  else if (/^(?:true|false)$/i.test(word)) kind = 'boolean';
  if (kind === undefined) {
    return broken(cell, at, { turn }, mode === 'clean' && cell[at] === "'");
  }
  return new TiebreakError('cell/broken-json:turn', { params: { at, turn, kind } });
}
