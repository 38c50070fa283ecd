import { createHash } from 'node:crypto';
import { MANIFEST, type Manifest } from '../../src/model/manifest.ts';
import { Dice } from '../fuzz/dice.ts';

/** Bytes of a slice in these tests: files have many of them. */
export const SLICE = 4096;

/** Sizes around those of slices; nothing, and one byte. */
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

/** The files of a package of random bytes, its manifest among them. Nothing but the manifest is what its name says. */
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

/** The hash by Node's own implementation. */
export function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
