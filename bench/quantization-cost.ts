/**
 * Measures what NF4 and int4 cost on each reference model of another family or head, and on the two of Gemma-2: the
 * difference of logits on this machine's CPU from those of PyTorch on the bfloat16 checkpoint. The weights of these
 * models are random and large, so that small mistakes show; trained models lose far less.
 *
 * `npx tsx bench/quantization-cost.ts`
 */

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TiebreakError } from '../src/domain/errors.ts';
import { openNodeBackend } from '../src/engine/device/backend-node.ts';
import { Engine } from '../src/engine/engine.ts';
import { loadOrt } from '../src/engine/ort/runtime.ts';
import { ModelPackage } from '../src/model/package.ts';
import { NodeDirectory } from '../src/storage/node-file.ts';
import {
  buildCase,
  familyCases,
  referenceCases,
  verdictCases,
} from '../testing/reference-cases.ts';
import { tokenRows } from '../testing/token-rows.ts';

const QUANTIZATIONS = ['none', 'nf4', 'int4'] as const;
const backend = await openNodeBackend('wasm');
const { versions } = (await loadOrt(backend)).env;
const print = (line: string) => process.stdout.write(`${line}\n`);
print(
  `${new Date().toISOString().slice(0, 10)}, Node ${process.version}, onnxruntime-web ${versions.web}, WebAssembly, float32`,
);
print('| model | RMS of the logits | none: max | NF4: RMS | max | int4: RMS | max |');
print('| --- | --- | --- | --- | --- | --- | --- |');
const gemma = referenceCases().map((of) => ({ ...of, expected: of.expected.none }));
const others = [...familyCases(), ...verdictCases()].map((of) => ({
  ...of,
  expected: of.expected[0]![1],
}));
for (const reference of [...gemma, ...others].filter(({ quant }) => quant === 'none')) {
  const expected = reference.expected.flat();
  const cells: string[] = [];
  for (const quant of QUANTIZATIONS) {
    const logits = await logitsOf({ ...reference, adapter: null, quant });
    if (logits === null) {
      cells.push('refused', '');
      continue;
    }
    const difference = logits.map((value, i) => value - expected[i]!);
    if (quant !== 'none') cells.push(rms(difference).toFixed(3));
    const largest = Math.max(...difference.map(Math.abs));
    cells.push(quant === 'none' ? largest.toExponential(1) : largest.toFixed(3));
  }
  const name = reference.name.replace('-dense', '');
  print(`| ${[name, rms(expected).toFixed(3), ...cells].join(' | ')} |`);
}
process.exit(0);

/** Logits of a model that is quantised at import; null if the importer refuses its sizes. */
async function logitsOf(
  reference: Parameters<typeof buildCase>[0] & { tokens: number[][] },
): Promise<number[] | null> {
  const directory = mkdtempSync(join(tmpdir(), 'tiebreak-quantization-'));
  try {
    await buildCase(reference, directory);
    const engine = await Engine.load(
      await ModelPackage.open(new NodeDirectory(directory)),
      backend,
    );
    await engine.setAdapter(null);
    const logits = [...(await engine.logits(tokenRows(reference.tokens)))];
    await engine.dispose();
    return logits;
  } catch (thrown) {
    // Blocks of 64 weights do not fit the width of some of these small models.
    if (thrown instanceof TiebreakError && thrown.id === 'model/quantization:features') return null;
    throw thrown;
  } finally {
    rmSync(directory, { recursive: true });
  }
}

function rms(values: number[]): number {
  return Math.sqrt(values.reduce((sum, value) => sum + value ** 2, 0) / values.length);
}
