import { type Kernel, once } from './kernel.ts';
import { totalFunction } from './norm.ts';
import { BUILTINS, float, WORKGROUP_ID } from './text.ts';

const THREADS = 256;

/** Workgroups of {@link rotaryKernel} for M rows. */
export function rotaryGroups(heads: number, headDim: number, M: number): number {
  return Math.ceil((M * heads * (headDim / 2)) / THREADS);
}

/**
 * Rotates heads in place: float32 [M, heads * headDim], where features i and i + headDim / 2 form a pair, as in
 * Transformers. One thread rotates one pair. Cosines and sines come from a float32 table that the CPU computes once,
 * because those of shaders are inexact for the large angles of late positions.
 *
 * Bindings: values; cos, sin float32 [positions, headDim / 2]; position u32 [M] of each token; parameters { M }.
 */
export const rotaryKernel = once(function rotaryKernel(heads: number, headDim: number): Kernel {
  const half = headDim / 2;
  const code = `struct Parameters { M: u32 }
@group(0) @binding(0) var<storage, read_write> x: array<f32>;
@group(0) @binding(1) var<storage, read> cosines: array<f32>;
@group(0) @binding(2) var<storage, read> sines: array<f32>;
@group(0) @binding(3) var<storage, read> positions: array<u32>;
@group(0) @binding(4) var<uniform> p: Parameters;
@compute @workgroup_size(${THREADS}) fn main(${BUILTINS}) {
  ${WORKGROUP_ID}
  let pair = id * ${THREADS}u + lid;
  let row = pair / ${heads * half}u;
  if (row >= p.M) { return; }
  let d = pair % ${half}u;
  let i = pair / ${half}u * ${headDim}u + d;
  let angle = positions[row] * ${half}u + d;
  let a = x[i];
  let b = x[i + ${half}u];
  x[i] = a * cosines[angle] - b * sines[angle];
  x[i + ${half}u] = b * cosines[angle] + a * sines[angle];
}`;
  return {
    label: `rotary ${heads} x ${headDim}`,
    code,
    bindings: ['write', 'read', 'read', 'read', 'uniform'],
  };
});

const HEAD_THREADS = 64;

/** Workgroups of {@link normedRotaryKernel} for M rows. */
export function normedRotaryGroups(heads: number, M: number): number {
  return M * heads;
}

/**
 * {@link rotaryKernel} of heads that are normed first, each as a row of its own: one workgroup a head, so that values
 * are read and written once for both.
 *
 * Bindings: values; weight of the norm float32 [headDim], with its offset; cos, sin float32 [positions, headDim / 2];
 * position u32 [M] of each row; parameters { M }.
 */
export const normedRotaryKernel = once(function normedRotaryKernel(
  heads: number,
  headDim: number,
  epsilon: number,
): Kernel {
  const half = headDim / 2;
  const code = `struct Parameters { M: u32 }
@group(0) @binding(0) var<storage, read_write> x: array<f32>;
@group(0) @binding(1) var<storage, read> weight: array<f32>;
@group(0) @binding(2) var<storage, read> cosines: array<f32>;
@group(0) @binding(3) var<storage, read> sines: array<f32>;
@group(0) @binding(4) var<storage, read> positions: array<u32>;
@group(0) @binding(5) var<uniform> p: Parameters;
${totalFunction(HEAD_THREADS)}
@compute @workgroup_size(${HEAD_THREADS}) fn main(${BUILTINS}) {
  ${WORKGROUP_ID}
  let row = id / ${heads}u;
  if (row >= p.M) { return; }
  let start = id * ${headDim}u;
  var squares = 0.0;
  for (var d = lid; d < ${headDim}u; d += ${HEAD_THREADS}u) {
    let v = x[start + d];
    squares += v * v;
  }
  let factor = inverseSqrt(total(squares, lid) / ${float(headDim)} + ${float(epsilon)});
  for (var d = lid; d < ${half}u; d += ${HEAD_THREADS}u) {
    let angle = positions[row] * ${half}u + d;
    let a = x[start + d] * factor * weight[d];
    let b = x[start + d + ${half}u] * factor * weight[d + ${half}u];
    x[start + d] = a * cosines[angle] - b * sines[angle];
    x[start + d + ${half}u] = b * cosines[angle] + a * sines[angle];
  }
}`;
  return {
    label: `normed rotary ${heads} x ${headDim}`,
    code,
    bindings: ['write', 'read', 'read', 'read', 'read', 'uniform'],
  };
});
