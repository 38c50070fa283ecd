import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, expect, test } from 'vitest';
import { takeLock } from '../../../src/cli/files/lock-file.ts';

const folder = mkdtempSync(join(tmpdir(), 'tiebreak-lock-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const path = join(folder, 'submission.csv.lock');
beforeEach(() => rmSync(path, { force: true }));

const holder = (more: object) =>
  JSON.stringify({ pid: process.pid, host: hostname(), began: null, id: 'x', ...more });
/** The id of a process that has ended. */
async function deadPid(): Promise<number> {
  const child = spawn(process.execPath, ['-e', '']);
  await new Promise((resolve) => child.on('close', resolve));
  return child.pid!;
}

test('one process has it until it lets go', async () => {
  const release = await takeLock(path);
  await expect(takeLock(path)).rejects.toMatchObject({
    code: 'journal/busy',
    message: expect.stringContaining(String(process.pid)),
  });
  release();
  expect(existsSync(path)).toBe(false);
  (await takeLock(path))();
  expect(readdirSync(folder)).toEqual([]);
});

test('that of a process that is gone is taken over', async () => {
  writeFileSync(path, holder({ pid: await deadPid() }));
  const release = await takeLock(path);
  expect(JSON.parse(readFileSync(path, 'utf8'))).toMatchObject({ pid: process.pid });
  release();
});

test.runIf(existsSync('/proc/self/stat'))(
  'that of an earlier process of the same number, too',
  async () => {
    writeFileSync(path, holder({ began: '1' }));
    (await takeLock(path))();
  },
);

test('one that cannot be read is taken over', async () => {
  writeFileSync(path, '{"pid":');
  (await takeLock(path))();
});

test('that of another computer is left alone, and the error says which file', async () => {
  writeFileSync(path, holder({ host: 'elsewhere', pid: await deadPid() }));
  await expect(takeLock(path)).rejects.toMatchObject({
    code: 'journal/busy',
    message: expect.stringContaining('elsewhere'),
    action: expect.stringContaining(path),
  });
});

test('of many that find a stale one, one gets it', async () => {
  for (let i = 0; i < 20; i += 1) {
    writeFileSync(path, holder({ pid: await deadPid() }));
    const taken = await Promise.allSettled(Array.from({ length: 8 }, () => takeLock(path)));
    const won = taken.flatMap((lock) => (lock.status === 'fulfilled' ? [lock.value] : []));
    expect(won).toHaveLength(1);
    won[0]!();
    expect(readdirSync(folder)).toEqual([]);
  }
});
