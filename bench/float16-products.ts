/**
 * Measures the exactness of ONNX Runtime's WebGPU products, with and without `enableMatmulFp32Accumulation`: the
 * relative error of dense, NF4 and int4 products of Gemma-2-9B's shapes against float64, on a GPU host. No arguments.
 */

import type { Tensor } from 'onnxruntime-web';
import { openNodeBackend } from '../src/engine/device/backend-node.ts';
import { GraphBuilder, int, MICROSOFT } from '../src/engine/ort/onnx/builder.ts';
import type { Ort } from '../src/engine/ort/ort.ts';
import { loadOrt } from '../src/engine/ort/runtime.ts';
import { transpose } from '../src/model/arrays.ts';
import { encodeFloat16, fromFloat16 } from '../src/model/dtype.ts';
import { dequantizeInt4, quantizeInt4 } from '../src/model/formats/int4.ts';
import { dequantizeBnb4, quantizeNf4 } from '../src/model/formats/nf4.ts';
import { BLOCK_SIZE, type Precision } from '../src/model/formats/quantization.ts';
import { random } from '../testing/synthetic.ts';

type Kind = 'dense' | 'nf4' | 'int4';

const TOKENS = 512;
const SAMPLES = 400;
const SHAPES = [
  { name: 'q_proj', K: 3584, N: 4096 },
  { name: 'down_proj', K: 14336, N: 3584 },
];

const next = random(3);
const normal = () => (next() + next() + next() + next() - 2) * 1.73;
const toHalf = (values: Float32Array) => Float32Array.from(encodeFloat16(values), fromFloat16);

for (const { name, K, N } of SHAPES) {
  const x = toHalf(Float32Array.from({ length: TOKENS * K }, normal));
  const w = toHalf(Float32Array.from({ length: N * K }, () => 0.02 * normal()));
  for (const precision of ['float32', 'float16'] as const) {
    for (const accumulate of precision === 'float16' ? [true, false] : [true]) {
      const backend = await openNodeBackend('webgpu');
      if (backend.device !== 'webgpu') throw new Error('no WebGPU');
      const ort = await loadOrt(backend);
      for (const kind of ['dense', 'nf4', 'int4'] as const) {
        const { graph, feeds, exact } = product(ort, kind, precision, { x, w, K, N });
        const session = await ort.InferenceSession.create(graph, {
          executionProviders: [
            {
              name: 'webgpu',
              device: backend.gpuDevice,
              enableMatmulFp32Accumulation: accumulate,
            } as { name: 'webgpu' },
          ],
        });
        const { y } = await session.run(feeds);
        const error = relativeError(y!.data as Float32Array, x, exact, K, N);
        process.stdout.write(
          `${name} ${K} x ${N}, ${kind}, ${precision}, enableMatmulFp32Accumulation ${accumulate}: relative error ${error.toExponential(1)}\n`,
        );
        await session.release();
      }
      backend.close();
    }
  }
}
process.exit(0);

function product(
  ort: Ort,
  kind: Kind,
  precision: Precision,
  { x, w, K, N }: { x: Float32Array; w: Float32Array; K: number; N: number },
) {
  const g = new GraphBuilder('product');
  const input = g.input('x', precision, [TOKENS, K]);
  const real = (values: Float32Array, dims: number[]): Tensor =>
    precision === 'float16'
      ? new ort.Tensor('float16', encodeFloat16(values), dims)
      : new ort.Tensor('float32', values, dims);
  const feeds: Record<string, Tensor> = { x: real(x, [TOKENS, K]) };
  let y: ReturnType<typeof g.node>;
  let exact = w;
  if (kind === 'dense') {
    feeds.w = real(transpose(w, N, K), [K, N]);
    y = g.node('MatMul', [input, g.input('w', precision, [K, N])]);
  } else if (kind === 'nf4') {
    const weights = quantizeNf4(w);
    exact = dequantizeBnb4(weights);
    feeds.w = new ort.Tensor('uint8', weights.codes, [weights.codes.length]);
    feeds.scales = real(weights.absmax, [weights.absmax.length]);
    y = g.node(
      'MatMulBnb4',
      [
        input,
        g.input('w', 'uint8', [weights.codes.length]),
        g.input('scales', precision, [weights.absmax.length]),
      ],
      { K: int(K), N: int(N), block_size: int(BLOCK_SIZE.nf4), quant_type: int(1) },
      MICROSOFT,
    );
  } else {
    const weights = quantizeInt4(w);
    exact = dequantizeInt4(weights);
    const dims = [N, K / BLOCK_SIZE.int4, BLOCK_SIZE.int4 / 2];
    feeds.w = new ort.Tensor('uint8', weights.codes, dims);
    feeds.scales = real(weights.scales, [weights.scales.length]);
    y = g.node(
      'MatMulNBits',
      [input, g.input('w', 'uint8', dims), g.input('scales', precision, [weights.scales.length])],
      { K: int(K), N: int(N), block_size: int(BLOCK_SIZE.int4), bits: int(4) },
      MICROSOFT,
    );
  }
  g.output('y', precision === 'float16' ? g.cast(y, 'float32') : y, 'float32', [TOKENS, N]);
  return { graph: g.build(), feeds, exact };
}

/** Root mean square of the error divided by that of the values, at sampled positions. */
function relativeError(
  y: Float32Array,
  x: Float32Array,
  w: Float32Array,
  K: number,
  N: number,
): number {
  let error = 0;
  let norm = 0;
  for (let s = 0; s < SAMPLES; s += 1) {
    const m = Math.floor(next() * TOKENS);
    const n = Math.floor(next() * N);
    let sum = 0;
    for (let k = 0; k < K; k += 1) sum += x[m * K + k]! * w[n * K + k]!;
    error += (y[m * N + n]! - sum) ** 2;
    norm += sum ** 2;
  }
  return Math.sqrt(error / norm);
}
