import { expect, test } from 'vitest';
import { openNodeBackend } from '../../../src/engine/device/backend-node.ts';
import { GraphBuilder, int, MICROSOFT } from '../../../src/engine/ort/onnx/builder.ts';
import { loadOrt } from '../../../src/engine/ort/runtime.ts';
import { dequantizeInt4, quantizeInt4 } from '../../../src/model/formats/int4.ts';
import { randomValues } from '../../../testing/checkpoints.ts';

const BLOCK = 32;

/** Squared error of rounding a block with the plain scale, which maps the value furthest from zero to code 0. */
function plainError(block: Float32Array): number {
  let extreme = 0;
  for (const value of block) if (Math.abs(value) > Math.abs(extreme)) extreme = value;
  const scale = Math.fround(extreme / -8);
  let error = 0;
  for (const value of block) {
    const code = scale === 0 ? 0 : Math.min(7, Math.max(-8, Math.round(value / scale)));
    error += (value - Math.fround(code * scale)) ** 2;
  }
  return error;
}

test('no block has a larger error than with the plain scale', () => {
  const values = randomValues(BLOCK * 2000, 0.05, 1);
  const restored = dequantizeInt4(quantizeInt4(values));
  let ours = 0;
  let plain = 0;
  for (let from = 0; from < values.length; from += BLOCK) {
    const block = values.subarray(from, from + BLOCK);
    let error = 0;
    for (const [i, value] of block.entries()) error += (value - restored[from + i]!) ** 2;
    const bound = plainError(block);
    expect(error).toBeLessThanOrEqual(bound * (1 + 1e-5));
    ours += error;
    plain += bound;
  }
  console.warn(`int4: squared error ${((100 * ours) / plain).toFixed(1)} % of the plain scale's`);
  expect(ours).toBeLessThan(0.95 * plain);
});

test('blocks of zeros and of one value are exact', () => {
  const values = new Float32Array(3 * BLOCK);
  values.fill(0.25, BLOCK, 2 * BLOCK);
  values.fill(-3, 2 * BLOCK);
  expect(dequantizeInt4(quantizeInt4(values))).toEqual(values);
});

test('MatMulNBits of ONNX Runtime computes with the values of dequantizeInt4', async () => {
  const [K, N, rows] = [96, 40, 5];
  const weights = quantizeInt4(randomValues(N * K, 0.1, 2));
  const g = new GraphBuilder('int4');
  const x = g.input('x', 'float32', [rows, K]);
  const codes = g.input('codes', 'uint8', [N, K / BLOCK, BLOCK / 2]);
  const scales = g.input('scales', 'float32', [(N * K) / BLOCK]);
  const attributes = { K: int(K), N: int(N), block_size: int(BLOCK), bits: int(4) };
  const y = g.node('MatMulNBits', [x, codes, scales], attributes, MICROSOFT);
  g.output('y', y, 'float32', [rows, N]);
  const ort = await loadOrt(await openNodeBackend('wasm'));
  const session = await ort.InferenceSession.create(g.build());
  const input = randomValues(rows * K, 1, 3);
  const result = await session.run({
    x: new ort.Tensor('float32', input, [rows, K]),
    codes: new ort.Tensor('uint8', weights.codes, [N, K / BLOCK, BLOCK / 2]),
    scales: new ort.Tensor('float32', weights.scales, [(N * K) / BLOCK]),
  });
  const dense = dequantizeInt4(weights);
  for (let r = 0; r < rows; r += 1) {
    for (let n = 0; n < N; n += 1) {
      let sum = 0;
      for (let k = 0; k < K; k += 1) sum += input[r * K + k]! * dense[n * K + k]!;
      expect(Math.abs((result.y!.data[r * N + n] as number) - sum)).toBeLessThan(1e-4);
    }
  }
  await session.release();
});
