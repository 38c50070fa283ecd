import { Engine } from '../../src/engine/engine.ts';
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
  median,
  onDevice,
  openDevice,
  openModel,
  operationsPerToken,
  options,
  print,
  randomRows,
  results,
  small,
  variants,
} from './context.ts';

/** Figures of a batch: milliseconds, those of the CPU, bytes of weights. */
interface Figures {
  ms: number;
  cpu: number;
  bytes: number;
}

const FEW = 2;
const MORE = 6;

/**
 * Benches one decoder layer with LoRA on q, k and v: a quarter of the time that four more layers add to a model, which
 * excludes the embedding, the last layer and the head.
 */
export async function benchLayer(): Promise<void> {
  const rows = randomRows(small ? [64, 60] : [1024, 1024, 1024, 1024], small ? 512 : 8192);
  const tokens = rows.reduce((sum, row) => sum + row.length, 0);
  const table: Record<string, unknown>[] = [];
  results.layer = table;
  const report = (name: string, few: Figures, more: Figures) => {
    const each = (figure: keyof Figures) => (more[figure] - few[figure]) / (MORE - FEW);
    const [ms, cpu, bytes] = [each('ms'), each('cpu'), each('bytes')];
    const tflops = (operationsPerToken() * tokens) / ms / 1e9;
    table.push({ name, tokens, ms, cpu, bytes, tflops });
    print(
      `${name}: a layer of ${tokens} tokens ${ms.toFixed(2)} ms (CPU ${cpu.toFixed(2)} ms, ${(bytes / 1e6).toFixed(0)} MB of weights on the GPU), ${tflops.toFixed(1)} TFLOP/s in its products, ${((tokens / ms / 42) * 1000).toFixed(0)} tokens/s of 42`,
    );
  };
  await inFolder((few) =>
    inFolder(async (more) => {
      for (const [directory, layers] of [
        [few, FEW],
        [more, MORE],
      ] as const) {
        await writeSyntheticPackage(directory, configOf(layers), 7);
        await addSyntheticAdapter(directory, { ...LORA, firstLayer: 0 });
      }
      for (const variant of variants) {
        await attempt('layer', `layer, ${variant}`, async () => {
          const figures: Figures[] = [];
          for (const directory of [few, more]) {
            await onDevice(async (gpu, live) => {
              const parts = await loadParts(directory, gpu, [LORA.name]);
              const bytes = live();
              const model = await openModel(gpu, parts, variant);
              await model.forward(rows, parts.adapters);
              const time = await median(() => model.forward(rows, parts.adapters));
              figures.push({ ...time, bytes });
              model.dispose();
            });
          }
          report(variant, figures[0]!, figures[1]!);
        });
      }
      if (options['no-ort']) return;
      await attempt('layer', 'layer, ONNX Runtime', async () => {
        const figures: Figures[] = [];
        for (const directory of [few, more]) {
          const pkg = await ModelPackage.open(new NodeDirectory(directory));
          const engine = await Engine.load(pkg, await openDevice(), { executor: 'ort' });
          await engine.setAdapter(LORA.name);
          await engine.logits(rows);
          const { weightBytes: bytes } = engine.info;
          figures.push({ ...(await median(() => engine.logits(rows))), bytes });
          await engine.dispose();
        }
        report('ONNX Runtime', figures[0]!, figures[1]!);
      });
    }),
  );
}
