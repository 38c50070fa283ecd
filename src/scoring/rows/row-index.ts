import { createSHA256 } from 'hash-wasm';
import type { CsvNote } from '../../data/csv/notes.ts';
import type { CsvFile } from '../../data/csv/reader.ts';
import type { CsvRow } from '../../data/csv/row.ts';
import { estimateTokens, pairHasher, parsePair, tryParsePair } from '../../data/pair.ts';
import { CLASS_COLUMNS } from '../../domain/classes.ts';
import { asTiebreakError, type PlainError, TiebreakError } from '../../domain/errors.ts';
import type { Reading } from '../../domain/reading.ts';
import { ROW_FLAG } from '../../domain/row-flag.ts';
import type { Pair, TextMode } from '../../domain/settings.ts';
import { joinTurns } from '../../domain/template.ts';
import { type CsvSummary, MAX_PROBLEMS, type RowProblem, type RowsEvent } from './row-events.ts';

/** Characters of a prompt that are kept for display. */
const EXCERPT = 120;
const MAX_DUPLICATE_IDS_NAMED = 5;

/**
 * A text to score: a row in one order of its answers; for a reward model its prompt and the first answer of that order.
 * Rows with equal texts share a sequence, so nothing is computed twice.
 */
interface Sequence {
  /** The row whose cells are read for it, counted from 0. */
  row: number;
  /** True for the swapped order. */
  swapped: boolean;
  /** Estimated tokens, from its characters. */
  estimate: number;
  /** A number that sequences with the same prompt share. It must not decide an order, as it depends on that of rows. */
  prompt: number;
  /** Hash of its texts. It breaks ties when sorting, so that the order of rows in the file cannot matter. */
  hash: string;
}

/**
 * Positions of a row's sequences: in the order of the file, and swapped. Without TTA these are the same one; for a
 * reward model they are the texts with A and with B.
 */
interface RowSequences {
  forward: number;
  swapped: number;
}

/** One row that was read again from the file, for display. */
export interface RowTexts {
  id: string;
  /** The turns; for a row that cannot be scored one turn, the cell as it stands in the file. */
  prompt: string[];
  responseA: string[];
  responseB: string[];
  /** The reason why the row cannot be scored, else null. */
  problem: PlainError | null;
}

/** Options that decide how rows become sequences. */
interface IndexOptions {
  textMode: TextMode;
  tta: boolean;
  /** True computes rows with equal texts once. Default true. */
  equalRowsOnce?: boolean;
  /** Default `pair`. With `reward`, `tta` must be false: see `effectiveSettings`. */
  reading?: Reading;
}

/**
 * An index of a CSV file, made by reading it once: for each row an id, a byte range, flags and the sequences that it
 * needs. Texts are not kept but read again when their turn comes, so memory does not grow with their length.
 */
export class RowIndex {
  readonly ids: string[] = [];
  readonly starts: number[] = [];
  readonly ends: number[] = [];
  /** Bits of {@link ROW_FLAG}. */
  readonly flags: number[] = [];
  readonly sequences: Sequence[] = [];
  /** One entry per row; null for rows that cannot be scored. */
  readonly rowSequences: (RowSequences | null)[] = [];
  readonly problems: RowProblem[] = [];
  problemRows = 0;
  duplicateRows = 0;
  plainTextRows = 0;
  /** SHA-256 of the file's text in UTF-8, in hexadecimal. */
  sha256 = '';
  readonly textMode: TextMode;
  readonly tta: boolean;
  readonly reading: Reading;
  private readonly known = new Map<string, number>();
  private readonly prompts = new Map<string, number>();
  /** The sequences of every row so far, to find rows with the texts of an earlier one. */
  private readonly scored = new Set<string>();
  private readonly equalRowsOnce: boolean;
  private readonly csv: CsvFile;
  private readonly hash: (pair: Pair) => string;

  private constructor(
    csv: CsvFile,
    { textMode, tta, equalRowsOnce = true, reading = 'pair' }: IndexOptions,
    hash: (pair: Pair) => string,
  ) {
    if (reading === 'reward' && tta) throw new Error('a reward model has no swapped order');
    this.csv = csv;
    this.reading = reading;
    this.textMode = textMode;
    this.tta = tta;
    this.equalRowsOnce = equalRowsOnce;
    this.hash = hash;
  }

  /**
   * Reads a file once. `onRows` receives rows as they are read, `onBytes` the number of bytes read so far.
   * @throws TiebreakError `csv/…` for a file that is unreadable as a whole, `run/cancelled`.
   */
  static async read(
    csv: CsvFile,
    options: IndexOptions & {
      signal?: AbortSignal;
      onRows?: (event: RowsEvent) => void;
      onBytes?: (bytes: number) => void;
    },
  ): Promise<RowIndex> {
    const index = new RowIndex(csv, options, await pairHasher());
    const sha256 = await createSHA256();
    const onRead = (bytes: Uint8Array) => sha256.update(bytes);
    for await (const { rows, bytesRead } of csv.rows({ signal: options.signal, onRead })) {
      const first = index.ids.length;
      const excerpts = rows.map((row) => index.add(row));
      options.onRows?.({
        type: 'rows',
        first,
        ids: rows.map((row) => row.id),
        excerpts,
        flags: Uint8Array.from(index.flags.slice(first)),
      });
      options.onBytes?.(bytesRead);
    }
    index.sha256 = sha256.digest('hex');
    return index;
  }

  /** Number of rows of the file. */
  get length(): number {
    return this.ids.length;
  }

  /** Facts about the file, for the user. */
  summary(): CsvSummary {
    const { source, names, notes } = this.csv;
    return {
      name: source.name,
      bytes: source.size,
      sha256: this.sha256,
      rows: this.length,
      hasLabels: CLASS_COLUMNS.every((name) => names.includes(name)),
      notes: [...notes, ...this.duplicateIdNotes()],
      problems: this.problems,
      problemRows: this.problemRows,
      duplicateRows: this.duplicateRows,
      plainTextRows: this.plainTextRows,
    };
  }

  /**
   * Reads the texts of a row again. The row must be one that can be scored.
   * @throws TiebreakError `storage/changed` if they differ from those that were indexed.
   */
  async pair(row: number): Promise<Pair> {
    const parsed = tryParsePair(await this.record(row), this.textMode);
    if ('error' in parsed) throw this.changed(row);
    const { forward, swapped } = this.rowSequences[row]!;
    const known = [this.sequences[forward]!.hash, this.sequences[swapped]!.hash];
    const texts = this.textsOf(parsed.pair);
    const found = [texts[0], texts.at(-1)!].map((text) => this.hash(text));
    if (found.some((hash, i) => hash !== known[i])) throw this.changed(row);
    return parsed.pair;
  }

  /**
   * The parts of a pair that its texts depend on: of the text in the order of the file and, if the row needs a second
   * one, of that in the swapped order.
   */
  private textsOf(pair: Pair): [Pair] | [Pair, Pair] {
    const swapped = { ...pair, responseA: pair.responseB, responseB: pair.responseA };
    if (this.reading === 'reward') {
      return [
        { ...pair, responseB: [] },
        { ...swapped, responseB: [] },
      ];
    }
    return this.tta ? [pair, swapped] : [pair];
  }

  /**
   * Reads any row again, for display.
   * @throws TiebreakError `storage/changed` if it differs from the one that was indexed.
   */
  async texts(row: number): Promise<RowTexts> {
    const id = this.ids[row]!;
    if (this.rowSequences[row] !== null) return { id, ...(await this.pair(row)), problem: null };
    const record = await this.record(row);
    const parsed = tryParsePair(record, this.textMode);
    if (!('error' in parsed) || record.id !== id) throw this.changed(row);
    const { prompt, responseA, responseB } = record;
    return {
      id,
      prompt: [prompt],
      responseA: [responseA],
      responseB: [responseB],
      problem: parsed.error.toPlain(),
    };
  }

  private record(row: number): Promise<CsvRow> {
    return this.csv.rowAt(row + 1, this.starts[row]!, this.ends[row]!);
  }

  private changed(row: number): TiebreakError {
    return new TiebreakError('storage/changed:after', {
      place: { file: this.csv.source.name, row: row + 1, byte: this.starts[row] },
    });
  }

  /** Adds one row and returns the beginning of its prompt. */
  private add(row: CsvRow): string {
    const index = this.ids.length;
    this.ids.push(row.id);
    this.starts.push(row.start);
    this.ends.push(row.end);
    try {
      const { pair, plainText } = parsePair(row, this.textMode);
      const prompt = this.promptNumber(pair);
      const [forward, swapped = forward] = this.textsOf(pair).map((text, order) => {
        const estimate = estimateTokens(text);
        const hash = this.hash(text);
        return this.sequence({ row: index, swapped: order === 1, estimate, prompt, hash });
      }) as [number, number?];
      this.rowSequences.push({ forward, swapped });
      const key = `${forward} ${swapped}`;
      const known = this.scored.has(key);
      this.scored.add(key);
      this.flags.push((known ? ROW_FLAG.duplicate : 0) | (plainText ? ROW_FLAG.plainText : 0));
      if (known) this.duplicateRows += 1;
      if (plainText) this.plainTextRows += 1;
      return joinTurns(pair.prompt).slice(0, EXCERPT);
    } catch (thrown) {
      const error = asTiebreakError(thrown);
      this.rowSequences.push(null);
      this.flags.push(ROW_FLAG.problem);
      this.problemRows += 1;
      if (this.problems.length < MAX_PROBLEMS) {
        this.problems.push({ index, id: row.id, error: error.toPlain() });
      }
      return row.prompt.slice(0, EXCERPT);
    }
  }

  private sequence(sequence: Sequence): number {
    const known = this.known.get(sequence.hash);
    if (known !== undefined && this.equalRowsOnce) return known;
    this.known.set(sequence.hash, this.sequences.length);
    return this.sequences.push(sequence) - 1;
  }

  private promptNumber({ prompt }: Pair): number {
    const hash = this.hash({ prompt, responseA: [], responseB: [] });
    const number = this.prompts.get(hash) ?? this.prompts.size;
    this.prompts.set(hash, number);
    return number;
  }

  private duplicateIdNotes(): CsvNote[] {
    const seen = new Set<string>();
    const twice = new Set<string>();
    for (const id of this.ids) (seen.has(id) ? twice : seen).add(id);
    if (twice.size === 0) return [];
    const named = [...twice].slice(0, MAX_DUPLICATE_IDS_NAMED);
    return [{ kind: 'repeatedIds', ids: twice.size, named }];
  }
}
