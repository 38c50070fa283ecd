import { type Kernel, once } from './kernel.ts';
import { totalFunction } from './norm.ts';
import { BUILTINS, float, WORKGROUP_ID } from './text.ts';

const THREADS = 256;

/**
 * Copies selected rows of a float32 matrix [*, H] into another one. One workgroup per row.
 *
 * Bindings: input; index u32 [R] of the selected rows; output [R, H]; parameters { R }.
 */
export const pickKernel = once(function pickKernel(H: number): Kernel {
  const code = `struct Parameters { R: u32 }
@group(0) @binding(0) var<storage, read> x: array<f32>;
@group(0) @binding(1) var<storage, read> index: array<u32>;
@group(0) @binding(2) var<storage, read_write> y: array<f32>;
@group(0) @binding(3) var<uniform> p: Parameters;
@compute @workgroup_size(${THREADS}) fn main(${BUILTINS}) {
  ${WORKGROUP_ID}
  if (id >= p.R) { return; }
  let start = index[id] * ${H}u;
  for (var i = lid; i < ${H}u; i += ${THREADS}u) { y[id * ${H}u + i] = x[start + i]; }
}`;
  return { label: `pick ${H}`, code, bindings: ['read', 'read', 'write', 'uniform'] };
});

/**
 * Computes final norm and score head in float32. One workgroup per row. The sum of squares and the three sums of
 * products are formed in one pass over the row: the factor of the norm is the same for all features, so it is applied
 * at the end.
 *
 * Bindings: hidden [R, H]; norm [H] (weight with its offset added); score [H, 3]; logits [R, 3]; parameters { R }.
 */
export const headKernel = once(function headKernel(H: number, epsilon: number): Kernel {
  const code = `struct Parameters { R: u32 }
@group(0) @binding(0) var<storage, read> x: array<f32>;
@group(0) @binding(1) var<storage, read> norm: array<f32>;
@group(0) @binding(2) var<storage, read> score: array<f32>;
@group(0) @binding(3) var<storage, read_write> logits: array<f32>;
@group(0) @binding(4) var<uniform> p: Parameters;
${totalFunction(THREADS)}
@compute @workgroup_size(${THREADS}) fn main(${BUILTINS}) {
  ${WORKGROUP_ID}
  if (id >= p.R) { return; }
  var squares = 0.0;
  var sums = vec3<f32>();
  for (var i = lid; i < ${H}u; i += ${THREADS}u) {
    let v = x[id * ${H}u + i];
    squares += v * v;
    sums += v * norm[i] * vec3<f32>(score[i * 3u], score[i * 3u + 1u], score[i * 3u + 2u]);
  }
  let factor = inverseSqrt(total(squares, lid) / ${float(H)} + ${float(epsilon)});
  let a = total(sums.x, lid);
  let b = total(sums.y, lid);
  let c = total(sums.z, lid);
  if (lid == 0u) {
    logits[id * 3u] = a * factor;
    logits[id * 3u + 1u] = b * factor;
    logits[id * 3u + 2u] = c * factor;
  }
}`;
  return { label: `head ${H}`, code, bindings: ['read', 'read', 'read', 'write', 'uniform'] };
});
