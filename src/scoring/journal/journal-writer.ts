import { joinBytes } from '../../storage/bytes.ts';
import { readAll } from '../../storage/package-files.ts';
import type { FileWriter, PackageSink } from '../../storage/sink.ts';
import type { BatchRecord } from '../rows/batch-record.ts';
import {
  encodeBatch,
  encodeEngine,
  encodeHeader,
  JOURNAL_VERSION,
  type Journal,
  type Piece,
  readJournal,
} from './journal.ts';
import type { EngineRecord, JournalHeader } from './records.ts';

/** Where a journal lies. */
export interface JournalFile {
  sink: PackageSink;
  path: string;
  /** Called when the journal is closed. */
  release?: () => void;
}

/**
 * A journal that is open for adding. What a call wrote survives a crash, of the machine too, once the call settles.
 * After a failed call the journal is what it was, and the call can be tried again.
 *
 * One flush for each addition is enough, and no order between writes has to be enforced: a frame whose bytes reach the
 * disk in part, or before those of an earlier one, breaks the chain of checks, and a reader takes it for the torn end.
 * A batch is shown to the user only when its call has settled, so nothing that anyone saw is ever computed again, with
 * other last digits.
 *
 * `bytes` and `check` move on only after the flush. A failed write may have left some bytes behind them; the next
 * attempt opens the file anew at `bytes`, which cuts these off (a full disk leaves a torn frame, which must not lie
 * between two whole ones).
 */
export class JournalWriter {
  private readonly file: JournalFile;
  private readonly keepsLogits: boolean;
  /** Length of what is valid and durable. */
  private bytes = 0;
  /** The check of the last frame that is. */
  private check = 0;
  /** Null until something is added, and after a failure. */
  private writer: FileWriter | null = null;
  /**
   * Settles with the addition before: lanes finish batches at the same time, and each frame continues the check of
   * another.
   */
  private last: Promise<unknown> = Promise.resolve();

  private constructor(
    file: JournalFile,
    { bytes, check, version }: Pick<Journal, 'bytes' | 'check' | 'version'>,
  ) {
    this.file = file;
    this.bytes = bytes;
    this.check = check;
    // Version 1 has no frames with logits: the app that wrote it would take them for damage.
    this.keepsLogits = version > 1;
  }

  /** Begins a journal in place of one that is there. @throws TiebreakError `storage/full`, `storage/write`. */
  static async create(
    file: JournalFile,
    header: JournalHeader,
    engine: EngineRecord,
  ): Promise<JournalWriter> {
    const journal = new JournalWriter(file, { bytes: 0, check: 0, version: JOURNAL_VERSION });
    const start = encodeHeader(header);
    const { bytes, check } = encodeEngine(engine, start.check);
    // In one write: a journal whose engine is missing could not be continued.
    await journal.add(() => ({ bytes: joinBytes([start.bytes, bytes]), check }));
    return journal;
  }

  /**
   * Opens a journal to go on with it. Nothing is written yet: a torn end is cut off with the first addition, so that
   * looking at a run changes nothing.
   * @throws TiebreakError `journal/damaged`, `journal/version`, `storage/missing`.
   */
  static async open(file: JournalFile): Promise<{ journal: Journal; writer: JournalWriter }> {
    const journal = readJournal(await readAll(file.sink.files, file.path));
    return { journal, writer: new JournalWriter(file, journal) };
  }

  /** Adds a finished batch. @throws TiebreakError `storage/full`, `storage/write`. */
  batch(record: BatchRecord): Promise<void> {
    const { keepsLogits } = this;
    return this.add((check) =>
      encodeBatch(keepsLogits ? record : { ...record, logits: null }, check),
    );
  }

  /** Adds a change of the engine. @throws TiebreakError `storage/full`, `storage/write`. */
  engine(record: EngineRecord): Promise<void> {
    return this.add((check) => encodeEngine(record, check));
  }

  /** Lets go of the journal. */
  async close(): Promise<void> {
    await this.last;
    await this.writer?.close().catch(() => undefined);
    this.writer = null;
    this.file.release?.();
  }

  private add(encode: (check: number) => Piece): Promise<void> {
    const adding = this.last.then(async () => {
      const { bytes, check } = encode(this.check);
      try {
        this.writer ??= await this.file.sink.create(this.file.path, this.bytes);
        await this.writer.write(bytes);
        await this.writer.flush();
      } catch (thrown) {
        // Some bytes may be there: the next attempt opens the file anew and cuts them off.
        await this.writer?.close().catch(() => undefined);
        this.writer = null;
        throw thrown;
      }
      this.bytes += bytes.length;
      this.check = check;
    });
    this.last = adding.catch(() => undefined);
    return adding;
  }
}
