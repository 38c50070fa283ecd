import { expect, test } from 'vitest';
import { openNodeBackend } from '../../../src/engine/device/backend-node.ts';
import { GraphBuilder, int, MICROSOFT } from '../../../src/engine/ort/onnx/builder.ts';
import { loadOrt } from '../../../src/engine/ort/runtime.ts';
import { bnb4Values, openBnb4, readBnb4 } from '../../../src/model/bnb4.ts';
import { readValues } from '../../../src/model/checkpoint.ts';
import { parseConfig } from '../../../src/model/config.ts';
import {
  dequantizeScales,
  dynamicMap,
  quantizeScales,
} from '../../../src/model/formats/double-quant.ts';
import {
  type Bnb4Weights,
  dequantizeBnb4,
  FP4_VALUES,
  NF4_VALUES,
  quantizeNf4,
} from '../../../src/model/formats/nf4.ts';
import { LINEAR_NAMES, linearShape, modulePath } from '../../../src/model/layer.ts';
import { ModelPackage } from '../../../src/model/package.ts';
import { readSafetensors, tensorBytes } from '../../../src/model/safetensors.ts';
import { MemorySource } from '../../../src/storage/byte-source.ts';
import { readText } from '../../../src/storage/package-files.ts';
import {
  builtPackage,
  bytes,
  fixtureFiles,
  randomValues,
  refusal,
  safetensors,
} from '../../../testing/checkpoints.ts';

const MODELS = ['tiny-a', 'tiny-d'];

/** Names and shapes of all linear weights of a fixture. */
async function linears(model: string): Promise<{ name: string; shape: [number, number] }[]> {
  const config = parseConfig(await readText(fixtureFiles(`${model}/base`), 'config.json'));
  return Array.from({ length: config.numLayers }, (_, layer) =>
    LINEAR_NAMES.map((linear) => {
      const { K, N } = linearShape(config, linear);
      const shape: [number, number] = [N, K];
      return { name: `model.layers.${layer}.${modulePath(linear)}.weight`, shape };
    }),
  ).flat();
}

async function fixtureTensors(folder: string) {
  return readSafetensors(await fixtureFiles(folder).open('model.safetensors'));
}

test.each(MODELS)('%s: --quant keep keeps the codes of bitsandbytes bit for bit', async (model) => {
  const original = await fixtureTensors(`${model}/base-bnb-4bit`);
  const pkg = await ModelPackage.open(await builtPackage(`${model}/base-bnb-4bit`));
  for (const { name } of await linears(model)) {
    const ours = await tensorBytes(pkg.tensors.get(name)!);
    expect(Buffer.compare(ours, await tensorBytes(original.get(name)!)), name).toBe(0);
  }
});

test.each(MODELS)('%s: our NF4 of the bfloat16 weights is that of bitsandbytes', async (model) => {
  const dense = await fixtureTensors(`${model}/base`);
  const bnb = await fixtureTensors(`${model}/base-bnb-4bit`);
  let codes = 0;
  let differ = 0;
  let scale = 0;
  let nested = 0;
  for (const { name, shape } of await linears(model)) {
    const ours = quantizeNf4(await readValues(dense.get(name)!));
    const theirs = await readBnb4(await openBnb4(bnb, name, shape));
    codes += ours.codes.length * 2;
    for (const [i, pair] of ours.codes.entries()) {
      const other = theirs.codes[i]!;
      if (pair >> 4 !== other >> 4) differ += 1;
      if ((pair & 15) !== (other & 15)) differ += 1;
    }
    // bitsandbytes also quantises absmax, so our exact one differs by that error.
    for (const [i, absmax] of ours.absmax.entries()) {
      nested = Math.max(nested, Math.abs(absmax - theirs.absmax[i]!));
      scale = Math.max(scale, absmax);
    }
  }
  console.warn(
    `${model}: ${differ} of ${codes} codes differ; absmax differs by up to ${((100 * nested) / scale).toFixed(2)} % of the largest through double quantisation`,
  );
  expect(differ).toBe(0);
  expect(nested).toBeLessThan(0.02 * scale);
});

test.each(MODELS)(
  '%s: our double quantisation of absmax is that of bitsandbytes',
  async (model) => {
    const dense = await fixtureTensors(`${model}/base`);
    const bnb = await fixtureTensors(`${model}/base-bnb-4bit`);
    let differ = 0;
    let largest = 0;
    for (const { name, shape } of await linears(model)) {
      const nested = quantizeScales(quantizeNf4(await readValues(dense.get(name)!)).absmax);
      const codes = await tensorBytes(bnb.get(`${name}.absmax`)!);
      const map = await tensorBytes(bnb.get(`${name}.nested_quant_map`)!);
      expect(Buffer.compare(map, new Uint8Array(dynamicMap().buffer)), name).toBe(0);
      differ += nested.codes.filter((code, i) => code !== codes[i]).length;
      const theirs = await (await openBnb4(bnb, name, shape)).absmax();
      for (const [i, scale] of dequantizeScales(nested).entries()) {
        largest = Math.max(largest, Math.abs(scale - theirs[i]!) / theirs[i]!);
      }
    }
    console.warn(
      `${model}: ${differ} codes of absmax differ; reconstructed scales differ by ${largest.toExponential(1)} (their mean is summed in another order)`,
    );
    expect(differ).toBe(0);
    expect(largest).toBeLessThan(1e-6);
  },
);

test('codes are those of a search through the thresholds, beside each of them too', () => {
  // The thresholds are midpoints of neighbouring values, up to the rounding of bitsandbytes' literals.
  const middles = [...NF4_VALUES].slice(1).map((value, i) => (value + NF4_VALUES[i]!) / 2);
  const values = new Float32Array(64 * 64).fill(1);
  for (const [i, middle] of middles.entries()) {
    for (const [j, step] of [-1e-3, -1e-6, 1e-6, 1e-3].entries()) {
      values[64 * i + j] = middle + step;
    }
  }
  const { codes } = quantizeNf4(values);
  for (const i of middles.keys()) {
    const found = [0, 1, 2, 3].map((j) => (codes[32 * i + (j >> 1)]! >> (j % 2 ? 0 : 4)) & 15);
    expect(found).toEqual([i, i, i + 1, i + 1]);
  }
});

test('our own codes survive dequantising and quantising again', () => {
  const first = quantizeNf4(randomValues(64 * 200, 0.05, 1));
  expect(quantizeNf4(dequantizeBnb4(first))).toEqual(first);
});

test('each value goes to the nearest of the 16', () => {
  const values = randomValues(64 * 50, 0.05, 2);
  const { codes, absmax } = quantizeNf4(values);
  for (const [i, value] of values.entries()) {
    const scale = absmax[Math.floor(i / 64)]!;
    const code = i % 2 === 0 ? codes[i >> 1]! >> 4 : codes[i >> 1]! & 15;
    const best = Math.min(...[...NF4_VALUES].map((v) => Math.abs(v * scale - value)));
    expect(Math.abs(NF4_VALUES[code]! * scale - value)).toBeLessThanOrEqual(best + 1e-7 * scale);
  }
});

test('blocks of zeros, and of values too small for their reciprocal, stay near zero', () => {
  const values = new Float32Array(128);
  values[64] = 1e-44;
  const weights = quantizeNf4(values);
  expect(weights.absmax[0]).toBe(0);
  expect([...dequantizeBnb4(weights)].every((value) => Math.abs(value) <= 1e-44)).toBe(true);
});

test.each([
  ['NF4', NF4_VALUES, 1],
  ['FP4', FP4_VALUES, 0],
] as const)('MatMulBnb4 of ONNX Runtime computes with our %s values', async (_, values, type) => {
  const [K, N, rows] = [128, 48, 5];
  const { absmax } = quantizeNf4(randomValues(N * K, 0.1, 3));
  const weights = { codes: Uint8Array.from({ length: (N * K) / 2 }, (_, i) => i * 37), absmax };
  const g = new GraphBuilder('bnb4');
  const x = g.input('x', 'float32', [rows, K]);
  const codes = g.input('codes', 'uint8', [(N * K) / 2]);
  const scales = g.input('absmax', 'float32', [(N * K) / 64]);
  const attributes = { K: int(K), N: int(N), block_size: int(64), quant_type: int(type) };
  g.output('y', g.node('MatMulBnb4', [x, codes, scales], attributes, MICROSOFT), 'float32', [
    rows,
    N,
  ]);
  const ort = await loadOrt(await openNodeBackend('wasm'));
  const session = await ort.InferenceSession.create(g.build());
  const input = randomValues(rows * K, 1, 4);
  const { y } = await session.run({
    x: new ort.Tensor('float32', input, [rows, K]),
    codes: new ort.Tensor('uint8', weights.codes, [(N * K) / 2]),
    absmax: new ort.Tensor('float32', weights.absmax, [(N * K) / 64]),
  });
  const dense = dequantizeBnb4(weights, values);
  for (let r = 0; r < rows; r += 1) {
    for (let n = 0; n < N; n += 1) {
      let sum = 0;
      for (let k = 0; k < K; k += 1) sum += input[r * K + k]! * dense[n * K + k]!;
      expect(Math.abs((y!.data[r * N + n] as number) - sum)).toBeLessThan(1e-4);
    }
  }
  await session.release();
});

/** A bitsandbytes layer `w` of shape [2, 64] with some tensors replaced or, with null, omitted. */
async function bnbLayer(
  changes: Record<string, { dtype: 'U8' | 'F32' | 'F16'; data: ArrayBufferView } | null> = {},
  state: Record<string, unknown> = {},
): Promise<Bnb4Weights> {
  const stateText = JSON.stringify({
    quant_type: 'nf4',
    blocksize: 64,
    shape: [2, 64],
    dtype: 'bfloat16',
    nested_blocksize: 256,
    nested_offset: 0.5,
    ...state,
  });
  const parts = {
    w: { dtype: 'U8', data: new Uint8Array(64).fill(0x7f) },
    'w.absmax': { dtype: 'U8', data: Uint8Array.of(0, 255) },
    'w.nested_absmax': { dtype: 'F32', data: Float32Array.of(2) },
    'w.nested_quant_map': {
      dtype: 'F32',
      data: Float32Array.from({ length: 256 }, (_, i) => i / 255),
    },
    'w.quant_state.bitsandbytes__nf4': { dtype: 'U8', data: bytes(stateText) },
    ...changes,
  } as const;
  const size = { U8: 1, F16: 2, F32: 4 };
  const file = safetensors(
    Object.entries(parts).flatMap(([name, part]) =>
      part === null
        ? []
        : [
            {
              name,
              dtype: part.dtype,
              shape: [part.data.byteLength / size[part.dtype]],
              data: part.data,
            },
          ],
    ),
  );
  const tensors = await readSafetensors(new MemorySource('file', file));
  return readBnb4(await openBnb4(tensors, 'w', [2, 64]));
}

test('double quantisation of absmax is undone', async () => {
  expect([...(await bnbLayer()).absmax]).toEqual([0.5, 2.5]);
});

test('an absmax that is not quantised stays unchanged', async () => {
  const absmax = { dtype: 'F32', data: Float32Array.of(3, 4) } as const;
  expect([...(await bnbLayer({ 'w.absmax': absmax })).absmax]).toEqual([3, 4]);
});

type Changes = Parameters<typeof bnbLayer>;

const refused: [string, string, ...Changes][] = [
  ['codes of another type than its name says', 'model/unsupported', {}, { quant_type: 'fp4' }],
  ['blocks of 128', 'model/unsupported', {}, { blocksize: 128 }],
  ['another shape', 'model/shape', {}, { shape: [64, 2] }],
  ['too few codes', 'model/shape', { w: { dtype: 'U8', data: new Uint8Array(63) } }],
  ['too few scales', 'model/shape', { 'w.absmax': { dtype: 'U8', data: Uint8Array.of(1) } }],
  [
    'too few float32 scales',
    'model/shape',
    { 'w.absmax': { dtype: 'F32', data: Float32Array.of(1) } },
  ],
  ['float16 scales', 'model/shape', { 'w.absmax': { dtype: 'F16', data: Uint16Array.of(1, 2) } }],
  [
    'a map of bytes',
    'model/shape',
    { 'w.nested_quant_map': { dtype: 'U8', data: new Uint8Array(255) } },
  ],
  ['no absmax', 'model/missing-tensor', { 'w.absmax': null }],
  ['no state', 'model/missing-tensor', { 'w.quant_state.bitsandbytes__nf4': null }],
  [
    'a state that is not JSON',
    'model/bnb-state',
    { 'w.quant_state.bitsandbytes__nf4': { dtype: 'U8', data: bytes('{') } },
  ],
];

test.each(refused)('a bitsandbytes layer with %s is refused: %s', async (_, code, ...changes) => {
  expect((await refusal(bnbLayer(...changes))).code).toBe(code);
});

test('FP4 is read as FP4', async () => {
  const state = bytes('{"quant_type":"fp4","blocksize":64,"shape":[2,64]}');
  const file = safetensors([
    { name: 'w', dtype: 'U8', shape: [64], data: new Uint8Array(64).fill(0x3c) },
    { name: 'w.absmax', dtype: 'F32', shape: [2], data: Float32Array.of(1, 3) },
    {
      name: 'w.quant_state.bitsandbytes__fp4',
      dtype: 'U8',
      shape: [state.length],
      data: state,
    },
  ]);
  const tensors = await readSafetensors(new MemorySource('file', file));
  const linear = await openBnb4(tensors, 'w', [2, 64]);
  expect(linear.type).toBe('fp4');
  const values = await bnb4Values(linear);
  expect([...values.subarray(62, 66)]).toEqual([1, Math.fround(-1 / 3), 3, -1]);
});
