/**
 * Writes what `bench/gpu-check.ts` needs into a folder: packages of the reference models and the demo model without its
 * tokenizer, token rows, and their logits on this machine's CPU.
 *
 * `npx tsx bench/make-gpu-cases.ts DIR`
 */
import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { modelFolder, openTokenizer } from '../src/cli/common.ts';
import { DEFAULT_SETTINGS } from '../src/core/settings.ts';
import { tokenizePair } from '../src/core/truncate.ts';
import { openNodeBackend } from '../src/engine/backend-node.ts';
import { Engine } from '../src/engine/engine.ts';
import { buildPackage } from '../src/model/build.ts';
import { ModelPackage } from '../src/model/package.ts';
import { NodeDirectory, NodeSink } from '../src/storage/node-file.ts';
import type { GpuCase } from './gpu-check.ts';
import { preferencePairs } from './pairs.ts';

const ROWS = 200;
const fixtures = new URL('../test/fixtures/', import.meta.url).pathname;

const out = process.argv[2]!;
mkdirSync(out, { recursive: true });
const cases: GpuCase[] = [];

for (const model of ['tiny-a', 'tiny-d']) {
  for (const [base, quant, file] of [
    ['base', 'none', 'expected.json'],
    ['base-bnb-4bit', 'keep', 'expected-nf4.json'],
  ] as const) {
    const name = `${model}-${quant}`;
    await buildPackage(
      {
        base: new NodeDirectory(join(fixtures, model, base)),
        adapters: [{ name: 'ref', files: new NodeDirectory(join(fixtures, model, 'adapter')) }],
        quant,
        name,
      },
      new NodeSink(join(out, name)),
    );
    const expected = JSON.parse(readFileSync(join(fixtures, model, file), 'utf8')) as {
      input_ids: number[][];
      base_logits: number[][];
      adapter_logits: number[][];
    };
    const common = { package: name, rows: expected.input_ids, float16: false };
    cases.push({ ...common, name, adapter: null, expected: expected.base_logits });
    cases.push({
      ...common,
      name: `${name} + adapter`,
      adapter: 'ref',
      expected: expected.adapter_logits,
    });
  }
}

const demo = modelFolder();
const tokenizer = await openTokenizer(demo);
const rows = preferencePairs(ROWS)
  .map((pair) => tokenizePair(pair, false, DEFAULT_SETTINGS, tokenizer).ids)
  .sort((a, b) => b.length - a.length);
cpSync(demo, join(out, 'demo'), {
  recursive: true,
  filter: (path) => !path.includes('tokenizer'),
});
const pkg = await ModelPackage.open(new NodeDirectory(demo));
const engine = await Engine.load(pkg, await openNodeBackend('wasm'));
await engine.setAdapter('demo');
const expected: number[][] = [];
for (let i = 0; i < rows.length; i += 4) {
  const logits = await engine.logits(rows.slice(i, i + 4));
  for (let r = 0; r < logits.length; r += 3) expected.push([...logits.subarray(r, r + 3)]);
}
cases.push({
  name: 'demo',
  package: 'demo',
  adapter: 'demo',
  rows: rows.map((row) => [...row]),
  expected,
  float16: true,
});
writeFileSync(join(out, 'cases.json'), JSON.stringify(cases));
process.exit(0);
