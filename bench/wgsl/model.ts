import { Engine } from '../../src/engine/engine.ts';
import { packBatch } from '../../src/engine/wgsl/batch.ts';
import { BufferPool, Staging } from '../../src/engine/wgsl/buffers.ts';
import type { WgslModel } from '../../src/engine/wgsl/model.ts';
import type { KernelTime } from '../../src/engine/wgsl/recorder.ts';
import { EmbeddingTable } from '../../src/model/embedding-table.ts';
import { ModelPackage } from '../../src/model/package.ts';
import { NodeDirectory } from '../../src/storage/node-file.ts';
import { writeSyntheticPackage } from '../../testing/synthetic.ts';
import { addSyntheticAdapter } from '../synthetic-adapter.ts';
import {
  attempt,
  configOf,
  elapsed,
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
import { wholeRun } from './rows.ts';

/** Benches the whole model, from token ids to logits, with LoRA on q, k and v of the upper layers. */
export async function benchModel(): Promise<void> {
  const layers = small ? 2 : Number(options.layers);
  const table: Record<string, unknown>[] = [];
  results.model = table;
  await inFolder(async (directory) => {
    const writing = elapsed();
    await writeSyntheticPackage(directory, configOf(layers), 7);
    await addSyntheticAdapter(directory, { ...LORA, firstLayer: Math.floor((layers * 16) / 42) });
    print(`${layers} layers written in ${(elapsed() - writing).toFixed(1)} s`);
    const vocabulary = small ? 512 : 8192;
    const shapes = (
      small ? [[64, 60]] : [Array(4).fill(1024), Array(8).fill(512), [2048, 2048]]
    ).map((lengths: number[]) => ({
      name: `${lengths.length} x ${lengths[0]}`,
      rows: randomRows(lengths, vocabulary),
    }));
    const report = (
      name: string,
      of: (typeof shapes)[0],
      { ms, cpu }: { ms: number; cpu: number },
    ) => {
      const tokens = of.rows.reduce((sum, row) => sum + row.length, 0);
      const rate = (tokens / ms) * 1000;
      const of42 = (rate * layers) / 42;
      const tflops = (operationsPerToken() * layers * tokens) / ms / 1e9;
      table.push({ name, shape: of.name, layers, tokens, ms, cpu, tflops, rate, of42 });
      print(
        `${name}, ${layers} layers, ${of.name}: ${ms.toFixed(0)} ms (CPU ${cpu.toFixed(0)} ms), ${rate.toFixed(0)} tokens/s (${of42.toFixed(0)} of 42 layers), ${tflops.toFixed(1)} TFLOP/s in the products`,
      );
    };
    await attempt('model', 'loading', () =>
      onDevice(async (gpu, live) => {
        const loading = elapsed();
        const parts = await loadParts(directory, gpu, [LORA.name]);
        print(
          `${(live() / 1e9).toFixed(2)} GB on the GPU in ${(elapsed() - loading).toFixed(1)} s`,
        );
        await gatherTimes(EmbeddingTable.open(parts.pkg), shapes[0]!.rows, gpu.gpuDevice);
        for (const variant of variants) {
          await attempt('model', `model, ${variant}`, async () => {
            const before = live();
            const model = await openModel(gpu, parts, variant);
            const compiling = performance.now();
            await model.forward(shapes[0]!.rows, parts.adapters);
            print(
              `${variant}: first batch, kernels compiled, ${(performance.now() - compiling).toFixed(0)} ms`,
            );
            for (const shape of shapes) {
              report(variant, shape, await median(() => model.forward(shape.rows, parts.adapters)));
            }
            if (options.rows !== undefined) {
              await wholeRun(variant, model, parts.adapters[0]!, vocabulary);
            }
            results[`bytes ${variant}`] = { weights: before, all: live() };
            print(
              `${variant}: ${(live() / 1e9).toFixed(2)} GB on the GPU, ${((live() - before) / 1e9).toFixed(2)} of them beside the weights`,
            );
            await kernelTimes(variant, model, () => model.forward(shapes[0]!.rows, parts.adapters));
            model.dispose();
          });
        }
      }),
    );
    if (options['no-ort']) return;
    await attempt('model', 'model, ONNX Runtime', async () => {
      const pkg = await ModelPackage.open(new NodeDirectory(directory));
      const engine = await Engine.load(pkg, await openDevice(), { executor: 'ort' });
      await engine.setAdapter(LORA.name);
      await engine.logits(shapes[0]!.rows);
      const time = await median(() => engine.logits(shapes[0]!.rows));
      report(`ONNX Runtime ${engine.info.precision}`, shapes[0]!, time);
      await engine.dispose();
    });
  });
}

/** Parts of a model by the labels of their kernels, for the table of docs/performance.md. The first match counts. */
const PARTS: [part: string, label: RegExp][] = [
  ['LoRA, first product', /^product .* none /],
  ['gate and up', /product 3584 x 14336/],
  ['down', /product 14336 x 3584/],
  ['q, k, v, o', /product/],
  ['attention', /^(subgroup )?attention/],
  ['arranging and rotation', /^(arrange|rotary)/],
  ['GELU', /^gelu/],
  ['unpacking weights', /^unpack/],
  ['quantising activations', /^quantize/],
  ['norms', /^norm/],
];

/** The time of each kernel in a batch, by timestamps around it. */
async function kernelTimes(
  variant: string,
  model: WgslModel,
  batch: () => Promise<unknown>,
): Promise<void> {
  const from = performance.now();
  const times = await model.recorder.timed(async () => {
    await batch();
  });
  if (times === null) return print(`${variant}: the device has no timestamps`);
  const clock = performance.now() - from;
  const kernels = [...times].sort((a, b) => b[1].milliseconds - a[1].milliseconds);
  const parts = new Map<string, number>();
  const add = ([label, { milliseconds }]: [string, KernelTime]) => {
    const part = PARTS.find(([, pattern]) => pattern.test(label))?.[0] ?? 'other';
    parts.set(part, (parts.get(part) ?? 0) + milliseconds);
  };
  for (const kernel of kernels) add(kernel);
  results[`kernels ${variant}`] = { clock, parts: Object.fromEntries(parts), kernels };
  const text = [...parts].map(([part, ms]) => `${part} ${ms.toFixed(1)}`).join(', ');
  print(`${variant}: milliseconds of a batch with timestamps, ${clock.toFixed(0)} in all: ${text}`);
  for (const [label, { milliseconds, calls }] of kernels.slice(0, 12)) {
    print(`    ${milliseconds.toFixed(1).padStart(8)} ms in ${calls} of ${label}`);
  }
}

/** Time before the device can begin a batch: gathering its embedding and uploading it. */
async function gatherTimes(
  embedding: EmbeddingTable,
  rows: readonly Int32Array[],
  device: GPUDevice,
): Promise<void> {
  const { ids } = packBatch(rows, { queriesPerBlock: 32 });
  const pool = new BufferPool(device);
  const staging = new Staging(device);
  for (let i = 0; i < 3; i += 1) {
    const marks = [performance.now()];
    const mark = () => marks.push(performance.now());
    packBatch(rows, { queriesPerBlock: 32, queriesPerTile: 32 });
    mark();
    const bytes = ids.length * embedding.halfBytes!;
    const staged = await staging.fill(bytes, (into) => embedding.halves(ids, into));
    mark();
    const encoder = device.createCommandEncoder();
    encoder.copyBufferToBuffer(staged, 0, pool.get('embedding', bytes), 0, bytes);
    device.queue.submit([encoder.finish()]);
    staging.submitted();
    mark();
    await device.queue.onSubmittedWorkDone();
    mark();
    const took = marks.slice(1).map((at, m) => (at - marks[m]!).toFixed(1));
    print(
      `before a batch: packing ${took[0]} ms, gathering ${took[1]}, handing over ${took[2]}, upload ${took[3]}`,
    );
  }
  pool.dispose();
  staging.dispose();
}
