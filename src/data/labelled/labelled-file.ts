import { TiebreakError } from '../../domain/errors.ts';
import { type ByteSource, MemorySource } from '../../storage/byte-source.ts';
import { joinBytes } from '../../storage/bytes.ts';
import { slices } from '../../storage/hash.ts';
import { type Split, splitter } from '../split.ts';
import { openLabelledCsv } from './labelled-csv.ts';
import type { LabelledRow, ReadRow, UnreadRow } from './labelled-row.ts';
import { type LabelledTable, LabelledTableBuilder } from './labelled-table.ts';
import { PAIRS_HEADER, pairLines } from './pair-lines.ts';

/** Kinds of judges by which rows can be selected. */
export const JUDGES = ['human', 'gpt4'] as const;
export type JudgeKind = (typeof JUDGES)[number];

/** The rows to evaluate; all without a restriction. */
export interface Restriction {
  judge?: JudgeKind;
  split?: Split;
}

/** Labelled data, ready to be scored. */
export interface LabelledFile {
  format: 'csv' | 'pairs';
  /** The selected rows, in the order of the file. */
  table: LabelledTable;
  /** [rows]: their ids, which may repeat. */
  ids: string[];
  /** [rows]: their numbers in the file, from 1; see {@link LabelledRow}. */
  numbers: number[];
  /** Their texts in the competition's format, row by row. For JSON lines the ids are line numbers. */
  csv: ByteSource;
  /** Rows in the file. */
  total: number;
  /** Rows that the restriction excludes. */
  leftOut: number;
  /** Unusable rows. */
  unread: UnreadRow[];
  /** Ids that occur in several selected rows. */
  repeatedIds: number;
}

const GZIP = [0x1f, 0x8b];

/**
 * Reads labelled data: the competition's `train.csv`, or pairs as JSON lines; either may be gzipped. Holds the selected
 * texts in memory.
 * @throws TiebreakError `labels/damaged-gzip`, `labels/missing-column`, `labels/duplicate-column`, `csv/…` for an empty
 * or unreadable file, and the errors of the source.
 */
export async function readLabelledFile(
  file: ByteSource,
  restriction: Restriction = {},
): Promise<LabelledFile> {
  const source = await unpack(file);
  if (await startsWithObject(source)) {
    const header = new TextEncoder().encode(PAIRS_HEADER);
    return collect('pairs', source.name, header, pairLines(source), restriction);
  }
  const { header, rows } = await openLabelledCsv(source);
  return collect('csv', source.name, header, rows, restriction);
}

async function collect(
  format: LabelledFile['format'],
  name: string,
  header: Uint8Array,
  read: AsyncGenerator<ReadRow>,
  restriction: Restriction,
): Promise<LabelledFile> {
  const takesPart = await restrict(restriction, name);
  const pieces = [header];
  const table = new LabelledTableBuilder();
  const ids: string[] = [];
  const numbers: number[] = [];
  const unread: UnreadRow[] = [];
  let total = 0;
  for await (const row of read) {
    total += 1;
    if ('error' in row) {
      unread.push(row);
      continue;
    }
    const { labelled, line } = row;
    const answer = takesPart(labelled);
    if (answer instanceof TiebreakError) {
      unread.push({ row: labelled.row, id: labelled.id, error: answer });
    } else if (answer) {
      table.add(labelled);
      ids.push(labelled.id);
      numbers.push(labelled.row);
      // A copy, since a view would keep a large slice of the file in memory.
      pieces.push(line.slice());
    }
  }
  return {
    format,
    table: table.finish(),
    ids,
    numbers,
    csv: new MemorySource(name, joinBytes(pieces)),
    total,
    leftOut: total - ids.length - unread.length,
    unread,
    repeatedIds: repeated(ids),
  };
}

/** Makes the function that decides if a row is selected. It returns an error for a row without the deciding field. */
async function restrict(
  { judge, split }: Restriction,
  file: string,
): Promise<(row: LabelledRow) => boolean | TiebreakError> {
  const splitOf = await splitter();
  const unknown = (row: LabelledRow, field: string) =>
    new TiebreakError('labels/no-field', { params: { field }, place: { file, row: row.row } });
  return (row) => {
    if (judge !== undefined) {
      if (row.judge === null) return unknown(row, 'judge');
      if (judgeKind(row.judge) !== judge) return false;
    }
    if (split !== undefined) {
      if (row.group === null) return unknown(row, 'group');
      if (splitOf(row.group) !== split) return false;
    }
    return true;
  };
}

/** The kind of a judge by name: `human`, or one of GPT-4's (`gpt4`, `gpt-4-0613`, `gpt-4 scores`); null for others. */
export function judgeKind(judge: string): JudgeKind | null {
  if (judge === 'human') return 'human';
  return /^gpt-?4(?!\w)/.test(judge) ? 'gpt4' : null;
}

function repeated(ids: string[]): number {
  const seen = new Set<string>();
  return new Set(ids.filter((id) => seen.has(id) || !seen.add(id))).size;
}

/** Decompresses a gzipped file in memory; returns any other file unchanged. */
async function unpack(file: ByteSource): Promise<ByteSource> {
  const head = await file.read(0, Math.min(2, file.size));
  if (!GZIP.every((byte, i) => head[i] === byte)) return file;
  const pieces = slices(file, 0, file.size);
  const packed = new ReadableStream<Uint8Array<ArrayBuffer>>({
    async pull(controller) {
      const piece = await pieces.next();
      if (piece.done) controller.close();
      else controller.enqueue(piece.value);
    },
  });
  try {
    const unpacked = new Response(packed.pipeThrough(new DecompressionStream('gzip')));
    return new MemorySource(file.name, new Uint8Array(await unpacked.arrayBuffer()));
  } catch (cause) {
    if (cause instanceof TiebreakError) throw cause;
    throw new TiebreakError('labels/damaged-gzip', {
      params: { reason: (cause as Error).message },
      place: { file: file.name },
      cause,
    });
  }
}

/**
 * True if the text begins with a brace, after a byte order mark and white space. A CSV begins with the name of a
 * column.
 */
async function startsWithObject(source: ByteSource): Promise<boolean> {
  const head = await source.read(0, Math.min(1024, source.size));
  return new TextDecoder().decode(head).trimStart().startsWith('{');
}
