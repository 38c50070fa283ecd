import { type Kernel, once } from './kernel.ts';
import { BUILTINS, WORKGROUP_ID } from './text.ts';

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
