import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { fileKernelCache } from '../../../src/cli/engine/kernel-cache.ts';

const folder = mkdtempSync(join(tmpdir(), 'tiebreak-kernels-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test('choices are kept in a file, each under its key', async () => {
  const path = join(folder, 'new', 'kernels.json');
  const memory = fileKernelCache(path);
  expect(await memory.get('a')).toBeNull();
  await memory.set('a', '1,0');
  await memory.set('b', '0,2');
  await memory.set('a', '2,0');
  expect(await fileKernelCache(path).get('a')).toBe('2,0');
  expect(await memory.get('b')).toBe('0,2');
});

test.each(['', 'not JSON', 'null', '[1]', '{"a":1}'])(
  'a file with %j is as good as none',
  async (text) => {
    const path = join(folder, 'broken.json');
    writeFileSync(path, text);
    const memory = fileKernelCache(path);
    expect(await memory.get('a')).toBeNull();
    await memory.set('a', '1');
    expect(await memory.get('a')).toBe('1');
  },
);

test('reports a place that cannot be written', async () => {
  writeFileSync(join(folder, 'file'), '');
  await expect(
    fileKernelCache(join(folder, 'file', 'kernels.json')).set('a', '1'),
  ).rejects.toThrow();
});
