import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { NodeSink } from '../../src/storage/node-file.ts';
import { readText } from '../../src/storage/package-files.ts';
import { bytes, refusal } from '../../testing/checkpoints.ts';

const root = mkdtempSync(join(tmpdir(), 'tiebreak-sink-'));
afterAll(() => rmSync(root, { recursive: true }));

let count = 0;
function sink(): { directory: string; sink: NodeSink } {
  const directory = join(root, String(count++));
  return { directory, sink: new NodeSink(directory) };
}

describe('NodeSink', () => {
  test('writes files front to back, in folders that are made as needed', async () => {
    const { directory, sink: to } = sink();
    const writer = await to.create('onnx/deep/layer.onnx');
    await writer.write(bytes('one '));
    await writer.flush();
    expect(readFileSync(join(directory, 'onnx/deep/layer.onnx'), 'utf8')).toBe('one ');
    await writer.write(bytes('two'));
    await writer.close();
    expect(await readText(to.files, 'onnx/deep/layer.onnx')).toBe('one two');
  });

  test('goes on behind the bytes that are kept and cuts off the rest', async () => {
    const { sink: to } = sink();
    await (await to.create('a')).close();
    const first = await to.create('a');
    await first.write(bytes('kept, and lost'));
    await first.close();
    const again = await to.create('a', 4);
    await again.write(bytes(' + new'));
    await again.close();
    expect(await readText(to.files, 'a')).toBe('kept + new');
    const empty = await to.create('a');
    await empty.close();
    expect(await readText(to.files, 'a')).toBe('');
  });

  test('refuses to keep more than exists, and a missing file', async () => {
    const { directory, sink: to } = sink();
    await to.replace('a', bytes('12'));
    expect(await refusal(to.create('a', 3))).toMatchObject({
      code: 'storage/write',
      message: expect.stringContaining('2 bytes where 3'),
      place: { file: 'a' },
    });
    expect(readFileSync(join(directory, 'a'), 'utf8')).toBe('12');
    expect((await refusal(to.create('b', 3))).code).toBe('storage/write');
  });

  test('replaces a file in one step and leaves nothing beside it', async () => {
    const { directory, sink: to } = sink();
    await to.replace('x/state.json', bytes('a longer first text'));
    await to.replace('x/state.json', bytes('second'));
    expect(await readText(to.files, 'x/state.json')).toBe('second');
    expect(await readdir(join(directory, 'x'))).toEqual(['state.json']);
  });

  test('writes over bytes in the middle, behind the end, and of a file that is not there', async () => {
    const { sink: to } = sink();
    await to.replace('a', bytes('0123456789'));
    await to.patch('a', 3, bytes('xy'));
    await to.patch('a', 9, bytes('more'));
    expect(await readText(to.files, 'a')).toBe('012xy5678more');
    await to.patch('deep/b', 0, bytes(''));
    await to.patch('deep/b', 0, bytes('new'));
    expect(await readText(to.files, 'deep/b')).toBe('new');
  });

  test('removes a file; one that is not there is no error', async () => {
    const { directory, sink: to } = sink();
    await to.replace('a', bytes('1'));
    await to.remove('a');
    await to.remove('a');
    await to.remove('folder/b');
    expect(existsSync(join(directory, 'a'))).toBe(false);
  });

  test.each(['../a', '/a', 'a//b', '', 'a/./b'])('refuses the path %j', async (path) => {
    const { sink: to } = sink();
    for (const attempt of [to.create(path), to.replace(path, bytes('1')), to.remove(path)]) {
      expect((await refusal(attempt)).code).toBe('storage/path');
    }
  });

  test('says so when the folder cannot be written', async () => {
    const { directory, sink: to } = sink();
    writeFileSync(directory, 'a file where the folder should be');
    for (const attempt of [to.create('a'), to.replace('a', bytes('1'))]) {
      expect(await refusal(attempt)).toMatchObject({
        code: 'storage/write',
        action: expect.stringContaining('permissions'),
      });
    }
  });

  test.skipIf(!existsSync('/dev/full'))('says so when the disk is full', async () => {
    const writer = await new NodeSink('/dev').create('full');
    expect(await refusal(writer.write(bytes('1')))).toMatchObject({
      code: 'storage/full',
      action: expect.stringContaining('Free disk space'),
      place: { file: 'full' },
    });
    await writer.close();
  });
});

describe('versions', () => {
  test('a file has another version when it was written again', async () => {
    const { sink: to } = sink();
    await to.replace('a', bytes('1'));
    const before = await to.files.open('a');
    expect((await to.files.open('a')).version).toBe(before.version);
    await to.replace('a', bytes('22'));
    expect((await to.files.open('a')).version).not.toBe(before.version);
  });
});
