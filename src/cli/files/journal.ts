import { existsSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { asTiebreakError, TiebreakError } from '../../domain/errors.ts';
import type { JournalFile } from '../../scoring/journal/journal-writer.ts';
import type { EngineRecord, JournalHeader } from '../../scoring/journal/records.ts';
import { RunSession } from '../../scoring/journal/run-session.ts';
import { NodeSink } from '../../storage/node-file.ts';
import { takeLock } from './lock-file.ts';

/** The path of the journal of a run that writes `out`. */
export function journalPath(out: string): string {
  return `${out}.journal`;
}

/**
 * Begins the journal beside the output, or continues an existing one. Holds its lock against other processes until it
 * is closed.
 * @throws TiebreakError `journal/differs` if the existing journal belongs to another run, `journal/engine` if it was
 *   computed on another device, `journal/busy`, `journal/damaged`, `journal/version`, `storage/…`.
 */
export async function openJournal(
  out: string,
  options: {
    header: JournalHeader;
    engine: EngineRecord;
    restart: boolean;
    otherEngine: boolean;
    /** Tokens of a batch that the user requested, if any. */
    batchTokens: number | undefined;
  },
): Promise<RunSession> {
  const { header, engine, restart, otherEngine, batchTokens } = options;
  const path = journalPath(out);
  const release = await takeLock(`${out}.lock`);
  const file: JournalFile = { sink: new NodeSink(dirname(path)), path: basename(path), release };
  if (restart || !existsSync(path)) {
    return RunSession.open({ file, request: { kind: 'new' }, header, engine });
  }
  try {
    const request = { kind: 'continue', otherEngine } as const;
    const session = await RunSession.open({ file, request, header, engine });
    const { maxTokens } = session.plan;
    // A requested size that is too large for this device is lowered, now as at the start of the run.
    const wanted = [batchTokens, engine.plan.maxTokens];
    if (batchTokens === undefined || wanted.includes(maxTokens)) return session;
    await session.close();
    throw new TiebreakError('journal/differs:batches', { params: { maxTokens } });
  } catch (thrown) {
    const error = asTiebreakError(thrown);
    const action = ADVICE[error.code];
    if (action === undefined) throw thrown;
    throw error.with({ action, place: { file: path }, cause: thrown });
  }
}

const ADVICE: Record<string, string> = {
  'journal/differs':
    'Run the original command, choose another --out, or start over with --restart.',
  'journal/engine': 'Continue with --other-device, or start over with --restart.',
  'journal/damaged': 'Start over with --restart.',
  'journal/version': 'Start over with --restart.',
};
