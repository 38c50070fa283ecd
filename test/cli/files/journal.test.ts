import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { openJournal } from '../../../src/cli/files/journal.ts';
import { takeLock } from '../../../src/cli/files/lock-file.ts';
import { toKaggleCsv } from '../../../src/data/csv/kaggle.ts';
import { DEFAULT_SETTINGS } from '../../../src/domain/settings.ts';
import { readJournal, rowsDoneOf } from '../../../src/scoring/journal/journal.ts';
import { type JournalHeader, NUMBERS_VERSION } from '../../../src/scoring/journal/records.ts';
import { command, root } from '../../../testing/command.ts';
import { ENGINE } from '../../../testing/fake-api.ts';
import { makeRows } from '../../../testing/runs.ts';

const folder = mkdtempSync(join(tmpdir(), 'tiebreak-journal-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const file = join(folder, 'test.csv');
const out = join(folder, 'submission.csv');
const journal = `${out}.journal`;
const options = ['--device', 'wasm', '--batch-tokens', '300'];
const score = (...more: string[]) => command('score', file, '--out', out, ...options, ...more);

/** Starts the command and ends it in the middle, like a crash or Ctrl-C. */
async function endInTheMiddle(signal: 'SIGKILL' | 'SIGINT', bytes: number): Promise<void> {
  const args = ['--import', 'tsx', 'src/cli/score.ts', file, '--out', out, ...options];
  const child: ChildProcess = spawn(process.execPath, args, { cwd: root, stdio: 'ignore' });
  const ended = new Promise((resolve) => child.on('close', resolve));
  await expect
    .poll(() => existsSync(journal) && statSync(journal).size > bytes, {
      timeout: 60_000,
      interval: 5,
    })
    .toBe(true);
  child.kill(signal);
  await ended;
}

test('a run that was ended goes on with the same command, and only with that', {
  timeout: 240_000,
}, async () => {
  writeFileSync(file, toKaggleCsv(makeRows(80, 8, 10)));
  writeFileSync(journal, 'no journal');
  expect((await score()).stderr).toContain('[journal/damaged]');
  expect(await score('--restart')).toMatchObject({ code: 0, stdout: '' });
  expect(existsSync(journal)).toBe(false);
  const undisturbed = readFileSync(out);
  rmSync(out);

  await endInTheMiddle('SIGKILL', 1500);
  const first = rowsDoneOf(readJournal(readFileSync(journal)));
  await endInTheMiddle('SIGINT', statSync(journal).size);
  const kept = readFileSync(journal);
  const rowsDone = rowsDoneOf(readJournal(kept));
  expect(rowsDone).toBeGreaterThan(first);
  expect(existsSync(out)).toBe(false);

  const other = await score('--max-length', '100', '--adapter', 'demo-b');
  expect(other.code).toBe(1);
  expect(other.stderr).toContain('[journal/differs]');
  expect(other.stderr).toContain('adapter was demo and is demo-b; max_length was 2048 and is 100');
  expect(other.stderr).toContain('--restart');
  expect(readFileSync(journal)).toEqual(kept);

  const release = await takeLock(`${out}.lock`);
  expect(await score()).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('[journal/busy]'),
  });
  expect(readFileSync(journal)).toEqual(kept);
  release();

  // The end of the last record is missing, as after a power cut.
  writeFileSync(journal, kept.subarray(0, -7));
  const ended = await score();
  expect(ended).toMatchObject({ code: 0 });
  expect(ended.stderr).toMatch(/continuing .*\.journal: \d+ of 80 rows are finished/);
  expect(readFileSync(out).equals(undisturbed)).toBe(true);
  expect(existsSync(journal)).toBe(false);
});

test('batches that were asked for and are too large for the device go on with the same command', async () => {
  const header: JournalHeader = {
    numbers: NUMBERS_VERSION,
    csv: { name: 'test.csv', bytes: 1, sha256: 'a'.repeat(64), rows: 4, sequences: 4 },
    model: { name: 'fake', sha256: 'b'.repeat(64) },
    adapters: [null],
    settings: DEFAULT_SETTINGS,
    created: '2026-01-02T03:04:05.000Z',
    source: null,
  };
  const open = async (batchTokens: number, fits: number) => {
    const plan = { maxTokens: fits, padMultiple: 1, maxScoreBytes: 1e6, scoreBytesOfOne: 16 };
    const engine = { engine: ENGINE, plan };
    const common = { header, engine, restart: false, otherEngine: false, batchTokens };
    const session = await openJournal(join(folder, 'large.csv'), common);
    await session.close();
    return session.plan.maxTokens;
  };
  expect(await open(1_000_000, 4096)).toBe(4096);
  expect(await open(1_000_000, 4096)).toBe(4096);
  expect(await open(4096, 4096)).toBe(4096);
  await expect(open(2048, 2048)).rejects.toMatchObject({ code: 'journal/differs' });
});
