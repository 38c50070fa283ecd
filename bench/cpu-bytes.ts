/**
 * Measures the heap of WebAssembly beside its plan: for a tiny model with its adapter, and for two layers of 9B shape
 * or a quarter of its widths with random weights. Each case runs in its own process, because a heap never shrinks.
 *
 * `npx tsx bench/cpu-bytes.ts [tiny-a|tiny-d|quarter|9b] [ROWS] [TOKENS]`; without arguments, all that take seconds.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { openNodeBackend } from '../src/engine/device/backend-node.ts';
import { Engine } from '../src/engine/engine.ts';
import { planCpu } from '../src/engine/planning/cpu-memory.ts';
import { plannedModel } from '../src/engine/planning/planned-model.ts';
import { ModelPackage } from '../src/model/package.ts';
import { NodeDirectory } from '../src/storage/node-file.ts';
import { buildCase, referenceCases } from '../testing/reference-cases.ts';
import { config9b, writeSyntheticPackage } from '../testing/synthetic.ts';

const CASES = [
  ['tiny-a', 4, 256],
  ['tiny-d', 16, 256],
  ['quarter', 16, 64],
  ['quarter', 8, 256],
  ['quarter', 4, 512],
  ['quarter', 2, 1024],
  ['quarter', 1, 2048],
  ['quarter', 4, 1024],
  ['9b', 1, 16],
  ['9b', 1, 256],
] as const;

const megabytes = (bytes: number) => (bytes / 1e6).toFixed(1);
const [shape, rows, length] = process.argv.slice(2);
if (shape === undefined) {
  for (const parts of CASES) {
    const args = ['--import', 'tsx', fileURLToPath(import.meta.url), ...parts.map(String)];
    spawnSync(process.execPath, args, { stdio: ['ignore', 'inherit', 'ignore'] });
  }
} else await measure(shape, Number(rows), Number(length));

async function measure(shape: string, rows: number, length: number): Promise<void> {
  const memories: WebAssembly.Memory[] = [];
  WebAssembly.Memory = class extends WebAssembly.Memory {
    constructor(descriptor: WebAssembly.MemoryDescriptor) {
      super(descriptor);
      memories.push(this);
    }
  };
  const directory = mkdtempSync(join(tmpdir(), 'tiebreak-cpu-bytes-'));
  try {
    await writeModel(shape, directory);
    const pkg = await ModelPackage.open(new NodeDirectory(directory));
    const adapter = pkg.adapterNames[0] ?? null;
    const engine = await Engine.load(pkg, await openNodeBackend('wasm'));
    await engine.setAdapter(adapter);
    const ids = Int32Array.from({ length }, (_, i) => 3 + ((i * 7) % 500));
    await engine.logits(Array(rows).fill(ids));
    const heap = Math.max(...memories.map(({ buffer }) => buffer.byteLength));
    const model = await plannedModel(pkg, [adapter]);
    const plan = planCpu({ model, maxLength: length, batchTokens: rows * length });
    const { layerBytes, activationBytes, scoreBytes, heapBytes } = plan;
    const parts = [layerBytes, activationBytes, scoreBytes].map(megabytes).join(' + ');
    process.stdout.write(
      `${shape}, ${rows} x ${length}: heap ${megabytes(heap)} MB, planned ${megabytes(heapBytes)} MB (${parts} and what the heap keeps), ${((100 * heapBytes) / heap).toFixed(0)} %\n`,
    );
  } finally {
    rmSync(directory, { recursive: true });
  }
  process.exit(0);
}

async function writeModel(shape: string, directory: string): Promise<void> {
  const reference = referenceCases().find(({ name }) => name === `${shape}-nf4`);
  if (reference !== undefined) return buildCase(reference, directory);
  const config = JSON.parse(config9b(2, 2000));
  if (shape === 'quarter') {
    const heads = { num_attention_heads: 4, num_key_value_heads: 2 };
    Object.assign(config, { hidden_size: 896, intermediate_size: 3584, ...heads });
  } else if (shape !== '9b') throw new Error(`there is no shape ${shape}`);
  await writeSyntheticPackage(directory, JSON.stringify(config), 1);
}
