import { asTiebreakError, type TiebreakError } from '../../domain/errors.ts';
import type { EngineInfo } from '../../engine/engine.ts';
import type { BatchRecord } from '../rows/batch-record.ts';
import type { BatchPlan } from '../rows/batches.ts';
import { differences, differsError, engineDifferences, engineError } from './differences.ts';
import { type EngineRecord, enginesOf, type Journal, type JournalHeader } from './journal.ts';
import { type JournalFile, JournalWriter } from './journal-writer.ts';

/** What to do when a journal cannot be written. */
export type Remedy = 'retry' | 'without';

export interface RunSessionOptions {
  file: JournalFile;
  /** `new` begins a journal; `continue` goes on with the one that is there, `otherEngine` also where numbers change a bit. */
  request: { kind: 'new' } | { kind: 'continue'; otherEngine: boolean };
  /** What is to be computed. */
  header: JournalHeader;
  /** What would compute it. */
  engine: EngineRecord;
  /** Asks what to do; rejects when the run is cancelled. Left out: the failure ends the run. */
  onTrouble?: (error: TiebreakError) => Promise<Remedy>;
}

/** One stretch of a run, from its start or its continuation to its end, with the journal that it writes. */
export class RunSession {
  /** What earlier sessions finished. */
  readonly previous: readonly BatchRecord[];
  /** The engine of this session; of a run that was complete already, the one that completed it. */
  readonly engine: EngineInfo;
  /** The same of further lanes. */
  readonly others: readonly EngineInfo[];
  /** Engines of earlier sessions, where they were others. */
  readonly earlier: readonly EngineInfo[];
  /** How batches are formed. */
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

  /** Is what is computed written down? */
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

/** Is everything finished that the run was begun for? */
export function isComplete({ header, batches }: Pick<Journal, 'header' | 'batches'>): boolean {
  const sequences = batches.reduce((sum, batch) => sum + batch.sequences.length, 0);
  return sequences >= header.csv.sequences;
}
