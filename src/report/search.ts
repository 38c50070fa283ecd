import type { CsvFile } from '../data/csv/reader.ts';
import { tryParsePair } from '../data/pair.ts';
import { throwIfAborted } from '../domain/errors.ts';
import type { TextMode } from '../domain/settings.ts';
import { joinTurns } from '../domain/template.ts';
import type { RowPlaces } from '../stats/table/read-table.ts';

/** Bytes to search at a time: few enough that a newer search can soon take over. */
const PIECE_BYTES = 1024 * 1024;
/** Longest gap of unwanted rows that is read along, in bytes, since a separate read costs as much. */
const GAP_BYTES = 32 * 1024;

/** Neighbouring rows that are read together. */
interface Piece {
  start: number;
  end: number;
  rows: number[];
}

/**
 * Reads rows again, a megabyte at a time, and finds those with a text in their prompt or an answer, ignoring case.
 * Unreadable rows never match.
 * @param rows in the order of the file.
 * @returns after each piece its matching rows, and the number of rows searched so far.
 * @throws TiebreakError `run/cancelled`, and the errors of the source.
 */
export async function* searchRows(
  csv: CsvFile,
  places: RowPlaces,
  rows: Uint32Array,
  text: string,
  options: { textMode: TextMode; signal?: AbortSignal },
): AsyncGenerator<{ found: number[]; done: number }> {
  const wanted = text.toLowerCase();
  let done = 0;
  for (const piece of piecesOf(places, rows)) {
    throwIfAborted(options.signal);
    const read = await csv.rowsAt(piece.rows[0]! + 1, piece.start, piece.end);
    const byStart = new Map(read.map((row) => [row.start, row]));
    const found = piece.rows.filter((row) => {
      const cells = byStart.get(places.starts[row]!);
      if (cells === undefined) return false;
      const parsed = tryParsePair(cells, options.textMode);
      if ('error' in parsed) return false;
      const { prompt, responseA, responseB } = parsed.pair;
      return [prompt, responseA, responseB].some((turns) =>
        joinTurns(turns).toLowerCase().includes(wanted),
      );
    });
    done += piece.rows.length;
    yield { found, done };
  }
}

function* piecesOf({ starts, ends }: RowPlaces, rows: Uint32Array): Generator<Piece> {
  let piece: Piece | null = null;
  for (const row of rows) {
    const start = starts[row]!;
    const end = ends[row]!;
    if (piece !== null && start - piece.end <= GAP_BYTES && end - piece.start <= PIECE_BYTES) {
      piece.end = end;
      piece.rows.push(row);
      continue;
    }
    if (piece !== null) yield piece;
    piece = { start, end, rows: [row] };
  }
  if (piece !== null) yield piece;
}
