/**
 * Writes the input of `bench/gpu-check.ts` into a folder: packages of the reference models and of the demo model
 * without its tokenizer, token rows, and their logits on this machine's CPU. The demo model's rows are the human-judged
 * validation rows of the preference pairs, with their labels.
 *
 * `npx tsx bench/make-gpu-cases.ts DIR`
 */
import { cpSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { modelFolder, openPairTokenizer } from '../src/cli/terminal/common.ts';
import { DEFAULT_SETTINGS } from '../src/domain/settings.ts';
import { tokenizePair } from '../src/domain/truncate.ts';
import { openNodeBackend } from '../src/engine/device/backend-node.ts';
import { Engine } from '../src/engine/engine.ts';
import { ModelPackage } from '../src/model/package.ts';
import { NodeDirectory } from '../src/storage/node-file.ts';
import { validationPairs } from '../testing/preference-pairs.ts';
import { buildCase, referenceCases } from '../testing/reference-cases.ts';
import type { GpuCase } from './gpu-check.ts';

const out = process.argv[2]!;
mkdirSync(out, { recursive: true });
const cases: GpuCase[] = [];

for (const reference of referenceCases()) {
  const { name, tokens, expected } = reference;
  await buildCase(reference, join(out, name));
  const common = { package: name, rows: tokens, float16: false };
  cases.push({ ...common, name, adapter: null, expected: expected.none });
  cases.push({
    ...common,
    name: `${name} + adapter`,
    adapter: 'adapter',
    expected: expected.adapter,
  });
}

const demo = modelFolder();
const tokenizer = await openPairTokenizer(demo);
const rows = (await validationPairs('human'))
  .map(({ pair, label }) => ({
    ids: tokenizePair(pair, false, DEFAULT_SETTINGS, tokenizer).ids,
    label,
  }))
  .sort((a, b) => b.ids.length - a.ids.length);
cpSync(demo, join(out, 'demo'), {
  recursive: true,
  filter: (path) => !path.includes('tokenizer'),
});
const pkg = await ModelPackage.open(new NodeDirectory(demo));
const engine = await Engine.load(pkg, await openNodeBackend('wasm'));
await engine.setAdapter('demo');
const expected: number[][] = [];
for (let i = 0; i < rows.length; i += 4) {
  const logits = await engine.logits(rows.slice(i, i + 4).map(({ ids }) => ids));
  for (let r = 0; r < logits.length; r += 3) expected.push([...logits.subarray(r, r + 3)]);
}
cases.push({
  name: 'demo',
  package: 'demo',
  adapter: 'demo',
  rows: rows.map(({ ids }) => [...ids]),
  labels: rows.map(({ label }) => label),
  expected,
  float16: true,
});
writeFileSync(join(out, 'cases.json'), JSON.stringify(cases));
process.exit(0);
