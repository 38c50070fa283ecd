import { expect, test } from 'vitest';
import { openNodeBackend } from '../../src/engine/backend-node.ts';
import { readValues } from '../../src/model/checkpoint.ts';
import { LINEAR_NAMES, linearShape, modulePath, parseConfig } from '../../src/model/config.ts';
import {
  dequantizeNf4,
  NF4_VALUES,
  type Nf4Weights,
  quantizeNf4,
  readBnbNf4,
} from '../../src/model/nf4.ts';
import { GraphBuilder, int, MICROSOFT } from '../../src/model/onnx/builder.ts';
import { ModelPackage } from '../../src/model/package.ts';
import { readSafetensors, tensorBytes } from '../../src/model/safetensors.ts';
import { MemorySource } from '../../src/storage/byte-source.ts';
import { readText } from '../../src/storage/package-files.ts';
import {
  builtPackage,
  bytes,
  fixtureFiles,
  randomValues,
  refusal,
  safetensors,
} from './helpers.ts';

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
    const theirs = await readBnbNf4(bnb, name, shape);
    codes += ours.codes.length * 2;
    for (const [i, pair] of ours.codes.entries()) {
      const other = theirs.codes[i]!;
      if (pair >> 4 !== other >> 4) differ += 1;
      if ((pair & 15) !== (other & 15)) differ += 1;
    }
    // bitsandbytes quantises absmax too, so ours, which is exact, differs by that error.
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

test('our own codes survive dequantising and quantising again', () => {
  const first = quantizeNf4(randomValues(64 * 200, 0.05, 1));
  expect(quantizeNf4(dequantizeNf4(first))).toEqual(first);
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
  expect([...dequantizeNf4(weights)].every((value) => Math.abs(value) <= 1e-44)).toBe(true);
});

test('MatMulBnb4 of ONNX Runtime computes with the values of dequantizeNf4', async () => {
  const [K, N, rows] = [128, 48, 5];
  const weights = quantizeNf4(randomValues(N * K, 0.1, 3));
  const g = new GraphBuilder('nf4');
  const x = g.input('x', 'float32', [rows, K]);
  const codes = g.input('codes', 'uint8', [(N * K) / 2]);
  const absmax = g.input('absmax', 'float32', [(N * K) / 64]);
  const attributes = { K: int(K), N: int(N), block_size: int(64), quant_type: int(1) };
  g.output('y', g.node('MatMulBnb4', [x, codes, absmax], attributes, MICROSOFT), 'float32', [
    rows,
    N,
  ]);
  const { ort } = await openNodeBackend('wasm');
  const session = await ort.InferenceSession.create(g.build());
  const input = randomValues(rows * K, 1, 4);
  const { y } = await session.run({
    x: new ort.Tensor('float32', input, [rows, K]),
    codes: new ort.Tensor('uint8', weights.codes, [(N * K) / 2]),
    absmax: new ort.Tensor('float32', weights.absmax, [(N * K) / 64]),
  });
  const dense = dequantizeNf4(weights);
  for (let r = 0; r < rows; r += 1) {
    for (let n = 0; n < N; n += 1) {
      let sum = 0;
      for (let k = 0; k < K; k += 1) sum += input[r * K + k]! * dense[n * K + k]!;
      expect(Math.abs((y!.data[r * N + n] as number) - sum)).toBeLessThan(1e-4);
    }
  }
  await session.release();
});

/** A bitsandbytes layer `w` of shape [2, 64] with some of its tensors replaced or, with null, left out. */
async function bnbLayer(
  changes: Record<string, { dtype: 'U8' | 'F32' | 'F16'; data: ArrayBufferView } | null> = {},
  state: Record<string, unknown> = {},
): Promise<Nf4Weights> {
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
  return readBnbNf4(await readSafetensors(new MemorySource('file', file)), 'w', [2, 64]);
}

test('double quantisation of absmax is undone', async () => {
  expect([...(await bnbLayer()).absmax]).toEqual([0.5, 2.5]);
});

test('an absmax that is not quantised is taken as it is', async () => {
  const absmax = { dtype: 'F32', data: Float32Array.of(3, 4) } as const;
  expect([...(await bnbLayer({ 'w.absmax': absmax })).absmax]).toEqual([3, 4]);
});

type Changes = Parameters<typeof bnbLayer>;

const refused: [string, string, ...Changes][] = [
  ['fp4 codes', 'model/unsupported', {}, { quant_type: 'fp4' }],
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

test('float4 files are named as such', async () => {
  const tensors = await readSafetensors(
    new MemorySource(
      'file',
      safetensors([
        { name: 'w', dtype: 'U8', shape: [64], data: new Uint8Array(64) },
        {
          name: 'w.quant_state.bitsandbytes__fp4',
          dtype: 'U8',
          shape: [50],
          data: bytes('{"quant_type":"fp4","blocksize":64,"shape":[2,64]}'),
        },
      ]),
    ),
  );
  const error = await refusal(readBnbNf4(tensors, 'w', [2, 64]));
  expect(error.message).toContain('fp4');
});
