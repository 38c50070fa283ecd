import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { type BuildOptions, buildPackage } from '../src/import/build.ts';
import { NodeDirectory, NodeSink } from '../src/storage/node-file.ts';

/** Largest allowed difference from the reference logits. */
export const TOLERANCE = 2e-3;

/** A package to build from a fixture, with its expected logits. */
export interface ReferenceCase {
  /** Usable as the name of a folder, for example `tiny-a-nf4`. */
  name: string;
  base: string;
  adapter: string;
  quant: NonNullable<BuildOptions['quant']>;
  tokens: number[][];
  /** Expected logits by adapter: `none` stands for the base model alone. */
  expected: { none: number[][]; adapter: number[][] };
}

const fixtures = fileURLToPath(new URL('../test/fixtures/', import.meta.url));

/** The reference models, dense and as NF4, for wasm in Node, for Chromium and for GPU hosts. */
export function referenceCases(): ReferenceCase[] {
  return ['tiny-a', 'tiny-d'].flatMap((model) => [
    readCase(model, 'base', 'none', 'expected.json'),
    readCase(model, 'base-bnb-4bit', 'keep', 'expected-nf4.json'),
  ]);
}

/** A package of one of the families, which may have no adapter. */
export interface FamilyCase extends Omit<ReferenceCase, 'adapter' | 'expected'> {
  adapter: string | null;
  /** Of a causal model: the tokens of its verdicts. */
  verdicts?: number[][];
  /** Positions of the tokens that the head reads. */
  pooled: number[];
  /** Expected logits, by adapter; null: the base model alone. */
  expected: [adapter: string | null, logits: number[][]][];
}

/** A reference model of each family and kind of head, dense and as NF4. */
export function familyCases(): FamilyCase[] {
  return ['qwen3-a', 'llama-a', 'qwen2-a', 'mistral-a', 'gemma2-reward-a', 'gemma3-a'].flatMap(
    (model) => [
      readFamilyCase(model, 'base', 'none', 'expected.json'),
      readFamilyCase(model, 'base-bnb-4bit', 'keep', 'expected-nf4.json'),
    ],
  );
}

/** Causal models, whose verdicts are single tokens. */
export function verdictCases(): FamilyCase[] {
  return ['lm-gemma2-a', 'lm-qwen3-a', 'lm-llama-a'].map((name) => {
    const folder = `${fixtures}${name}`;
    const { input_ids, verdict_tokens, logits } = JSON.parse(
      readFileSync(`${folder}/expected.json`, 'utf8'),
    );
    return {
      name,
      base: `${folder}/base`,
      adapter: null,
      quant: 'none',
      verdicts: verdict_tokens.map((token: number) => [token]),
      tokens: input_ids,
      pooled: input_ids.map((ids: number[]) => ids.length - 1),
      expected: [[null, logits]],
    };
  });
}

/** The reference models in GPTQ: `keep` their codes, or dequantised (`none`). */
export function gptqCases(
  quant: 'keep' | 'none',
): Pick<FamilyCase, 'name' | 'base' | 'adapter' | 'quant' | 'tokens' | 'expected'>[] {
  return ['gptq-a', 'gptq-b'].map((model) => {
    const folder = `${fixtures}${model}`;
    const name = `${model}-${quant}`;
    const { input_ids: tokens, base_logits } = JSON.parse(
      readFileSync(`${folder}/expected.json`, 'utf8'),
    );
    const expected: FamilyCase['expected'] = [[null, base_logits]];
    return { name, base: `${folder}/base`, adapter: null, quant, tokens, expected };
  });
}

function readFamilyCase(
  model: string,
  base: string,
  quant: ReferenceCase['quant'],
  expected: string,
): FamilyCase {
  const folder = `${fixtures}${model}`;
  const read = (file: string) => JSON.parse(readFileSync(`${folder}/${file}`, 'utf8'));
  const { input_ids, base_logits, adapter_logits } = read(expected);
  const ofAdapter: FamilyCase['expected'] =
    adapter_logits === undefined ? [] : [['adapter', adapter_logits]];
  return {
    name: `${model}-${quant === 'none' ? 'dense' : 'nf4'}`,
    base: `${folder}/${base}`,
    adapter: adapter_logits === undefined ? null : `${folder}/adapter`,
    quant,
    tokens: input_ids,
    pooled: read('expected.json').pooled,
    expected: [[null, base_logits], ...ofAdapter],
  };
}

function readCase(
  model: string,
  base: string,
  quant: ReferenceCase['quant'],
  expected: string,
): ReferenceCase {
  const folder = `${fixtures}${model}`;
  const { input_ids, base_logits, adapter_logits } = JSON.parse(
    readFileSync(`${folder}/${expected}`, 'utf8'),
  );
  return {
    name: `${model}-${quant === 'none' ? 'dense' : 'nf4'}`,
    base: `${folder}/${base}`,
    adapter: `${folder}/adapter`,
    quant,
    tokens: input_ids,
    expected: { none: base_logits, adapter: adapter_logits },
  };
}

/** Writes a case's package into a folder. Its only adapter is named `adapter`. */
export async function buildCase(
  {
    name,
    base,
    adapter,
    quant,
    verdicts,
  }: Pick<FamilyCase, 'name' | 'base' | 'adapter' | 'quant' | 'verdicts'>,
  directory: string,
): Promise<void> {
  const adapters = adapter === null ? [] : [{ name: 'adapter', files: new NodeDirectory(adapter) }];
  const options = { base: new NodeDirectory(base), adapters, quant, name, verdicts };
  await buildPackage(options, new NodeSink(directory));
}

/** Largest absolute difference between two sets of logits of the same shape. */
export function largestDifference(
  actual: readonly (readonly number[])[],
  expected: readonly (readonly number[])[],
): number {
  if (actual.length !== expected.length) return Infinity;
  let largest = 0;
  for (const [r, row] of expected.entries()) {
    for (const [c, value] of row.entries()) {
      const difference = Math.abs((actual[r]![c] ?? Number.NaN) - value);
      // NaN compares false with everything, and must not count as a small difference.
      if (!(difference <= largest)) largest = Number.isNaN(difference) ? Infinity : difference;
    }
  }
  return largest;
}
