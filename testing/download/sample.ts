import { createHash } from 'node:crypto';
import type { Manifest } from '../../src/model/manifest.ts';
import { MANIFEST } from '../../src/model/manifest-name.ts';
import { Dice } from '../fuzz/dice.ts';

/** Bytes of a slice in these tests, so that files have many slices. */
export const SLICE = 4096;

/** Sizes around multiples of a slice, and also 0 and 1 byte. */
const SIZES: Record<string, number> = {
  'config.json': 300,
  'tokenizer.json': 3 * SLICE,
  'tokenizer_config.json': 1,
  'notes/empty.txt': 0,
  'onnx/layer_0.onnx': SLICE - 1,
  'model-00001-of-00002.safetensors': 10 * SLICE + 17,
  'model-00002-of-00002.safetensors': 6 * SLICE,
  'adapters/one/adapter_config.json': 120,
  'adapters/one/adapter_model.safetensors': SLICE + 1,
};

/** Makes a package whose manifest is valid, and whose other files are random bytes. */
export function samplePackage(
  seed = 1,
  change: (manifest: Manifest) => void = () => undefined,
): Map<string, Uint8Array<ArrayBuffer>> {
  const dice = new Dice(seed);
  const files = new Map<string, Uint8Array<ArrayBuffer>>();
  for (const [path, size] of Object.entries(SIZES)) files.set(path, dice.bytes(size));
  const manifest: Manifest = {
    format: 'tiebreak-package',
    version: 1,
    name: `Sample ${seed}`,
    quantization: 'nf4',
    embedding: 'int8',
    softCap: 50,
    template: 'lmsys-notebook',
    shards: ['model-00001-of-00002.safetensors', 'model-00002-of-00002.safetensors'],
    adapters: [{ name: 'one' }],
    files: Object.fromEntries(
      [...files].map(([path, bytes]) => [path, { bytes: bytes.length, sha256: sha256(bytes) }]),
    ),
  };
  change(manifest);
  files.set(MANIFEST, new TextEncoder().encode(JSON.stringify(manifest)));
  return files;
}

/** Computes the hash with Node's own implementation. */
export function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
