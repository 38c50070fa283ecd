import { asTiebreakError, type TiebreakError } from '../../domain/errors.ts';
import type { EngineInfo } from '../../engine/engine.ts';
import type { BatchRecord } from '../rows/batch-record.ts';
import type { BatchPlan } from '../rows/batches.ts';
import { differences, differsError, engineDifferences, engineError } from './differences.ts';
import type { Journal } from './journal.ts';
import { type JournalFile, JournalWriter } from './journal-writer.ts';
import { type EngineRecord, enginesOf, type JournalHeader } from './records.ts';

/** What the user wants when a journal cannot be written: another attempt, or the rest of the run without a journal. */
export type Remedy = 'retry' | 'without';

export interface RunSessionOptions {
  file: JournalFile;
  /**
   * `new` begins a journal; `continue` goes on with the one that is there, `otherEngine`: also where last digits will
   * differ.
   */
  request: { kind: 'new' } | { kind: 'continue'; otherEngine: boolean };
  /** What this session is to compute; a journal that says otherwise is of another run. */
  header: JournalHeader;
  /** What computes in this session. */
  engine: EngineRecord;
  /**
   * Asks the user what to do about a failure; rejects when the run is cancelled. Left out: the failure ends the run.
   */
  onTrouble?: (error: TiebreakError) => Promise<Remedy>;
}

/**
 * One stretch of a run, from its start or its continuation to its end, with the journal that it writes. A session
 * decides what the journal allows: whether the run is the one that was begun, on which engine it goes on, and with
 * which batches.
 */
export class RunSession {
  /** What earlier sessions finished. */
  readonly previous: readonly BatchRecord[];
  /** The engine of this session; of a run that was complete already, the one that completed it. */
  readonly engine: EngineInfo;
  /** The same of further lanes. */
  readonly others: readonly EngineInfo[];
  /** Engines of earlier sessions, where they were others. */
  readonly earlier: readonly EngineInfo[];
  /**
   * How batches are formed: as the journal says, not as this device would choose. The last digits of a row depend on
   * the other rows of its batch, so a continued run forms the batches that it would have formed undisturbed, and leaves
   * out whole ones.
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
   * Begins or goes on. When the journal cannot be begun and the user says so, the session has none.
   * @throws TiebreakError `journal/differs` when the journal is of another run, `journal/engine` when the numbers would
   *   differ in their last digits, `journal/damaged`, `journal/version`, `storage/…`.
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
      return await goOn(options, opened.journal, opened.writer);
    } catch (thrown) {
      if (writer === undefined) file.release?.();
      await writer?.close();
      throw thrown;
    }

    async function goOn(of: RunSessionOptions, journal: Journal, open: JournalWriter) {
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

  /** True while what is computed is written down: false where the user went on without a journal. */
  get journaled(): boolean {
    return this.writer !== null;
  }

  /** Keeps a finished batch; settles when it would survive a crash, or when the user goes on without. */
  append(record: BatchRecord): Promise<void> {
    return this.persist(async () => this.writer?.batch(record));
  }

  /** Lets go of the journal. */
  async close(): Promise<void> {
    const { writer } = this;
    this.writer = null;
    await writer?.close();
  }

  private async persist(write: () => Promise<void>): Promise<void> {
    for (;;) {
      try {
        return await write();
      } catch (thrown) {
        if (this.onTrouble === undefined) throw thrown;
        // Several lanes may meet it at once; the user is asked once.
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
 * True where everything is finished that the run was begun for. A batch has its sequences once, so their number
 * decides.
 */
export function isComplete({ header, batches }: Pick<Journal, 'header' | 'batches'>): boolean {
  const sequences = batches.reduce((sum, batch) => sum + batch.sequences.length, 0);
  return sequences >= header.csv.sequences;
}
