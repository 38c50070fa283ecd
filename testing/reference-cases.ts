import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { type BuildOptions, buildPackage } from '../src/import/build.ts';
import { NodeDirectory, NodeSink } from '../src/storage/node-file.ts';

/** Largest allowed difference from the reference logits. */
export const TOLERANCE = 2e-3;

/** A package to be built from a fixture, and the logits that it must give. */
export interface ReferenceCase {
  /** Can name a directory too, for example `tiny-a-nf4`. */
  name: string;
  base: string;
  adapter: string;
  quant: NonNullable<BuildOptions['quant']>;
  tokens: number[][];
  /** Expected logits, by adapter: `none` is the base model alone. */
  expected: { none: number[][]; adapter: number[][] };
}

const fixtures = fileURLToPath(new URL('../test/fixtures/', import.meta.url));

/** The reference models, dense and as NF4. Used on wasm in Node, in Chromium and on a GPU host. */
export function referenceCases(): ReferenceCase[] {
  return ['tiny-a', 'tiny-d'].flatMap((model) => [
    readCase(model, 'base', 'none', 'expected.json'),
    readCase(model, 'base-bnb-4bit', 'keep', 'expected-nf4.json'),
  ]);
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

/** Writes a case's package into a directory; its one adapter is named `adapter`. */
export async function buildCase(
  { name, base, adapter, quant }: ReferenceCase,
  directory: string,
): Promise<void> {
  const adapters = [{ name: 'adapter', files: new NodeDirectory(adapter) }];
  const options = { base: new NodeDirectory(base), adapters, quant, name };
  await buildPackage(options, new NodeSink(directory));
}

/** Largest absolute difference of two sets of logits of the same shape. */
export function largestDifference(
  actual: readonly (readonly number[])[],
  expected: readonly (readonly number[])[],
): number {
  if (actual.length !== expected.length) return Infinity;
  let largest = 0;
  for (const [r, row] of expected.entries()) {
    for (const [c, value] of row.entries()) {
      const difference = Math.abs((actual[r]![c] ?? Number.NaN) - value);
      // NaN compares false with everything, and must not pass for a small difference.
      if (!(difference <= largest)) largest = Number.isNaN(difference) ? Infinity : difference;
    }
  }
  return largest;
}
