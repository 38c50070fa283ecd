/**
 * Writes a synthetic Gemma-2 checkpoint of true shape into OUT, as `save_pretrained` does, and a PEFT adapter for it
 * into OUT/adapter. Values are random and of ordinary scale; there is no tokenizer.
 *
 * `npx tsx bench/make-checkpoint.ts OUT [--shape 9b|2b|27b|tiny] [--layers N] [--stored bf16|nf4|gptq8|gptq8-act-order]
 * [--shard-gb 5] [--seed N]`
 */
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { random } from '../testing/synthetic.ts';
import { writeAdapter } from './checkpoint/adapter.ts';
import { writeBase } from './checkpoint/base.ts';
import { SHAPES, type ShapeName, STORED } from './checkpoint/shapes.ts';

const print = (line: string) => process.stdout.write(`${line}\n`);
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    shape: { type: 'string', default: '9b' },
    layers: { type: 'string' },
    stored: { type: 'string', default: 'bf16' },
    'shard-gb': { type: 'string', default: '5' },
    seed: { type: 'string', default: '1' },
  },
});
const out = positionals[0];
if (out === undefined || !Object.hasOwn(SHAPES, values.shape)) {
  throw new Error('usage: npx tsx bench/make-checkpoint.ts OUT [--shape 9b|2b|27b|tiny] …');
}
const stored = STORED.find((known) => known === values.stored);
if (stored === undefined) throw new Error(`--stored is one of ${STORED.join()}`);

const shape = SHAPES[values.shape as ShapeName];
const sizes = { ...shape, num_hidden_layers: Number(values.layers ?? shape.num_hidden_layers) };
const next = random(Number(values.seed));
const started = performance.now();
let total = 0;
const tell = (name: string, bytes: number) => {
  total += bytes;
  print(`${name}: ${(bytes / 1e9).toFixed(3)} GB`);
};
writeBase(out, {
  sizes,
  stored,
  shardBytes: Number(values['shard-gb']) * 1e9,
  next,
  onShard: tell,
});
tell('adapter', writeAdapter(join(out, 'adapter'), sizes, next));
const seconds = (performance.now() - started) / 1000;
print(
  `${out}: Gemma-2 ${values.shape}, ${sizes.num_hidden_layers} layers, ${values.stored}, seed ${values.seed}: ${(total / 1e9).toFixed(2)} GB in ${seconds.toFixed(0)} s; peak resident memory ${Math.round(process.resourceUsage().maxRSS / 1024)} MB`,
);
