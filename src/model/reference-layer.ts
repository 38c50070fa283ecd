import type { Activation, DecoderConfig, NormConfig, RotaryConfig } from './decoder.ts';
import type { HeadActivation } from './heads/head.ts';
import type { HeadLayers } from './heads/layers.ts';
import type { LinearName, NormName } from './layer.ts';

/** The matrix [N, K] of a linear layer, read a few rows at a time: a layer of a 9B model has 200 million values. */
export interface ReferenceLinear {
  N: number;
  K: number;
  /** Yields all rows of the matrix in order, row-major, in pieces of any number of whole rows. */
  rows(): AsyncIterable<Float32Array>;
  /** [N]. */
  bias?: Float32Array;
  /** LoRA: A [r, K], B [N, r] with the scale multiplied in, both row-major. */
  lora?: { rank: number; A: Float32Array; B: Float32Array };
}

/** The weights of one decoder layer; norms as stored, without their offset. */
export interface ReferenceLayer {
  linear: Record<LinearName, ReferenceLinear>;
  norm: Partial<Record<NormName, Float32Array>>;
}

/**
 * Computes one decoder layer in plain float64 arithmetic, written from the description of the architecture. It shares
 * no code with kernels and graphs, because their results are compared with it.
 * @param hidden [tokens, hiddenSize] of one sequence without padding.
 * @param window number of tokens that a token attends to, itself included.
 * @param rotary the layer's rotary positions.
 * @returns [tokens, hiddenSize].
 */
export async function referenceLayer(
  config: DecoderConfig,
  layer: ReferenceLayer,
  hidden: Float64Array,
  window: number,
  rotary: RotaryConfig,
): Promise<Float64Array> {
  const H = config.hiddenSize;
  const T = hidden.length / H;
  const { linear, norm } = layer;
  const normed = (x: Float64Array, name: NormName) => rmsNorm(x, norm[name]!, config.norm);
  const outputs = config.norm.places === 'before-and-after';
  const heads = (x: Float64Array, name: NormName) => (config.norm.ofHeads ? normed(x, name) : x);

  const x = normed(hidden, 'input_layernorm');
  const q = heads(await apply(linear.q_proj, x, T), 'q_norm');
  const k = heads(await apply(linear.k_proj, x, T), 'k_norm');
  const v = await apply(linear.v_proj, x, T);
  const mixed = attention(
    config,
    rotated(q, config.headDim, config.numHeads, rotary),
    rotated(k, config.headDim, config.numKeyValueHeads, rotary),
    v,
    T,
    window,
  );
  const attended = await apply(linear.o_proj, mixed, T);
  const middle = add(hidden, outputs ? normed(attended, 'post_attention_layernorm') : attended);

  const activate = ACTIVATIONS[config.activation];
  const y = normed(middle, outputs ? 'pre_feedforward_layernorm' : 'post_attention_layernorm');
  const gate = await apply(linear.gate_proj, y, T);
  const up = await apply(linear.up_proj, y, T);
  const fed = await apply(
    linear.down_proj,
    gate.map((value, i) => activate(value) * up[i]!),
    T,
  );
  return add(middle, outputs ? normed(fed, 'post_feedforward_layernorm') : fed);
}

/**
 * Applies the final norm and the layers of a head to the hidden state of one token.
 * @param activation between two layers.
 * @returns the outputs of the last layer, and the input of that layer.
 */
export function referenceHead(
  config: DecoderConfig,
  hidden: Float64Array,
  finalNorm: Float32Array,
  layers: HeadLayers<Float32Array>,
  activation: HeadActivation | null,
): { outputs: number[]; input: Float64Array } {
  let input = rmsNorm(hidden, finalNorm, config.norm);
  let outputs: number[] = [];
  for (const [i, { weight, bias }] of layers.entries()) {
    if (i > 0) {
      const activate = activation === null ? (x: number) => x : HEAD_ACTIVATIONS[activation];
      input = Float64Array.from(outputs, activate);
    }
    const { length: K } = input;
    outputs = Array.from({ length: weight.length / K }, (_, n) =>
      input.reduce((sum, value, k) => sum + value * weight[n * K + k]!, 0),
    ).map((value, n) => value + (bias?.[n] ?? 0));
  }
  return { outputs, input };
}

const HEAD_ACTIVATIONS: Record<HeadActivation, (x: number) => number> = {
  relu: (x) => Math.max(0, x),
  gelu: (x) => 0.5 * x * (1 + erf(x / Math.SQRT2)),
  'gelu-tanh': (x) => ACTIVATIONS['gelu-tanh'](x),
};

/** The error function: 2 / sqrt(π) exp(-x²) Σ 2ⁿ x²ⁿ⁺¹ / (2n + 1)!!, whose terms are all of one sign. */
function erf(x: number): number {
  // Beyond it is 1 in float64.
  if (Math.abs(x) > 6) return Math.sign(x);
  let term = x;
  let sum = x;
  for (let n = 1; Math.abs(term) > 1e-17 * Math.abs(sum); n += 1) {
    term *= (2 * x * x) / (2 * n + 1);
    sum += term;
  }
  return (2 / Math.sqrt(Math.PI)) * Math.exp(-x * x) * sum;
}

function add(a: Float64Array, b: Float64Array): Float64Array {
  return a.map((value, i) => value + b[i]!);
}

/** RMSNorm of each row: divided by its root mean square, times `offset + weight`. */
function rmsNorm(
  x: Float64Array,
  weight: Float32Array,
  { epsilon, offset }: NormConfig,
): Float64Array {
  const H = weight.length;
  const out = new Float64Array(x.length);
  for (let start = 0; start < x.length; start += H) {
    let squares = 0;
    for (let h = 0; h < H; h += 1) squares += x[start + h]! ** 2;
    const factor = 1 / Math.sqrt(squares / H + epsilon);
    for (let h = 0; h < H; h += 1) out[start + h] = x[start + h]! * factor * (offset + weight[h]!);
  }
  return out;
}

const ACTIVATIONS: Record<Activation, (x: number) => number> = {
  'gelu-tanh': (x) => 0.5 * x * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x ** 3))),
  silu: (x) => x / (1 + Math.exp(-x)),
};

/** Applies a linear layer, its bias and its LoRA to `x`: [T, K] to [T, N]. */
async function apply(
  { N, K, rows, bias, lora }: ReferenceLinear,
  x: Float64Array,
  T: number,
): Promise<Float64Array> {
  const out = new Float64Array(T * N);
  let n = 0;
  for await (const piece of rows()) {
    for (let start = 0; start < piece.length; start += K) {
      for (let t = 0; t < T; t += 1) {
        out[t * N + n] = dot(piece, start, x, t * K, K) + (bias?.[n] ?? 0);
      }
      n += 1;
    }
  }
  if (n !== N) throw new RangeError(`a linear layer gave ${n} rows of ${N}`);
  if (lora === undefined) return out;
  const { rank, A, B } = lora;
  const low = new Float64Array(rank);
  for (let t = 0; t < T; t += 1) {
    for (let r = 0; r < rank; r += 1) low[r] = dot(A, r * K, x, t * K, K);
    for (let m = 0; m < N; m += 1) out[t * N + m]! += dot(B, m * rank, low, 0, rank);
  }
  return out;
}

/**
 * Dot product of `a` from `i` and `b` from `j` on. Nearly all the time is spent here, so it keeps four sums: the
 * processor need not wait for each addition before the next.
 */
function dot(a: Float32Array, i: number, b: Float64Array, j: number, length: number): number {
  let s0 = 0;
  let s1 = 0;
  let s2 = 0;
  let s3 = 0;
  let n = 0;
  for (; n + 3 < length; n += 4) {
    s0 += a[i + n]! * b[j + n]!;
    s1 += a[i + n + 1]! * b[j + n + 1]!;
    s2 += a[i + n + 2]! * b[j + n + 2]!;
    s3 += a[i + n + 3]! * b[j + n + 3]!;
  }
  for (; n < length; n += 1) s0 += a[i + n]! * b[j + n]!;
  return s0 + s1 + (s2 + s3);
}

/** Rotates features i and i + D / 2 of each head of width D by the angle of the token's position. */
function rotated(x: Float64Array, D: number, heads: number, rotary: RotaryConfig): Float64Array {
  const half = D / 2;
  const frequencies = Array.from({ length: half }, (_, i) => frequency(i, D, rotary));
  const out = new Float64Array(x.length);
  for (let at = 0; at < x.length; at += D) {
    const position = Math.floor(at / (heads * D));
    for (let i = 0; i < half; i += 1) {
      // Angles are rounded to float32, as in Transformers.
      const angle = Math.fround(position * Math.fround(frequencies[i]!));
      const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
      const [a, b] = [x[at + i]!, x[at + i + half]!];
      out[at + i] = a * cos - b * sin;
      out[at + i + half] = b * cos + a * sin;
    }
  }
  return out;
}

/** Radians by which features i and i + D / 2 are rotated from one position to the next. */
function frequency(i: number, D: number, { theta, scaling }: RotaryConfig): number {
  const plain = 1 / Math.fround(theta ** Math.fround((2 * i) / D));
  if (scaling === null) return plain;
  const { factor } = scaling;
  if (scaling.type === 'linear') return plain / factor;
  // The turns of a feature within the texts of the first training decide how much of it is scaled.
  const { lowFactor, highFactor, originalPositions } = scaling;
  const turns = (originalPositions * plain) / (2 * Math.PI);
  const kept = Math.min(1, Math.max(0, (turns - lowFactor) / (highFactor - lowFactor)));
  return plain * (kept + (1 - kept) / factor);
}

/**
 * Causal attention within a window, with soft-capped scores. `q` is [T, heads * D], `k` and `v` are [T, key/value heads
 * * D]; returns [T, heads * D].
 */
function attention(
  config: DecoderConfig,
  q: Float64Array,
  k: Float64Array,
  v: Float64Array,
  T: number,
  window: number,
): Float64Array {
  const { numHeads, numKeyValueHeads, headDim: D, attnSoftCap: cap, attnScale } = config;
  const out = new Float64Array(T * numHeads * D);
  for (let head = 0; head < numHeads; head += 1) {
    const shared = Math.floor(head / (numHeads / numKeyValueHeads));
    for (let t = 0; t < T; t += 1) {
      const query = (t * numHeads + head) * D;
      const first = Math.max(0, t - window + 1);
      const scores: number[] = [];
      for (let s = first; s <= t; s += 1) {
        const key = (s * numKeyValueHeads + shared) * D;
        let score = 0;
        for (let d = 0; d < D; d += 1) score += q[query + d]! * k[key + d]!;
        score *= attnScale;
        scores.push(cap === null ? score : cap * Math.tanh(score / cap));
      }
      const max = Math.max(...scores);
      const weights = scores.map((score) => Math.exp(score - max));
      const sum = weights.reduce((total, weight) => total + weight, 0);
      for (const [i, weight] of weights.entries()) {
        const value = ((first + i) * numKeyValueHeads + shared) * D;
        for (let d = 0; d < D; d += 1) out[query + d]! += (weight / sum) * v[value + d]!;
      }
    }
  }
  return out;
}
