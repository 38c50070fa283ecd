import type { Reading } from '../../domain/reading.ts';
import { joinBytes } from '../../storage/bytes.ts';
import { readAll } from '../../storage/package-files.ts';
import type { FileWriter, PackageSink } from '../../storage/sink.ts';
import type { BatchRecord } from '../rows/batch-record.ts';
import {
  encodeBatch,
  encodeEngine,
  encodeHeader,
  type Journal,
  journalVersion,
  type Piece,
  readJournal,
} from './journal.ts';
import type { EngineRecord, JournalHeader } from './records.ts';

/** The place of a journal: a file in a directory. */
export interface JournalFile {
  sink: PackageSink;
  path: string;
  /** Called when the journal is closed. */
  release?: () => void;
}

/**
 * A journal that is open for appending. When a call resolves, its frame is durable: it survives a crash of the browser
 * and of the machine. After a call that rejects, the journal is unchanged and the call can be repeated.
 *
 * One flush per frame suffices, and the order of writes to the disk need not be enforced: a frame of which only a part
 * reaches the disk, or which reaches it before an earlier frame, breaks the chain of checks, and a reader takes it for
 * the torn end. A batch is shown to the user only after its call has resolved, so no result that anyone has seen is
 * ever computed again, with other last digits.
 *
 * `bytes` and `check` advance only after the flush. A failed write may have left a torn frame after `bytes`, for
 * example on a full disk. The next attempt reopens the file at `bytes`, which cuts it off: a torn frame must not lie
 * between two whole ones.
 */
export class JournalWriter {
  private readonly file: JournalFile;
  private readonly keepsLogits: boolean;
  private readonly reading: Reading;
  /** Length in bytes of the valid and durable part. */
  private bytes = 0;
  /** The check at the end of that part, which the next frame continues. */
  private check = 0;
  /** Open from the first append on; null before it and after a failure. */
  private writer: FileWriter | null = null;
  /**
   * Settles with the previous append. Appends run one after the other, because lanes finish batches at the same time
   * and each frame continues the check of the previous one.
   */
  private last: Promise<unknown> = Promise.resolve();

  private constructor(
    file: JournalFile,
    { bytes, check, version, header }: Pick<Journal, 'bytes' | 'check' | 'version' | 'header'>,
  ) {
    this.file = file;
    this.reading = header.reading ?? 'pair';
    this.bytes = bytes;
    this.check = check;
    // A journal of version 1 gets no frames with logits: the older app that began it would take them for damage.
    this.keepsLogits = version > 1;
  }

  /** Begins a journal, in place of an existing file. @throws TiebreakError `storage/full`, `storage/write`. */
  static async create(
    file: JournalFile,
    header: JournalHeader,
    engine: EngineRecord,
  ): Promise<JournalWriter> {
    const version = journalVersion(header);
    const journal = new JournalWriter(file, { bytes: 0, check: 0, version, header });
    const start = encodeHeader(header);
    const { bytes, check } = encodeEngine(engine, start.check);
    // Header and engine are one write: a journal without an engine could not be continued.
    await journal.add(() => ({ bytes: joinBytes([start.bytes, bytes]), check }));
    return journal;
  }

  /**
   * Opens a journal in order to continue it. Writes nothing: the first append cuts off a torn end, so that merely
   * opening a run changes nothing.
   * @throws TiebreakError `journal/damaged`, `journal/version`, `storage/missing`.
   */
  static async open(file: JournalFile): Promise<{ journal: Journal; writer: JournalWriter }> {
    const journal = readJournal(await readAll(file.sink.files, file.path));
    return { journal, writer: new JournalWriter(file, journal) };
  }

  /** Appends a finished batch; durable when it resolves. @throws TiebreakError `storage/full`, `storage/write`. */
  batch(record: BatchRecord): Promise<void> {
    const { keepsLogits, reading } = this;
    const kept = keepsLogits ? record : { ...record, logits: null };
    return this.add((check) => encodeBatch(kept, check, reading));
  }

  /** Appends a change of engine; durable when it resolves. @throws TiebreakError `storage/full`, `storage/write`. */
  engine(record: EngineRecord): Promise<void> {
    return this.add((check) => encodeEngine(record, check));
  }

  /** Waits for pending appends, closes the file and releases its lock. */
  async close(): Promise<void> {
    await this.last;
    await this.writer?.close().catch(() => undefined);
    this.writer = null;
    this.file.release?.();
  }

  /**
   * Appends a piece, after all previous appends. It is encoded only then, because it continues the check of the one
   * before it.
   */
  private add(encode: (check: number) => Piece): Promise<void> {
    const adding = this.last.then(async () => {
      const { bytes, check } = encode(this.check);
      try {
        this.writer ??= await this.file.sink.create(this.file.path, this.bytes);
        await this.writer.write(bytes);
        await this.writer.flush();
      } catch (thrown) {
        // Some bytes may have been written: the next attempt reopens the file at `bytes` and cuts them off.
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
