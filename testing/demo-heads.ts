import { createHash } from 'node:crypto';
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Manifest } from '../src/model/manifest.ts';
import { CHAT_TEMPLATE, MANIFEST } from '../src/model/manifest-name.ts';

const demo = fileURLToPath(new URL('../public/models/demo', import.meta.url));

interface Tensor {
  dtype: string;
  shape: number[];
  data_offsets: [number, number];
}

/**
 * Writes a copy of the demo model whose adapters have score heads of fewer labels: the first rows of its own. It has
 * no self-test, since the numbers are others.
 * @param change other fields of the manifest.
 * @param chatTemplate the text of its chat template, of a reward model.
 */
export function writeDemoWithLabels(
  folder: string,
  labels: number,
  change: Partial<Manifest> = {},
  chatTemplate?: string,
): void {
  const manifest = JSON.parse(readFileSync(join(demo, MANIFEST), 'utf8')) as Manifest;
  const files: Manifest['files'] = {};
  for (const [path, entry] of Object.entries(manifest.files)) {
    if (path === 'selftest.json' || path.endsWith('.onnx')) continue;
    const to = join(folder, path);
    mkdirSync(dirname(to), { recursive: true });
    if (!path.endsWith('/adapter_model.safetensors')) {
      copyFileSync(join(demo, path), to);
      files[path] = entry;
      continue;
    }
    const bytes = withFewerRows(readFileSync(join(demo, path)), labels);
    writeFileSync(to, bytes);
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    files[path] = { bytes: bytes.length, sha256 };
  }
  const chat = chatTemplate === undefined ? {} : { template: 'chat', chat: { date: '2024-07-26' } };
  if (chatTemplate !== undefined) {
    writeFileSync(join(folder, CHAT_TEMPLATE), chatTemplate);
    const sha256 = createHash('sha256').update(chatTemplate).digest('hex');
    files[CHAT_TEMPLATE] = { bytes: Buffer.byteLength(chatTemplate), sha256 };
  }
  writeFileSync(join(folder, MANIFEST), JSON.stringify({ ...manifest, ...chat, ...change, files }));
}

/** A safetensors file whose score head has only its first `rows` rows. */
function withFewerRows(file: Buffer, rows: number): Buffer {
  const start = 8 + Number(file.readBigUInt64LE(0));
  const header = JSON.parse(file.toString('utf8', 8, start)) as Record<string, Tensor>;
  const parts: Buffer[] = [];
  let offset = 0;
  const kept = Object.entries(header).map(([name, tensor]): [string, Tensor] => {
    if (name === '__metadata__') return [name, tensor];
    const [from, to] = tensor.data_offsets;
    const isHead = name.endsWith('score.weight');
    const share = isHead ? rows / tensor.shape[0]! : 1;
    const length = (to - from) * share;
    parts.push(file.subarray(start + from, start + from + length));
    const shape = isHead ? [rows, tensor.shape[1]!] : tensor.shape;
    const placed = { ...tensor, shape, data_offsets: [offset, offset + length] as const };
    offset += length;
    return [name, placed as unknown as Tensor];
  });
  const json = Buffer.from(JSON.stringify(Object.fromEntries(kept)));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(json.length));
  return Buffer.concat([length, json, ...parts]);
}
