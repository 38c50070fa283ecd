import { asTiebreakError, type TiebreakError } from '../../domain/errors.ts';
import type { RunSettings } from '../../domain/settings.ts';
import type { RowIndex } from '../rows/row-index.ts';
import type { JournalFile } from './journal-writer.ts';
import { type JournalHeader, NUMBERS_VERSION } from './records.ts';
import type { RunArchive } from './run-archive.ts';
import { RunSession, type RunSessionOptions } from './run-session.ts';

/** The journal that a run shall have. */
export type JournalRequest =
  /**
   * A new one: `id` has lower-case letters, digits and `-`. The run `replaces` is deleted once this one is complete.
   */
  | { kind: 'new'; id: string; replaces?: string }
  /** That of a stored run. `otherEngine`: true if the user accepts that the rest will differ in its last digits. */
  | { kind: 'continue'; id: string; otherEngine: boolean };

/** The header of a new run. @param source null if the model cannot be found again, as one from dropped files. */
export function journalHeader(
  index: RowIndex,
  model: { name: string; sha256: string },
  adapters: (string | null)[],
  settings: RunSettings,
  source: JournalHeader['source'],
): JournalHeader {
  const { name, bytes, sha256, rows, problemRows } = index.summary();
  const sequences = index.sequences.length;
  return {
    numbers: NUMBERS_VERSION,
    csv: { name, bytes, sha256, rows: rows - problemRows, sequences },
    model: { name: model.name, sha256: model.sha256 },
    adapters,
    settings,
    ...(index.reading === 'pair' ? {} : { reading: index.reading }),
    created: new Date().toISOString(),
    source,
  };
}

/** Codes of errors that mean that the browser stores nothing, whatever the user does. */
const STORES_NOTHING = new Set(['journal/unavailable', 'storage/insecure']);

/**
 * Takes the journal of a run. On a full disk a new one cannot be created, and the user decides. Null if the run shall
 * continue without.
 */
async function take(
  store: RunArchive,
  request: JournalRequest,
  onTrouble: RunSessionOptions['onTrouble'],
): Promise<JournalFile | null> {
  for (;;) {
    try {
      return await store.take(request.id);
    } catch (thrown) {
      const error = asTiebreakError(thrown);
      const mayAsk = request.kind === 'new' && error.code === 'storage/full';
      if (!mayAsk || onTrouble === undefined) throw error;
      if ((await onTrouble(error)) === 'without') return null;
    }
  }
}

/**
 * Begins or continues the journal of a run in the store. If the browser stores nothing, calls `onUnjournaled`, and a
 * new run has no journal.
 * @returns null for a run without a journal.
 * @throws TiebreakError as {@link RunSession.open}, and `journal/busy`.
 */
export async function openSession(
  store: RunArchive | null,
  request: JournalRequest | undefined,
  options: Omit<RunSessionOptions, 'file' | 'request'> & {
    onUnjournaled: (error: TiebreakError) => void;
  },
): Promise<RunSession | null> {
  if (store === null || request === undefined) return null;
  try {
    const file = await take(store, request, options.onTrouble);
    if (file === null) return null;
    const session = await RunSession.open({ ...options, file, request });
    if (request.kind === 'new' && request.replaces !== undefined && session.journaled) {
      // Without this note the earlier run stays, so no result is lost.
      await store.note(request.id, { replaces: request.replaces }).catch(() => undefined);
    }
    return session;
  } catch (thrown) {
    const error = asTiebreakError(thrown);
    if (request.kind === 'continue' || !STORES_NOTHING.has(error.code)) throw error;
    options.onUnjournaled(error);
    return null;
  }
}
