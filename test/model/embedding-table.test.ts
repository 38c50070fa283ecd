import { expect, test } from 'vitest';
import { EmbeddingTable } from '../../src/model/embedding-table.ts';
import { ModelPackage } from '../../src/model/package.ts';
import { safetensorsHeader } from '../../src/model/safetensors.ts';
import { type ByteSource, checkRange } from '../../src/storage/byte-source.ts';
import type { PackageFiles } from '../../src/storage/package-files.ts';
import { fixtureJson, memory } from '../../testing/checkpoints.ts';

const VOCAB = 300_000;
const HIDDEN = 64;
const SHARD = 'model-00001-of-00001.safetensors';

/** Value h of row `id` of the table below: exact in float32. */
const valueAt = (id: number, h: number) => id + h / 64;

/** A 77 MB embedding that is not stored: its bytes are computed when read. */
class LargeShard implements ByteSource {
  readonly name = SHARD;
  readonly size: number;
  bytesRead = 0;
  private readonly header = safetensorsHeader([
    { name: 'model.embed_tokens.weight', dtype: 'F32', shape: [VOCAB, HIDDEN] },
  ]).bytes;

  constructor() {
    this.size = this.header.length + VOCAB * HIDDEN * 4;
  }

  async read(start: number, end: number): Promise<Uint8Array<ArrayBuffer>> {
    checkRange(this, start, end);
    if (end <= this.header.length) return this.header.slice(start, end);
    this.bytesRead += end - start;
    const first = (start - this.header.length) / 4;
    const values = Float32Array.from({ length: (end - start) / 4 }, (_, i) =>
      valueAt(Math.floor((first + i) / HIDDEN), (first + i) % HIDDEN),
    );
    return new Uint8Array(values.buffer);
  }
}

async function openLarge(): Promise<{ table: EmbeddingTable; shard: LargeShard }> {
  const shard = new LargeShard();
  const small = memory({
    'config.json': JSON.stringify({
      ...fixtureJson('tiny-a/base/config.json'),
      vocab_size: VOCAB,
    }),
    'tiebreak.json': JSON.stringify({
      format: 'tiebreak-package',
      version: 1,
      name: 'large',
      quantization: 'none',
      embedding: 'float32',
      softCap: 50,
      template: 'lmsys-notebook',
      shards: [SHARD],
      adapters: [],
      files: { [SHARD]: { bytes: shard.size, sha256: '0'.repeat(64) } },
    }),
  });
  const files: PackageFiles = {
    label: 'large',
    open: async (path) => (path === SHARD ? shard : small.open(path)),
  };
  return { table: await EmbeddingTable.open(await ModelPackage.open(files)), shard };
}

test('rows of a large table are read when they are needed, and not twice', async () => {
  const { table, shard } = await openLarge();
  const rows = [Int32Array.of(0, VOCAB - 1, 12_345), Int32Array.of(63, 64)];
  const out = await table.gather(rows, 4);
  const expected = new Float32Array(2 * 4 * HIDDEN);
  for (const [r, ids] of rows.entries()) {
    for (const [i, id] of ids.entries()) {
      for (let h = 0; h < HIDDEN; h += 1) {
        expected[(r * 4 + i) * HIDDEN + h] = valueAt(id, h) * 8; // sqrt(64)
      }
    }
  }
  expect(out).toEqual(expected);
  expect(shard.bytesRead).toBe(5 * HIDDEN * 4);
  await table.gather([Int32Array.of(63, 0, 64)], 3);
  expect(shard.bytesRead).toBe(5 * HIDDEN * 4);
});
