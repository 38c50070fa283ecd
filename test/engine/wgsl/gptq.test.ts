import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import type { Backend } from '../../../src/engine/device/backend.ts';
import { openNodeBackend } from '../../../src/engine/device/backend-node.ts';
import { Engine, type LoadOptions } from '../../../src/engine/engine.ts';
import type { ActivationLayout } from '../../../src/engine/wgsl/kernels/activations.ts';
import { gatherGroups, gatherKernel } from '../../../src/engine/wgsl/kernels/gather.ts';
import { productGroups, productKernel } from '../../../src/engine/wgsl/kernels/product.ts';
import { unpackGroups, unpackKernel } from '../../../src/engine/wgsl/kernels/subgroup-product.ts';
import { NARROW_TILE } from '../../../src/engine/wgsl/variant.ts';
import { encodeFloat16 } from '../../../src/model/dtype.ts';
import {
  GPTQ_BLOCKS,
  type GptqBits,
  type GptqBlock,
  gptqFormat,
} from '../../../src/model/formats/quantization.ts';
import { ModelPackage } from '../../../src/model/package.ts';
import { NodeDirectory } from '../../../src/storage/node-file.ts';
import { refusal } from '../../../testing/checkpoints.ts';
import { gptqPackage } from '../../../testing/gptq.ts';
import { buildCase, gptqCases, largestDifference } from '../../../testing/reference-cases.ts';
import { random } from '../../../testing/synthetic.ts';
import { rowsOf, tokenRows } from '../../../testing/token-rows.ts';
import { openTestGpu } from '../../../testing/wgsl/gpu.ts';
import { lay, runKernel, unlay } from '../../../testing/wgsl/run-kernel.ts';

const TIMEOUT = 600_000; // software devices compile slowly
const folder = mkdtempSync(join(tmpdir(), 'tiebreak-wgsl-gptq-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const backend = await openTestGpu();
const withGpu = describe.skipIf(backend === null);

withGpu('GPTQ kernels', () => {
  const gpu = backend!;
  const next = random(9);
  const below = (n: number) => Math.floor(next() * n);

  /** Random weights [N, K]: their buffers, and their values in float64 by the definition of the format. */
  function weights(bits: GptqBits, block: number, N: number, K: number) {
    const blocks = K / block;
    const q = Array.from({ length: N * K }, () => below(2 ** bits));
    const zero = Array.from({ length: N * blocks }, () => below(2 ** bits));
    const scales = Float32Array.from({ length: N * blocks }, () => (1 + below(1000)) / 2 ** 17);
    const packed = (rows: number[], width: number) => {
      const rowBytes = Math.ceil((width * bits) / 8);
      const out = new Uint8Array((rows.length / width) * rowBytes);
      for (const [i, value] of rows.entries()) {
        const bit = (i % width) * bits;
        out[Math.floor(i / width) * rowBytes + Math.floor(bit / 8)]! += value * 2 ** (bit % 8);
      }
      return out;
    };
    const values = Float64Array.from(q, (code, i) => {
      const at = Math.floor(i / K) * blocks + Math.floor((i % K) / block);
      return scales[at]! * (code - zero[at]!);
    });
    return { codes: packed(q, K), scales, zeros: packed(zero, blocks), values };
  }

  function close(actual: ArrayLike<number>, expected: Float64Array, tolerance: number) {
    const largest = expected.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
    for (const [i, value] of expected.entries()) {
      if (!(Math.abs(actual[i]! - value) <= tolerance * largest)) {
        expect.fail(`value ${i} is ${actual[i]}, not ${value}`);
      }
    }
  }

  // Three blocks a row, so that zero points of 4 bits leave half a byte free.
  const cases = ([4, 8] as const).flatMap((bits) => GPTQ_BLOCKS.map((block) => ({ bits, block })));
  const widthOf = (block: GptqBlock) => Math.max(96, 3 * block);

  test.each(cases)(
    'unpacking $bits bits in blocks of $block',
    async ({ bits, block }) => {
      const [N, width] = [24, widthOf(block)];
      const { codes, scales, zeros, values } = weights(bits, block, N, width);
      const kernel = unpackKernel(width, N, gptqFormat({ bits, block, actOrder: false }));
      const inputs = [codes, scales, zeros, N * width * 2];
      const out = await runKernel(gpu, kernel, inputs, [], unpackGroups(width, N), 3);
      // Rounded to float16 here.
      close(unlay('f16-packed', out, N, width), values, 2 ** -11);
    },
    TIMEOUT,
  );

  // One of each number of bits is enough here; others differ in numbers only.
  const quick = cases.filter(({ bits, block }) => block === (bits === 4 ? 16 : 128));
  test.each(quick)('product of $bits bits in blocks of $block', product, TIMEOUT);
  test.each(cases.filter((one) => !quick.includes(one)))(
    'product of $bits bits in blocks of $block',
    { tags: ['slow'], timeout: TIMEOUT },
    product,
  );

  async function product({ bits, block }: { bits: GptqBits; block: GptqBlock }) {
    const [M, N, width] = [37, 40, widthOf(block)];
    const { codes, scales, zeros, values } = weights(bits, block, N, width);
    const x = new Float32Array(64 * width).map(() => next() - 0.5);
    const shape = {
      K: width,
      N,
      weights: gptqFormat({ bits, block, actOrder: false }),
      input: 'f32',
      lora: false,
      arithmetic: 'f32',
      // A step that does not divide K.
      tile: { ...NARROW_TILE, stepK: 64 },
    } as const;
    const expected = Float64Array.from({ length: M * N }, (_, i) => {
      const [m, n] = [Math.floor(i / N), i % N];
      let sum = 0;
      for (let k = 0; k < width; k += 1) sum += x[m * width + k]! * values[n * width + k]!;
      return sum;
    });
    const out = await runKernel(
      gpu,
      productKernel(shape),
      [x, codes, scales, zeros, 64 * N * 4],
      [M, 0, 0, 0],
      productGroups(shape, M),
      4,
    );
    close(out, expected, 1e-5);
  }

  test.each(['f32', 'f16', 'f16-packed'] as const satisfies ActivationLayout[])(
    'gathering %s',
    async (layout) => {
      const [M, width] = [11, 96];
      const x = Float32Array.from({ length: 16 * width }, (_, i) => i - 700);
      const order = Uint32Array.from({ length: width }, (_, k) => (k * 35 + 17) % width);
      const input = lay(layout, x, 16, width, encodeFloat16);
      const bytes = 16 * width * (layout === 'f32' ? 4 : 2);
      const out = await runKernel(
        gpu,
        gatherKernel(width, layout),
        [input, order, bytes],
        [M],
        gatherGroups(M, width),
        2,
      );
      const got = unlay(layout, out, 16, width);
      for (let i = 0; i < M * width; i += 1) {
        const m = Math.floor(i / width);
        expect(got[i]).toBe(x[m * width + order[i % width]!]);
      }
    },
    TIMEOUT,
  );
});

const runs = (['wgsl', 'ort'] as const).flatMap((executor) =>
  gptqCases('keep').map((reference) => ({ executor, reference, name: reference.name })),
);
withGpu('GPTQ on a GPU', () => {
  // ONNX Runtime takes two minutes on a software GPU.
  const isQuick = ({ executor, name }: (typeof runs)[number]) =>
    executor === 'wgsl' && name === 'gptq-a-keep';
  const title = '$name gives the reference with $executor';
  test.each(runs.filter(isQuick))(title, givesReference, TIMEOUT);
  test.each(runs.filter((run) => !isQuick(run)))(
    title,
    { tags: ['slow'], timeout: TIMEOUT },
    givesReference,
  );

  test.each(['wgsl', 'ort'] as const)(
    'with LoRA, and layers that are streamed, $0 gives the logits of the CPU',
    { tags: ['slow'], timeout: TIMEOUT },
    async (executor) => {
      const form = { bits: 8, group: 32, actOrder: true, storesOneLess: false } as const;
      const pkg = await gptqPackage('tiny-a', form, 'keep');
      const rows = tokenRows(gptqCases('keep')[1]!.tokens);
      const logits = async (device: Backend, options: LoadOptions) => {
        const engine = await Engine.load(pkg, device, options);
        await engine.setAdapters([null, 'adapter']);
        const out = rowsOf(await engine.logits(rows));
        await engine.dispose();
        return out;
      };
      const expected = await logits(await openNodeBackend('wasm'), {});
      const options = { executor, precision: 'float32', resident: 1 } as const;
      const difference = largestDifference(await logits((await openTestGpu())!, options), expected);
      console.warn(`LoRA, streamed, ${executor}: ${difference.toExponential(1)}`);
      expect(difference).toBeLessThan(2e-4);
    },
  );

  test('products of int8 are refused by name', async () => {
    const form = { bits: 4, group: 32, actOrder: false, storesOneLess: true } as const;
    const pkg = await gptqPackage('tiny-a', form, 'keep');
    const options = { executor: 'wgsl', precision: 'int8' } as const;
    const error = await refusal(Engine.load(pkg, backend!, options));
    expect(error.message).toContain('GPTQ weights are not computed in int8');
  });

  async function givesReference({ executor, reference }: (typeof runs)[number]) {
    const directory = join(folder, `${reference.name}-${executor}`);
    await buildCase(reference, directory);
    const pkg = await ModelPackage.open(new NodeDirectory(directory));
    const options = { executor, precision: 'float32' } as const;
    const engine = await Engine.load(pkg, (await openTestGpu())!, options);
    await engine.setAdapter(null);
    const logits = rowsOf(await engine.logits(tokenRows(reference.tokens)), engine.labels);
    const difference = largestDifference(logits, reference.expected[0]![1]);
    console.warn(`${reference.name}, ${executor}: ${difference.toExponential(1)}`);
    expect(difference).toBeLessThan(1e-4);
    await engine.selfTest();
    await engine.dispose();
  }
});
