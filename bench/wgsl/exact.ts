import { softmax } from '../../src/domain/probabilities.ts';
import { Engine } from '../../src/engine/engine.ts';
import { parseConfig } from '../../src/model/config.ts';
import { ModelPackage } from '../../src/model/package.ts';
import { NodeDirectory } from '../../src/storage/node-file.ts';
import { writeSyntheticPackage } from '../../testing/synthetic.ts';
import { addSyntheticAdapter } from '../synthetic-adapter.ts';
import {
  attempt,
  configOf,
  inFolder,
  LORA,
  loadParts,
  onDevice,
  openDevice,
  openModel,
  options,
  print,
  randomRows,
  results,
  small,
  variants,
} from './context.ts';

/**
 * Compares four layers of the 9B shape with our float32, once with ordinary activations, once with massive ones, where
 * gate and up are hundreds of times as large, so that their product would overflow float16 if stored directly.
 */
export async function benchExactness(): Promise<void> {
  const table: Record<string, unknown>[] = [];
  results.exactness = table;
  for (const activations of ['ordinary', 'massive'] as const) {
    await inFolder(async (directory) => {
      const config = parseConfig(configOf(4));
      await writeSyntheticPackage(directory, configOf(4), 7, {
        massive: activations === 'massive',
      });
      await addSyntheticAdapter(directory, { ...LORA, firstLayer: config.numLayers - 2 });
      await compareAll(directory, activations, config.vocabSize, table);
    });
  }
}

async function compareAll(
  directory: string,
  activations: string,
  vocabulary: number,
  table: Record<string, unknown>[],
): Promise<void> {
  const rows = randomRows(small ? [70, 33] : [512, 300, 77, 1000], vocabulary);
  let reference: Float32Array | undefined;
  const report = (name: string, logits: Float32Array) => {
    const first = [...logits.subarray(0, 3)].map((x) => x.toFixed(4)).join(', ');
    if (reference === undefined) {
      reference = logits;
      return print(`${activations} activations: ${name} is the reference, first row ${first}`);
    }
    const { logit, probability } = difference(logits, reference);
    table.push({ activations, name, logit, probability });
    print(
      `${activations} activations: ${name} against float32: ${logit.toExponential(1)} in a logit, ${probability.toExponential(1)} in a probability; first row ${first}`,
    );
  };
  for (const variant of ['float32' as const, ...variants.filter((name) => name !== 'float32')]) {
    await attempt('exact', `exactness, ${variant}`, () =>
      onDevice(async (gpu) => {
        const parts = await loadParts(directory, gpu, [null, LORA.name]);
        const model = await openModel(gpu, parts, variant);
        report(variant, await model.forward(rows, parts.adapters));
        model.dispose();
      }),
    );
  }
  if (options['no-ort']) return;
  await attempt('exact', 'exactness, ONNX Runtime', async () => {
    const pkg = await ModelPackage.open(new NodeDirectory(directory));
    const engine = await Engine.load(pkg, await openDevice(), {
      precision: 'float32',
      executor: 'ort',
    });
    await engine.setAdapters([null, LORA.name]);
    report('ONNX Runtime float32', await engine.logits(rows));
    await engine.dispose();
  });
}

/** Largest differences; infinite if a value is NaN. */
function difference(logits: Float32Array, reference: Float32Array) {
  let [logit, probability] = [0, 0];
  for (let i = 0; i < logits.length; i += 1) {
    const off = Math.abs(logits[i]! - reference[i]!);
    if (!(off <= logit)) logit = Number.isNaN(off) ? Number.POSITIVE_INFINITY : off;
  }
  for (let r = 0; r < logits.length; r += 3) {
    const [p, q] = [softmax(logits, r), softmax(reference, r)];
    for (let c = 0; c < 3; c += 1) probability = Math.max(probability, Math.abs(p[c]! - q[c]!));
  }
  return { logit, probability };
}
