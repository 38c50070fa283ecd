import { asTiebreakError, type TiebreakError } from '../../domain/errors.ts';
import type { EngineInfo } from '../../engine/engine.ts';
import type { BatchRecord } from '../rows/batch-record.ts';
import type { BatchPlan } from '../rows/batches.ts';
import { differences, differsError, engineDifferences, engineError } from './differences.ts';
import type { Journal } from './journal.ts';
import { type JournalFile, JournalWriter } from './journal-writer.ts';
import { type EngineRecord, enginesOf, type JournalHeader } from './records.ts';

/** The user's answer when a journal cannot be written: try again, or continue the run without a journal. */
export type Remedy = 'retry' | 'without';

/** The journal of a session, its inputs and engines, and the way to ask its user. */
export interface RunSessionOptions {
  file: JournalFile;
  /**
   * `new` begins a journal, `continue` continues the existing one. `otherEngine`: true if the user accepts that the
   * rest will differ in its last digits.
   */
  request: { kind: 'new' } | { kind: 'continue'; otherEngine: boolean };
  /** The inputs of this session. A journal with other inputs belongs to another run. */
  header: JournalHeader;
  /** The engines and the plan of this session. */
  engine: EngineRecord;
  /**
   * Asks the user what to do about a failure to write; rejects if the run is cancelled. Left out, the failure ends the
   * run.
   */
  onTrouble?: (error: TiebreakError) => Promise<Remedy>;
}

/**
 * One stretch of a run, from start or continue to stop, with the journal that it writes. A session decides from the
 * journal if this is the run that was begun, on which engine it continues, and by which plan of batches.
 */
export class RunSession {
  /** Batches that earlier sessions finished. */
  readonly previous: readonly BatchRecord[];
  /** The engine of this session; for a run that was complete already, the one that completed it. */
  readonly engine: EngineInfo;
  /** The engines of further lanes, likewise. */
  readonly others: readonly EngineInfo[];
  /** Engines of earlier sessions, if those were others. */
  readonly earlier: readonly EngineInfo[];
  /**
   * Bounds of batches: those in the journal, not those that this device would choose. The last digits of a row depend
   * on the other rows of its batch, so a continued run forms the batches that it would have formed without
   * interruption, and skips the finished ones.
   */
  readonly plan: BatchPlan;
  private readonly onTrouble: RunSessionOptions['onTrouble'];
  private writer: JournalWriter | null = null;
  private trouble: Promise<Remedy> | null = null;

  private constructor(
    { engine, onTrouble }: RunSessionOptions,
    previous: readonly BatchRecord[],
    engines: readonly EngineRecord[],
  ) {
    const current = engines.at(-1) ?? engine;
    this.previous = previous;
    this.plan = current.plan;
    this.engine = current.engine;
    this.others = current.others ?? [];
    this.earlier = engines.slice(0, -1).flatMap(enginesOf);
    this.onTrouble = onTrouble;
  }

  /**
   * Begins or continues a journal. If it cannot be begun and the user chooses `without`, the session has none. Then,
   * and if continuing fails, the lock of `file` is released here; otherwise {@link RunSession.close} releases it.
   * @throws TiebreakError `journal/differs` if the journal belongs to another run, `journal/engine` if results would
   *   differ in their last digits without consent, `journal/damaged`, `journal/version`, `storage/…`.
   */
  static async open(options: RunSessionOptions): Promise<RunSession> {
    const { file, request, header, engine } = options;
    if (request.kind === 'new') {
      const session = new RunSession(options, [], []);
      await session.persist(async () => {
        session.writer = await JournalWriter.create(file, header, engine);
      });
      if (session.writer === null) file.release?.();
      return session;
    }
    let writer: JournalWriter | undefined;
    try {
      const opened = await JournalWriter.open(file);
      writer = opened.writer;
      return await continueJournal(options, opened.journal, opened.writer);
    } catch (thrown) {
      if (writer === undefined) file.release?.();
      await writer?.close();
      throw thrown;
    }

    async function continueJournal(of: RunSessionOptions, journal: Journal, open: JournalWriter) {
      const found = differences(journal.header, header);
      if (found.length > 0) throw differsError(found);
      const engines = [...journal.engines];
      const others = engineDifferences(engines.at(-1)!, engine);
      if (others.length > 0 && !isComplete(journal)) {
        if (request.kind === 'continue' && !request.otherEngine) throw engineError(others);
        engines.push(engine);
      }
      const session = new RunSession(of, journal.batches, engines);
      session.writer = open;
      if (engines.length > journal.engines.length) {
        await session.persist(() => open.engine(engine));
      }
      return session;
    }
  }

  /** True while results are written to a journal; false once the user has chosen to continue without. */
  get journaled(): boolean {
    return this.writer !== null;
  }

  /** Appends a finished batch. Resolves when it is durable, or when the user has chosen to continue without. */
  append(record: BatchRecord): Promise<void> {
    return this.persist(async () => this.writer?.batch(record));
  }

  /** Closes the journal and releases its lock. */
  async close(): Promise<void> {
    const { writer } = this;
    this.writer = null;
    await writer?.close();
  }

  /** Repeats `write` until it succeeds or the user has chosen to continue without a journal, which is then closed. */
  private async persist(write: () => Promise<void>): Promise<void> {
    for (;;) {
      try {
        return await write();
      } catch (thrown) {
        if (this.onTrouble === undefined) throw thrown;
        // Several lanes may fail to write at the same time, but the user is asked only once.
        this.trouble ??= this.onTrouble(asTiebreakError(thrown)).finally(() => {
          this.trouble = null;
        });
        if ((await this.trouble) === 'retry') continue;
        await this.close();
        return;
      }
    }
  }
}

/**
 * True if every sequence of the run is finished. A valid journal has each sequence at most once, so counting them
 * suffices.
 */
export function isComplete({ header, batches }: Pick<Journal, 'header' | 'batches'>): boolean {
  const sequences = batches.reduce((sum, batch) => sum + batch.sequences.length, 0);
  return sequences >= header.csv.sequences;
}
