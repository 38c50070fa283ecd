import { describe, expect, test } from 'vitest';
import { BLOCK_WORDS, type PackedBatch, packBatch } from '../../../src/engine/wgsl/batch.ts';
import type { ActivationLayout } from '../../../src/engine/wgsl/kernels/activations.ts';
import {
  type AttentionShape,
  attentionKernel,
  attentionTiles,
  queriesPerBlock,
} from '../../../src/engine/wgsl/kernels/attention.ts';
import { gatedKernel } from '../../../src/engine/wgsl/kernels/gated.ts';
import { headKernel, pickKernel } from '../../../src/engine/wgsl/kernels/head.ts';
import { headLayerKernel } from '../../../src/engine/wgsl/kernels/head-layer.ts';
import {
  INT8_BLOCK,
  quantizeGroups,
  quantizeKernel,
  unpackInt8Groups,
  unpackInt8Kernel,
  wholeLevels,
} from '../../../src/engine/wgsl/kernels/int8.ts';
import { int8ProductKernel } from '../../../src/engine/wgsl/kernels/int8-product.ts';
import type { Kernel } from '../../../src/engine/wgsl/kernels/kernel.ts';
import { normKernel } from '../../../src/engine/wgsl/kernels/norm.ts';
import {
  type ProductShape,
  productGroups,
  productKernel,
} from '../../../src/engine/wgsl/kernels/product.ts';
import {
  normedRotaryGroups,
  normedRotaryKernel,
  rotaryGroups,
  rotaryKernel,
} from '../../../src/engine/wgsl/kernels/rotary.ts';
import {
  arrangedBytes,
  arrangeGroups,
  arrangeKernel,
  queriesPerTile,
  subgroupAttentionKernel,
} from '../../../src/engine/wgsl/kernels/subgroup-attention.ts';
import {
  subgroupGroups,
  subgroupProductKernel,
  unpackGroups,
  unpackKernel,
} from '../../../src/engine/wgsl/kernels/subgroup-product.ts';
import { NARROW_TILE } from '../../../src/engine/wgsl/variant.ts';
import { encodeFloat16 } from '../../../src/model/dtype.ts';
import { FP4_VALUES, NF4_VALUES } from '../../../src/model/formats/nf4.ts';
import { BLOCK_SIZE, type FixedFormat } from '../../../src/model/formats/quantization.ts';
import { DEFINITIONS } from '../../../testing/heads.ts';
import { random } from '../../../testing/synthetic.ts';
import { withoutHalves, withoutMatrices } from '../../../testing/wgsl/emulate.ts';
import { sharedTestGpu } from '../../../testing/wgsl/gpu.ts';
import { lay, runKernel, unlay } from '../../../testing/wgsl/run-kernel.ts';

const TIMEOUT = 120_000; // software devices compile slowly
const backend = await sharedTestGpu();
const LAYOUTS: ActivationLayout[] = ['f32', 'f16', 'f16-packed'];
const next = random(5);
/** Values that float16 holds exactly. */
const values = (count: number, scale = 1) =>
  Float32Array.from({ length: count }, () => (Math.round((next() - 0.5) * 512) / 256) * scale);

/** Largest difference, relative to the largest magnitude. */
function difference(actual: ArrayLike<number>, expected: ArrayLike<number>): number {
  let worst = 0;
  let largest = 0;
  for (let i = 0; i < expected.length; i += 1) {
    const off = Math.abs(actual[i]! - expected[i]!);
    if (!(off <= worst)) worst = Number.isNaN(off) ? Infinity : off;
    largest = Math.max(largest, Math.abs(expected[i]!));
  }
  return worst / largest;
}

/** Attention of packed rows, scores times 0.5. */
function attention(of: {
  q: Float32Array;
  k: Float32Array;
  v: Float32Array;
  batch: PackedBatch;
  heads: number;
  keyValueHeads: number;
  D: number;
  softCap: number | null;
  window: number;
}): Float64Array {
  const { q, k, v, batch, heads, keyValueHeads, D, softCap, window } = of;
  const expected = new Float64Array(batch.tokens * heads * D);
  for (let t = 0; t < batch.tokens; t += 1) {
    const position = batch.positions[t]!;
    const first = t - Math.min(position, window - 1);
    for (let h = 0; h < heads; h += 1) {
      const kv = Math.floor(h / (heads / keyValueHeads));
      const scores: number[] = [];
      for (let s = first; s <= t; s += 1) {
        let dot = 0;
        for (let d = 0; d < D; d += 1) {
          dot += q[(t * heads + h) * D + d]! * k[(s * keyValueHeads + kv) * D + d]!;
        }
        dot *= 0.5;
        scores.push(softCap === null ? dot : softCap * Math.tanh(dot / softCap));
      }
      const most = Math.max(...scores);
      const weights = scores.map((score) => Math.exp(score - most));
      const sum = weights.reduce((a, b) => a + b);
      for (let d = 0; d < D; d += 1) {
        let out = 0;
        for (const [i, weight] of weights.entries()) {
          out += (weight / sum) * v[((first + i) * keyValueHeads + kv) * D + d]!;
        }
        expected[(t * heads + h) * D + d] = out;
      }
    }
  }
  return expected;
}

/** 4-bit weights [N, K] and their values. */
function quantized(quantization: FixedFormat, N: number, K: number) {
  const codes = Uint8Array.from({ length: (N * K) / 2 }, () => next() * 256);
  const block = BLOCK_SIZE[quantization];
  const scales = values((N * K) / block, 0.5);
  const out = new Float32Array(N * K);
  for (let i = 0; i < N * K; i += 1) {
    const byte = codes[i >> 1]!;
    const [high, low] = [byte >> 4, byte & 15];
    const scale = scales[Math.floor(i / block)]!;
    if (quantization === 'int4') out[i] = ((i % 2 === 0 ? low : high) - 8) * scale;
    else
      out[i] =
        (quantization === 'nf4' ? NF4_VALUES : FP4_VALUES)[i % 2 === 0 ? high : low]! * scale;
  }
  return { codes, scales, values: out };
}

/** The product in float64, [M, N]: x [M, K] times weights, plus an addend for each element. */
function product(
  M: number,
  N: number,
  K: number,
  x: Float32Array,
  weight: (n: number, k: number) => number,
  more: (m: number, n: number) => number,
): Float64Array {
  const out = new Float64Array(M * N);
  for (let m = 0; m < M; m += 1) {
    for (let n = 0; n < N; n += 1) {
      let sum = more(m, n);
      for (let k = 0; k < K; k += 1) sum += x[m * K + k]! * weight(n, k);
      out[m * N + n] = sum;
    }
  }
  return out;
}

describe.skipIf(backend === null)('kernels in float32', () => {
  const gpu = backend!;

  test.each([
    { arithmetic: 'f32', weights: 'none', input: 'f32', K: 72, N: 40, lora: true },
    { arithmetic: 'f32', weights: 'nf4', input: 'f32', K: 64, N: 72, lora: true },
    { arithmetic: 'f32', weights: 'fp4', input: 'f16', K: 64, N: 40, lora: false },
    { arithmetic: 'f32', weights: 'int4', input: 'f16-packed', K: 96, N: 24, lora: false },
    { arithmetic: 'f16', weights: 'nf4', input: 'f16', K: 72, N: 40, lora: true },
    { arithmetic: 'f16', weights: 'f16-packed', input: 'f16', K: 96, N: 40, lora: true },
  ] as const)(
    'product $K x $N of $weights and $input, $arithmetic, LoRA and bias $lora',
    async ({ arithmetic, weights, input, K, N, lora }) => {
      const [M, rank, stride, start] = [37, 3, 5, 2];
      const shape: ProductShape = {
        K,
        N,
        weights,
        input,
        lora,
        bias: lora,
        arithmetic,
        // Neither size is a multiple of the tile.
        tile: arithmetic === 'f16' ? { ...NARROW_TILE, stepK: 64 } : NARROW_TILE,
      };
      const x = values(M * K);
      const low = values(64 * stride);
      const B = values(rank * N);
      const bias = values(N);
      const dense = values(K * N);
      const unpacked = weights === 'f16-packed';
      const four = weights === 'none' || unpacked ? null : quantized(weights, N, K);
      const weight = (n: number, k: number) =>
        four ? four.values[n * K + k]! : dense[unpacked ? n * K + k : k * N + n]!;
      const rows = new Float32Array(64 * K);
      if (unpacked) rows.set(dense);
      const expected = product(M, N, K, x, weight, (m, n) => {
        let sum = 0;
        for (let r = 0; lora && r < rank; r += 1) {
          sum += low[m * stride + start + r]! * B[r * N + n]!;
        }
        return lora ? sum + bias[n]! : sum;
      });
      const padded = new Float32Array(64 * K);
      padded.set(x);
      const out = await runKernel(
        gpu,
        withoutHalves(productKernel(shape)),
        [
          lay(input, padded, 64, K, encodeFloat16),
          ...(four ? [four.codes, four.scales] : []),
          ...(unpacked ? [lay(weights, rows, 64, K, encodeFloat16)] : []),
          ...(weights === 'none' ? [dense] : []),
          ...(lora ? [low, B, bias] : []),
          64 * N * 4,
        ],
        [M, stride, start, rank],
        productGroups(shape, M),
        (four ? 3 : 2) + (lora ? 3 : 0),
      );
      // Here only the weights are float16.
      expect(difference(out, expected)).toBeLessThan(arithmetic === 'f16' ? 1e-3 : 1e-5);
    },
    TIMEOUT,
  );

  test.each([
    { weights: 'nf4', M: 37, K: 192, N: 40, lora: true },
    { weights: 'fp4', M: 3, K: 64, N: 72, lora: false },
    { weights: 'int4', M: 33, K: 96, N: 24, lora: true },
  ] as const)(
    'product of int8, $M x $K x $N of $weights, LoRA and bias $lora',
    async ({ weights, M, K, N, lora }) => {
      const [padded, rank, stride, start] = [64, 3, 5, 2];
      const tile = { ...NARROW_TILE, stepK: 64 };
      const x = new Float32Array(padded * K);
      x.set(values(M * K));
      // An outlier costs precision in its own block only; a block of zeros stays zero.
      x[5] = 900;
      x.fill(0, 32, 64);
      const four = quantized(weights, N, K);
      const quantize = (wanted: number) =>
        runKernel(
          gpu,
          quantizeKernel(K, padded),
          [lay('f16', x, padded, K, encodeFloat16), padded * K, (padded * K * 4) / INT8_BLOCK],
          [M],
          quantizeGroups(M, K),
          wanted,
        );
      const codes = new Uint8Array((await quantize(1)).buffer);
      const scales = await quantize(2);
      const whole = new Int8Array(codes.buffer);
      const rounded = Float32Array.from({ length: M * K }, (_, i) => {
        const [m, k] = [Math.floor(i / K), i % K];
        return whole[i]! * scales[Math.floor(k / INT8_BLOCK) * padded + m]!;
      });
      for (let block = 0; block < M * K; block += INT8_BLOCK) {
        const part = x.subarray(block, block + INT8_BLOCK);
        const largest = Math.max(...part.map(Math.abs));
        const off = Math.max(...part.map((value, i) => Math.abs(value - rounded[block + i]!)));
        expect(off).toBeLessThanOrEqual((largest / 254) * 1.001);
      }
      const unpacked = await runKernel(
        gpu,
        unpackInt8Kernel(K, N, weights),
        [four.codes, N * K],
        [],
        unpackInt8Groups(K, N),
        1,
      );
      const { factor } = wholeLevels(weights);
      const block = BLOCK_SIZE[weights];
      const levels = new Int8Array(unpacked.buffer);
      const weight = (n: number, k: number) =>
        (levels[n * K + k]! / factor) * four.scales[Math.floor((n * K + k) / block)]!;
      // Relative to a block's scale, which may be 0.
      const allowed = weights === 'int4' ? 1e-6 : 0.5 / factor;
      for (let i = 0; i < N * K; i += 1) {
        const off = Math.abs(weight(Math.floor(i / K), i % K) - four.values[i]!);
        if (!(off <= allowed * Math.abs(four.scales[Math.floor(i / block)]!))) {
          expect.fail(`weight ${i} is off by ${off}`);
        }
      }
      const low = values(padded * stride);
      const B = values(rank * N);
      const bias = values(N);
      const expected = product(M, N, K, rounded, weight, (m, n) => {
        let sum = 0;
        for (let r = 0; lora && r < rank; r += 1) {
          sum += low[m * stride + start + r]! * B[r * N + n]!;
        }
        return lora ? sum + bias[n]! : sum;
      });
      const shape = { K, N, weights, lora, bias: lora, tile };
      const out = await runKernel(
        gpu,
        int8ProductKernel(shape, padded),
        [
          codes,
          scales,
          new Uint8Array(unpacked.buffer),
          four.scales,
          ...(lora ? [low, B, bias] : []),
          padded * N * 4,
        ],
        [M, stride, start, rank],
        productGroups(shape, M),
        lora ? 7 : 4,
      );
      // With the same codes, rounding is that of float32.
      expect(difference(out.subarray(0, M * N), expected)).toBeLessThan(1e-5);
    },
    TIMEOUT,
  );

  test.each([true, false])(
    'product with emulated subgroup matrices, LoRA and bias %s',
    async (lora) => {
      const [M, K, N, rank, stride, start] = [137, 96, 136, 3, 5, 2];
      const [rowsM, rowsN] = [256, 256];
      const x = new Float32Array(rowsM * K);
      x.set(values(M * K));
      const w = new Float32Array(rowsN * K);
      w.set(values(N * K));
      const [low, B, bias] = [values(rowsM * stride), values(rank * N), values(N)];
      const expected = product(
        M,
        N,
        K,
        x,
        (n, k) => w[n * K + k]!,
        (m, n) => {
          let sum = 0;
          for (let r = 0; lora && r < rank; r += 1) {
            sum += low[m * stride + start + r]! * B[r * N + n]!;
          }
          return lora ? sum + bias[n]! : sum;
        },
      );
      const out = await runKernel(
        gpu,
        withoutMatrices(subgroupProductKernel(K, N, lora, lora)),
        [
          lay('f16-packed', x, rowsM, K, encodeFloat16),
          lay('f16-packed', w, rowsN, K, encodeFloat16),
          ...(lora ? [low, B, bias] : []),
          rowsM * N * 4,
        ],
        [M, stride, start, rank],
        subgroupGroups(N, M),
        lora ? 5 : 2,
      );
      expect(difference(out, expected)).toBeLessThan(1e-5);
    },
    TIMEOUT,
  );

  test.each([
    ...LAYOUTS.map((output) => ({ output, unnormed: false })),
    { output: 'f16', unnormed: true },
  ] as const)(
    'norm after an addition, to $output, of an output as it is: $unnormed',
    async ({ output, unnormed }) => {
      const [M, H, epsilon] = [5, 64, 1e-6];
      const [residual, y, a, w] = [values(M * H), values(M * H), values(H), values(H)];
      const scale = Float32Array.of(1, 0.5, 0.25, 1, 2);
      const sum = new Float64Array(M * H);
      const normed = new Float64Array(M * H);
      const rms = (x: ArrayLike<number>, m: number, factor: number) => {
        let squares = 0;
        for (let i = 0; i < H; i += 1) squares += (x[m * H + i]! * factor) ** 2;
        return factor / Math.sqrt(squares / H + epsilon);
      };
      for (let m = 0; m < M; m += 1) {
        const f = rms(y, m, 1 / scale[m]!);
        for (let i = 0; i < H; i += 1) {
          const factor = unnormed ? 1 / scale[m]! : f * a[i]!;
          sum[m * H + i] = residual[m * H + i]! + y[m * H + i]! * factor;
        }
        const g = rms(sum, m, 1);
        for (let i = 0; i < H; i += 1) normed[m * H + i] = sum[m * H + i]! * g * w[i]!;
      }
      const kernel = normKernel({ H, epsilon, add: 'scaled', unnormed, output });
      const inputs = [residual, y, ...(unnormed ? [] : [a]), scale, w, 8 * H * 4];
      const out = await runKernel(gpu, kernel, inputs, [M], M, unnormed ? 4 : 5);
      expect(difference(unlay(output, out, M, H), normed)).toBeLessThan(
        output === 'f32' ? 1e-5 : 1e-3,
      );
      expect(difference(await runKernel(gpu, kernel, inputs, [M], M, 0), sum)).toBeLessThan(1e-5);
    },
    TIMEOUT,
  );

  test.each([
    ...LAYOUTS.map((output) => ({ output, activation: 'gelu-tanh' as const })),
    { output: 'f32', activation: 'silu' },
  ] as const)(
    '$activation of gate times up, to $output',
    async ({ output, activation }) => {
      const [M, I] = [3, 96];
      // Far beyond float16's range.
      const [gate, up] = [values(M * I, 4000), values(M * I, 4000)];
      const expected = gate.map((x, i) => {
        if (activation === 'silu') return (x / (1 + Math.exp(-x))) * up[i]!;
        const t = Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x ** 3));
        return 0.5 * x * (1 + t) * up[i]!;
      });
      const inputs = [gate, up, 8 * I * 4, ...(output === 'f32' ? [] : [16])];
      const out = await runKernel(gpu, gatedKernel(activation, I, output), inputs, [M], M, 2);
      const scales =
        output === 'f32'
          ? [1, 1, 1]
          : await runKernel(gpu, gatedKernel(activation, I, output), inputs, [M], M, 3);
      const actual = unlay(output, out, M, I).map((x, i) => x / scales[Math.floor(i / I)]!);
      expect(difference(actual, expected)).toBeLessThan(output === 'f32' ? 1e-5 : 1e-3);
    },
    TIMEOUT,
  );

  test.each([false, true])(
    'rotary, heads normed first: %s',
    async (normed) => {
      const [M, heads, D, epsilon] = [5, 3, 8, 1e-6];
      const [x, weight] = [values(M * heads * D), values(D)];
      const positions = Uint32Array.of(0, 1, 2, 0, 1);
      const [cos, sin] = [values(3 * 4), values(3 * 4)];
      const rows = Float64Array.from(x);
      for (let first = 0; normed && first < rows.length; first += D) {
        const head = x.subarray(first, first + D);
        const rms = Math.sqrt(head.reduce((sum, value) => sum + value ** 2, 0) / D + epsilon);
        rows.set(
          Float64Array.from(head, (value, d) => (value / rms) * weight[d]!),
          first,
        );
      }
      const expected = rows.slice();
      for (let m = 0; m < M; m += 1) {
        for (let h = 0; h < heads; h += 1) {
          for (let d = 0; d < 4; d += 1) {
            const i = (m * heads + h) * D + d;
            const [c, s] = [cos[positions[m]! * 4 + d]!, sin[positions[m]! * 4 + d]!];
            expected[i] = rows[i]! * c - rows[i + 4]! * s;
            expected[i + 4] = rows[i + 4]! * c + rows[i]! * s;
          }
        }
      }
      const out = normed
        ? await runKernel(
            gpu,
            normedRotaryKernel(heads, D, epsilon),
            [x, weight, cos, sin, positions],
            [M],
            normedRotaryGroups(heads, M),
            0,
          )
        : await runKernel(
            gpu,
            rotaryKernel(heads, D),
            [x, cos, sin, positions],
            [M],
            rotaryGroups(heads, D, M),
            0,
          );
      expect(difference(out, expected)).toBeLessThan(1e-5);
    },
    TIMEOUT,
  );

  test.each([
    { heads: 4, keyValueHeads: 2, headDim: 16, softCap: 2, window: 2 ** 30, output: 'f32' },
    { heads: 3, keyValueHeads: 1, headDim: 24, softCap: null, window: 7, output: 'f16' },
    { heads: 4, keyValueHeads: 4, headDim: 72, softCap: 50, window: 16, output: 'f16-packed' },
  ] as const)(
    'attention, $heads heads of $headDim on $keyValueHeads, window $window, to $output',
    async ({ heads, keyValueHeads, headDim: D, softCap, window, output }) => {
      const tile = attentionTiles(D, gpu.gpuDevice.limits, true)[0]!;
      const shape: AttentionShape = {
        heads,
        keyValueHeads,
        headDim: D,
        scale: 0.5,
        softCap,
        output,
        tile,
      };
      const lengths = [23, 1, 40];
      const batch = packBatch(
        lengths.map((length) => new Int32Array(length)),
        { queriesPerBlock: queriesPerBlock(shape), share: false },
      );
      const T = batch.tokens;
      const q = values(T * heads * D, 2);
      const [k, v] = [values(T * keyValueHeads * D, 2), values(T * keyValueHeads * D)];
      const expected = attention({ q, k, v, batch, heads, keyValueHeads, D, softCap, window });
      const blocks = batch.blocks.length / BLOCK_WORDS;
      const out = await runKernel(
        gpu,
        attentionKernel(shape),
        [q, k, v, batch.blocks, (T + 8) * heads * D * 4],
        [blocks, window],
        blocks * keyValueHeads,
        4,
      );
      expect(difference(unlay(output, out, T, heads * D), expected)).toBeLessThan(
        output === 'f32' ? 1e-5 : 1e-3,
      );
    },
    TIMEOUT,
  );

  test.each([
    { way: 'direct', heads: 2, softCap: 50, window: 2 ** 30, growth: 0 },
    { way: 'staged', heads: 2, softCap: 50, window: 2 ** 30, growth: 0 },
    { way: 'staged', heads: 4, softCap: null, window: 30, growth: 0.03 },
  ] as const)(
    'attention with emulated subgroup matrices, $way, $heads heads on one, window $window',
    async ({ way, heads, softCap, window, growth }) => {
      const [keyValueHeads, D] = [1, 128];
      const shape = { heads, keyValueHeads, headDim: D, scale: 0.5, softCap };
      const lengths = [70, 1, 150];
      const batch = packBatch(
        lengths.map((length) => new Int32Array(length)),
        { queriesPerBlock: 64, queriesPerTile: queriesPerTile(shape), share: false },
      );
      const T = batch.tokens;
      const q = values(T * heads * D, 4);
      const [k, v] = [values(T * keyValueHeads * D), values(T * keyValueHeads * D)];
      // Scores that increase along a row raise the running maximum.
      for (let t = 0; t < T; t += 1) {
        for (let d = 0; d < keyValueHeads * D; d += 1) {
          k[t * keyValueHeads * D + d]! *= 1 + Math.round(growth * batch.positions[t]!);
        }
      }
      const { source, blocks } = batch.tiled!;
      const { cos, sin } = {
        cos: new Float32Array((150 * D) / 2).fill(1),
        sin: new Float32Array((150 * D) / 2),
      };
      const arranged = (x: Float32Array, count: number) =>
        runKernel(
          gpu,
          arrangeKernel(count, D, true),
          [x, cos, sin, source, batch.positions, arrangedBytes(source.length, count, D)],
          [],
          arrangeGroups(source.length, count, D),
          5,
        );
      const out = await runKernel(
        gpu,
        withoutMatrices(subgroupAttentionKernel(shape, way)),
        [
          await arranged(q, heads),
          await arranged(k, keyValueHeads),
          await arranged(v, keyValueHeads),
          blocks,
          (T + 8) * heads * D * 2,
        ],
        [blocks.length / BLOCK_WORDS, window],
        (blocks.length / BLOCK_WORDS) * keyValueHeads,
        4,
      );
      const expected = attention({ q, k, v, batch, heads, keyValueHeads, D, softCap, window });
      expect(difference(unlay('f16-packed', out, T, heads * D), expected)).toBeLessThan(2e-3);
    },
    TIMEOUT,
  );

  test.each(['plain', 'direct', 'staged'] as const)(
    '%s attention to keys that rows share; the latter with emulated subgroup matrices',
    async (kind) => {
      const [heads, keyValueHeads, D] = [2, 1, 128];
      const common = { heads, keyValueHeads, headDim: D, scale: 0.5, softCap: 50 };
      const tile = attentionTiles(D, gpu.gpuDevice.limits, true)[0]!;
      const shape: AttentionShape = { ...common, output: 'f16-packed', tile };
      const row = (same: number, length: number, other: number) =>
        Int32Array.from({ length }, (_, i) => (i < same ? i : other));
      const rows = [row(100, 150, 1001), row(0, 20, 1002), row(70, 90, 1003), row(33, 34, 1004)];
      const options = {
        queriesPerBlock: queriesPerBlock(shape),
        queriesPerTile: queriesPerTile(shape),
      };
      const batch = packBatch(rows, options);
      // The row of 90 tokens shares 64 with the first, that of 34 shares 32.
      expect(batch.tokens).toBe(150 + 20 + 26 + 2);
      const T = batch.tokens;
      const q = values(T * heads * D, 2);
      const [k, v] = [values(T * keyValueHeads * D, 2), values(T * keyValueHeads * D)];
      // The position of each token if nothing is shared.
      const places = [
        ...Array.from({ length: 150 }, (_, i) => i),
        ...Array.from({ length: 20 }, (_, i) => 150 + i),
        ...Array.from({ length: 90 }, (_, i) => (i < 64 ? i : 170 + i - 64)),
        ...Array.from({ length: 34 }, (_, i) => (i < 32 ? i : 196 + i - 32)),
      ];
      const spread = (x: Float32Array, width: number) => {
        const out = new Float32Array(places.length * width);
        for (const [i, from] of places.entries()) {
          out.set(x.subarray(from * width, (from + 1) * width), i * width);
        }
        return out;
      };
      const whole = attention({
        q: spread(q, heads * D),
        k: spread(k, keyValueHeads * D),
        v: spread(v, keyValueHeads * D),
        batch: packBatch(rows, { ...options, share: false }),
        heads,
        keyValueHeads,
        D,
        softCap: 50,
        window: 2 ** 30,
      });
      const expected = new Float64Array(T * heads * D);
      for (const [i, to] of places.entries()) {
        expected.set(whole.subarray(i * heads * D, (i + 1) * heads * D), to * heads * D);
      }
      const bytes = (T + 8) * heads * D * 2;
      const run = (
        kernel: Kernel,
        inputs: Parameters<typeof runKernel>[2],
        blocks: Uint32Array,
      ) => {
        const count = blocks.length / BLOCK_WORDS;
        const parameters = [count, 2 ** 30];
        return runKernel(
          gpu,
          kernel,
          [...inputs, blocks, bytes],
          parameters,
          count * keyValueHeads,
          4,
        );
      };
      const { source, blocks } = batch.tiled!;
      const arranged = async (x: Float32Array, count: number) =>
        runKernel(
          gpu,
          arrangeKernel(count, D, false),
          [
            x,
            new Float32Array(4),
            new Float32Array(4),
            source,
            batch.positions,
            arrangedBytes(source.length, count, D),
          ],
          [],
          arrangeGroups(source.length, count, D),
          5,
        );
      const out =
        kind === 'plain'
          ? await run(attentionKernel(shape), [q, k, v], batch.blocks)
          : await run(
              withoutMatrices(subgroupAttentionKernel(common, kind)),
              [
                await arranged(q, heads),
                await arranged(k, keyValueHeads),
                await arranged(v, keyValueHeads),
              ],
              blocks,
            );
      expect(difference(unlay('f16-packed', out, T, heads * D), expected)).toBeLessThan(2e-3);
    },
    TIMEOUT,
  );

  test.each([1, 2, 3])(
    'rows picked, final norm and score head of %i labels',
    async (labels) => {
      const H = 40;
      const x = values(6 * H);
      const picked = await runKernel(
        gpu,
        pickKernel(H),
        [x, Uint32Array.of(5, 0, 3), 3 * H * 4],
        [3],
        3,
        2,
      );
      expect(picked.subarray(0, 3 * H)).toEqual(
        Float32Array.of(...x.subarray(5 * H), ...x.subarray(0, H), ...x.subarray(3 * H, 4 * H)),
      );
      const [norm, score] = [values(H), values(H * labels)];
      const expected = new Float64Array(3 * labels);
      for (let r = 0; r < 3; r += 1) {
        const row = picked.subarray(r * H, (r + 1) * H);
        const rms = Math.sqrt(row.reduce((sum, value) => sum + value * value, 0) / H + 1e-6);
        for (let c = 0; c < labels; c += 1) {
          row.forEach((value, i) => {
            expected[r * labels + c]! += (value / rms) * norm[i]! * score[i * labels + c]!;
          });
        }
      }
      const logits = await runKernel(
        gpu,
        headKernel(H, 1e-6, labels),
        [picked, norm, score, 12 * labels],
        [3],
        3,
        3,
      );
      expect(difference(logits, expected)).toBeLessThan(1e-5);
    },
    TIMEOUT,
  );

  test.each([
    ['normed, with ReLU', 1e-6, 'relu', true],
    ['with the exact GELU', null, 'gelu', false],
    ['with the GELU of tanh', null, 'gelu-tanh', true],
    ['without activation', null, null, true],
  ] as const)(
    'a layer of a wide head, %s',
    async (_, epsilon, activation, hasBias) => {
      const [R, K, N] = [3, 300, 7];
      const x = values(R * K);
      const [norm, weight, bias] = [values(K), values(N * K, 0.1), values(N)];
      const activate = activation === null ? (x: number) => x : DEFINITIONS[activation];
      const expected = Array.from({ length: R * N }, (_, id) => {
        const [r, n] = [Math.floor(id / N), id % N];
        const row = x.subarray(r * K, (r + 1) * K);
        const rms = Math.sqrt(row.reduce((sum, value) => sum + value * value, 0) / K + 1e-6);
        let sum = hasBias ? bias[n]! : 0;
        for (const [k, value] of row.entries()) {
          sum += (epsilon === null ? value : (value / rms) * norm[k]!) * weight[n * K + k]!;
        }
        return activate(sum);
      });
      const out = await runKernel(
        gpu,
        headLayerKernel({ K, N, epsilon, hasBias, activation }),
        [x, ...(epsilon === null ? [] : [norm]), weight, ...(hasBias ? [bias] : []), 4 * R * N],
        [R * N],
        R * N,
        2 + (epsilon === null ? 0 : 1) + (hasBias ? 1 : 0),
      );
      expect(difference(out, Float64Array.from(expected))).toBeLessThan(1e-5);
    },
    TIMEOUT,
  );

  test.each(['nf4', 'fp4', 'int4'] as const)(
    'unpacking %s',
    async (quantization) => {
      const [K, N] = [64, 24];
      const { codes, scales, values: expected } = quantized(quantization, N, K);
      const out = await runKernel(
        gpu,
        unpackKernel(K, N, quantization),
        [codes, scales, N * K * 2],
        [],
        unpackGroups(K, N),
        2,
      );
      expect(difference(unlay('f16-packed', out, N, K), expected)).toBeLessThan(1e-3);
    },
    TIMEOUT,
  );
});
