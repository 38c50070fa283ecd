import { describe, expect, test } from 'vitest';
import { readAdapter } from '../../src/model/adapter.ts';
import { openCheckpoint } from '../../src/model/checkpoint.ts';
import { MANIFEST } from '../../src/model/manifest-name.ts';
import { ModelPackage } from '../../src/model/package.ts';
import { readSafetensors } from '../../src/model/safetensors.ts';
import { MemorySource } from '../../src/storage/byte-source.ts';
import type { PackageFiles } from '../../src/storage/package-files.ts';
import {
  builtPackage,
  bytes,
  fixtureFiles,
  fixtureJson,
  memory,
  refusal,
} from '../../testing/checkpoints.ts';

const CONFIG = JSON.stringify(fixtureJson('tiny-a/base/config.json'));
const POINTER =
  'version https://git-lfs.github.com/spec/v1\n' +
  'oid sha256:4d7a214614ab2935c943f9e0ff69d22eadbb8f32b1258daaa5e2ca24d17e2393\nsize 12345\n';

/** The same folder on a server, where it cannot be listed. */
const unlisted = (files: PackageFiles): PackageFiles => ({
  label: files.label,
  open: (path) => files.open(path),
});

describe('a Git LFS pointer is named, with what to do', () => {
  const checkPointer = async (promise: Promise<unknown>, file: string) => {
    const error = await refusal(promise);
    expect(error.code).toBe('storage/lfs-pointer');
    expect(error.message).toBe(`${file} is a Git LFS pointer, not the file itself.`);
    expect(error.action).toContain('git lfs pull');
  };

  test('in place of weights, a configuration or an index', async () => {
    for (const file of ['config.json', 'model.safetensors', 'model.safetensors.index.json']) {
      const files = memory({ 'config.json': CONFIG, [file]: POINTER });
      await checkPointer(openCheckpoint(files), file);
    }
  });

  test('in an adapter', async () => {
    const { config } = await openCheckpoint(fixtureFiles('tiny-a/base'));
    const settings = JSON.stringify(fixtureJson('tiny-a/adapter/adapter_config.json'));
    const file = 'adapter_model.safetensors';
    const files = memory({ 'adapter_config.json': settings, [file]: POINTER });
    await checkPointer(readAdapter(files, '', 'x', config), file);
  });

  test('in a package', async () => {
    const files = await builtPackage('tiny-a/base');
    const { shards } = (await ModelPackage.open(files)).manifest;
    for (const file of [...shards, MANIFEST]) {
      files.files.set(file, bytes(POINTER));
      await checkPointer(ModelPackage.open(files), file);
    }
  });
});

describe('weights of another format are named, with the format needed', () => {
  test.each([
    ['pytorch_model.bin', 'PyTorch'],
    ['pytorch_model-00001-of-00004.bin', 'PyTorch'],
    ['consolidated.safetensors', 'own layout'],
    ['model.onnx', 'ONNX'],
    ['gemma-2-9b-it-Q4_K_M.gguf', 'GGUF'],
  ])('%s', async (file, what) => {
    const alone = { [file]: 'x' };
    for (const folder of [alone, { ...alone, 'config.json': CONFIG }]) {
      const error = await refusal(openCheckpoint(memory(folder)));
      expect(error.code).toBe('model/format');
      expect(error.message).toContain(`${file} is`);
      expect(error.message).toContain(what);
      expect(error.action).toMatch(/safetensors/);
    }
  });

  test('where a folder cannot be listed, usual names are looked for', async () => {
    const files = unlisted(memory({ 'config.json': CONFIG, 'pytorch_model.bin': 'x' }));
    expect((await refusal(openCheckpoint(files))).message).toContain('pytorch_model.bin');
    const none = unlisted(memory({ 'config.json': CONFIG }));
    expect((await refusal(openCheckpoint(none))).code).toBe('storage/missing');
  });

  test('an adapter that was saved as adapter_model.bin', async () => {
    const { config } = await openCheckpoint(fixtureFiles('tiny-a/base'));
    const settings = JSON.stringify(fixtureJson('tiny-a/adapter/adapter_config.json'));
    const files = memory({ 'adapter_config.json': settings, 'adapter_model.bin': 'x' });
    for (const folder of [files, unlisted(files)]) {
      const error = await refusal(readAdapter(folder, '', 'x', config));
      expect(error.code).toBe('model/format');
      expect(error.message).toContain('adapter_model.bin');
    }
  });

  test('renamed files, by their first bytes', async () => {
    const beginnings = {
      gguf: [0x47, 0x47, 0x55, 0x46, 3, 0, 0, 0],
      pytorch: [0x50, 0x4b, 3, 4, 0, 0, 8, 8],
    };
    for (const [format, beginning] of Object.entries(beginnings)) {
      const file = new Uint8Array(2000);
      file.set(beginning);
      const error = await refusal(readSafetensors(new MemorySource('model.safetensors', file)));
      expect([error.code, error.params?.format]).toEqual(['model/format', format]);
    }
  });

  test('a lookalike is read: a header of 640 bytes is not a pickle', async () => {
    const header = `{"__metadata__":{"x":"${'y'.repeat(615)}"}}`;
    const text = bytes(header.padEnd(640));
    const file = new Uint8Array(8 + 640);
    file.set([0x80, 2], 0);
    file.set(text, 8);
    expect((await readSafetensors(new MemorySource('a', file))).size).toBe(0);
  });
});
