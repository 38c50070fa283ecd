import { beforeEach, describe, expect, test } from 'vitest';
import { DEFAULT_SETTINGS } from '../../../src/domain/settings.ts';
import { encodeEngine, encodeHeader } from '../../../src/scoring/journal/journal.ts';
import type { JournalHeader } from '../../../src/scoring/journal/records.ts';
import { RunArchive } from '../../../src/scoring/journal/run-archive.ts';
import { MemoryRuns } from '../../../testing/memory-runs.ts';

const header: JournalHeader = {
  numbers: 2,
  csv: { name: 'test.csv', bytes: 100, sha256: 'c'.repeat(64), rows: 4, sequences: 4 },
  model: { name: 'fake', sha256: 'f'.repeat(64) },
  adapters: [null],
  settings: DEFAULT_SETTINGS,
  created: '2026-01-02T03:04:05.000Z',
  source: null,
};

let folder: MemoryRuns;
let store: RunArchive;

beforeEach(() => {
  folder = new MemoryRuns();
  store = new RunArchive(folder);
});

async function write(...pieces: Uint8Array[]): Promise<void> {
  const bytes = new Uint8Array(await new Blob(pieces as BlobPart[]).arrayBuffer());
  (await folder.sink('aa')).files.files.set('journal', bytes);
}

describe('the list of runs', () => {
  const start = encodeHeader(header);

  test('deletes a run that ended before its first batch', async () => {
    await write(start.bytes);
    expect(await store.list()).toEqual([]);
    expect(await folder.ids()).toEqual([]);
  });

  test('deletes no run whose batches this version cannot read', async () => {
    // A later version may write a device that this one does not know.
    const engine = { engine: { device: 'webnn' }, plan: {} } as never;
    await write(start.bytes, encodeEngine(engine, start.check).bytes, new Uint8Array(5000));
    expect(await store.list()).toMatchObject([
      { state: 'damaged', error: { code: 'journal/damaged' }, bytes: expect.any(Number) },
    ]);
    expect(await folder.ids()).toEqual(['aa']);
  });

  test('deletes no run that began and grew in another tab since it was read', async () => {
    await write(start.bytes);
    const lock = folder.lock.bind(folder);
    folder.lock = async (id) => {
      folder.lock = lock;
      await write(start.bytes, new Uint8Array(5000));
      return lock(id);
    };
    await store.list();
    expect(await folder.ids()).toEqual(['aa']);
  });
});

test('notes that are changed at the same time are all kept', async () => {
  await write(encodeHeader(header).bytes, new Uint8Array(5000));
  await Promise.all([
    store.note('aa', { name: 'Baseline' }),
    store.note('aa', { logLoss: { value: 0.98, rows: 4 } }),
    store.note('aa', { downloaded: '2026-01-02T03:04:05.000Z' }),
  ]);
  const notes = new TextDecoder().decode((await folder.sink('aa')).files.files.get('notes.json')!);
  expect(JSON.parse(notes)).toEqual({
    name: 'Baseline',
    logLoss: { value: 0.98, rows: 4 },
    downloaded: '2026-01-02T03:04:05.000Z',
  });
});
