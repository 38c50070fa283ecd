import { CLASS_COLUMNS } from '../../domain/classes.ts';
import { errorAt, TiebreakError } from '../../domain/errors.ts';
import type { ByteSource } from '../../storage/byte-source.ts';
import { type ByteText, decodeUtf8Lossy, toByteText } from './byte-text.ts';
import { MODEL_COLUMNS, ORIGIN_COLUMNS, PAIR_COLUMNS } from './column-names.ts';
import type { CsvLayout, Newline } from './layout.ts';
import type { CsvNote } from './notes.ts';
import { splitRecords } from './records.ts';

const NEEDED = PAIR_COLUMNS.slice(1);

const KNOWN: readonly string[] = [
  ...PAIR_COLUMNS,
  ...CLASS_COLUMNS,
  ...MODEL_COLUMNS,
  ...ORIGIN_COLUMNS,
];

/** A header and the offset of the records. */
interface Header {
  layout: CsvLayout;
  /** Column names, trimmed; known ones in lower case. */
  names: string[];
  /** Offset in the file of the first byte after the header line. */
  end: number;
  notes: CsvNote[];
}

/** Bytes read for the header at first; a longer header needs more. */
const SAMPLE_BYTES = 64 * 1024;
/** Most bytes of a header: enough for a hundred thousand names. */
const MAX_HEADER_BYTES = 4 * 1024 * 1024;
/** Unused columns that are named; the rest are counted. */
const NAMED_COLUMNS = 10;

const ARCHIVES = [
  ['PK\x03\x04', 'zip'],
  ['\x1f\x8b', 'gzip'],
  ['7z\xbc\xaf', '7z'],
  ['\x28\xb5\x2f\xfd', 'zstd'],
] as const;
const FORMATS = [
  ['\xd0\xcf\x11\xe0', 'xls'],
  ['\x89PNG', 'png'],
  ['\xff\xd8\xff', 'jpeg'],
  ['%PDF', 'pdf'],
  ['PAR1', 'parquet'],
  ['SQLite format 3', 'sqlite'],
] as const;

/**
 * Reads the header of a UTF-8 file whose text starts at byte `start`.
 * @throws TiebreakError `csv/empty`, `csv/not-csv`, `csv/missing-column`, `csv/duplicate-column`, and the errors of the
 * source.
 */
export async function readHeader(source: ByteSource, start: number): Promise<Header> {
  const { text, newline, end } = await readFirstLine(source, start);
  const names = knownNames(headerNames(text, newline, source.name));
  checkNames(names, text, source.name);
  return {
    layout: {
      columns: {
        id: names.indexOf('id'),
        prompt: names.indexOf('prompt'),
        response_a: names.indexOf('response_a'),
        response_b: names.indexOf('response_b'),
      },
      columnCount: names.length,
      newline,
    },
    names,
    end,
    notes: columnNotes(names),
  };
}

/** The header line, and the offset in the file of the first byte after it. */
async function readFirstLine(source: ByteSource, start: number) {
  for (let length = SAMPLE_BYTES; ; length = MAX_HEADER_BYTES) {
    const sampleEnd = Math.min(start + length, source.size);
    const bytes = await source.read(start, sampleEnd);
    checkBinary(bytes, source.name);
    const sample = toByteText(bytes);
    const isWhole = sampleEnd === source.size;
    // Skips blank lines before the header.
    const from = /^(?:[ \t]*[\r\n]+)*/.exec(sample)![0].length;
    if (sample.slice(from).trim() === '' && isWhole) {
      throw new TiebreakError('csv/empty', { place: { file: source.name } });
    }
    const line = firstLine(sample, from, isWhole);
    if (line !== undefined) return { ...line, end: start + from + line.text.length };
    checkMarkup(sample, source.name);
    if (length === MAX_HEADER_BYTES) {
      throw new TiebreakError('csv/not-csv:long-line', {
        params: { most: MAX_HEADER_BYTES },
        place: { file: source.name },
      });
    }
  }
}

/** Converts known names to lower case, unless another column already has that name. */
function knownNames(names: string[]): string[] {
  return names.map((name) => {
    const small = name.toLowerCase();
    return KNOWN.includes(small) && !names.includes(small) ? small : name;
  });
}

function columnNotes(names: string[]): CsvNote[] {
  const notes: CsvNote[] = [];
  if (!names.includes('id')) notes.push({ kind: 'noIds' });
  const extra = names.filter((name) => !KNOWN.includes(name));
  const named = extra.slice(0, NAMED_COLUMNS).map(shorten).join(', ');
  if (extra.length > 0) notes.push({ kind: 'unusedColumns', columns: extra.length, named });
  return notes;
}

/** The first line with its line end, found outside quotes. */
function firstLine(sample: ByteText, from: number, isWhole: boolean) {
  let quoted = false;
  for (let at = from; at < sample.length; at++) {
    const character = sample[at];
    if (character === '"') quoted = !quoted;
    if (quoted || (character !== '\n' && character !== '\r')) continue;
    let newline: Newline = character;
    if (character === '\r' && sample[at + 1] === '\n') newline = '\r\n';
    return { text: sample.slice(from, at + newline.length), newline };
  }
  return isWhole ? { text: sample.slice(from), newline: '\n' as Newline } : undefined;
}

function headerNames(text: ByteText, newline: Newline, file: string): string[] {
  const line = text.trim();
  checkMarkup(line, file);
  if (!line.includes(',')) {
    throw new TiebreakError('csv/not-csv:no-comma', {
      params: { separator: separatorOf(line) },
      place: { file },
    });
  }
  const fields = splitRecords(text, newline, true).records[0]?.fields ?? [];
  return fields.map((name) => decodeUtf8Lossy(name).trim());
}

/** Refuses other text formats, recognised by their first character. */
function checkMarkup(text: ByteText, file: string): void {
  const looksLike = /^\s*([<{[])/.exec(text)?.[1];
  if (looksLike === undefined) return;
  throw new TiebreakError('csv/not-csv:markup', {
    params: { format: looksLike === '<' ? 'markup' : 'json' },
    place: { file },
  });
}

function checkNames(names: string[], text: ByteText, file: string): void {
  const missing = NEEDED.filter((name) => !names.includes(name));
  if (missing.length > 0) {
    const found = names.slice(0, 20).map(shorten).join(', ');
    throw new TiebreakError('csv/missing-column', {
      params: { missing, found, separator: separatorOf(text) },
      place: { file, column: missing[0] },
    });
  }
  const twice = PAIR_COLUMNS.filter((name) => names.indexOf(name) !== names.lastIndexOf(name));
  if (twice.length > 0) {
    throw new TiebreakError('csv/duplicate-column', {
      params: { names: twice },
      place: { file, column: twice[0] },
    });
  }
}

/** Refuses binary files: known ones by their first bytes, others by their control characters. */
function checkBinary(bytes: Uint8Array, file: string): void {
  const head = bytes.subarray(0, 1024);
  const begins = ([start]: readonly [string, string]) =>
    [...start].every((character, index) => head[index] === character.charCodeAt(0));
  const [, archive] = ARCHIVES.find(begins) ?? [];
  if (archive !== undefined) throw errorAt({ file }, 'csv/not-csv:archive', { format: archive });
  const [, format] = FORMATS.find(begins) ?? [];
  if (format !== undefined) throw errorAt({ file }, 'csv/not-csv:format', { format });
  const controls = head.filter((byte) => byte < 0x20 && (byte < 0x09 || byte > 0x0d)).length;
  // A few may occur in the cells of a damaged file whose other rows are usable.
  if (controls > Math.max(4, head.length / 20)) {
    throw new TiebreakError('csv/not-csv:binary', { params: { controls }, place: { file } });
  }
}

function separatorOf(header: string): 'tabs' | 'semicolons' | null {
  const count = (character: string) => header.split(character).length - 1;
  const commas = count(',');
  const tabs = count('\t');
  const semicolons = count(';');
  if (Math.max(tabs, semicolons) <= commas) return null;
  return tabs > semicolons ? 'tabs' : 'semicolons';
}

function shorten(name: string): string {
  const text = name.length > 40 ? `${name.slice(0, 40)}…` : name;
  return JSON.stringify(text);
}
