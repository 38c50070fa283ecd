import { type Kernel, once } from './kernel.ts';
import { totalFunction } from './norm.ts';
import { BUILTINS, float, repeat, WORKGROUP_ID } from './text.ts';

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
 * Bindings: hidden [R, H]; norm [H] (weight with its offset added); score [H, labels]; logits [R, labels];
 * parameters { R }.
 * @param labels 1 to 3.
 */
export const headKernel = once(function headKernel(
  H: number,
  epsilon: number,
  labels: number,
): Kernel {
  const type = labels === 1 ? 'f32' : `vec${labels}<f32>`;
  const at = (index: string, label: number) =>
    `${index}${labels === 1 ? '' : ` * ${labels}u`}${label === 0 ? '' : ` + ${label}u`}`;
  const part = (label: number) => (labels === 1 ? 'sums' : `sums.${'xyz'[label]}`);
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
  var sums = ${type}();
  for (var i = lid; i < ${H}u; i += ${THREADS}u) {
    let v = x[id * ${H}u + i];
    squares += v * v;
    sums += v * norm[i] * ${type}(${repeat(labels, (c) => `score[${at('i', c)}]`, ', ')});
  }
  let factor = inverseSqrt(total(squares, lid) / ${float(H)} + ${float(epsilon)});
  ${repeat(labels, (c) => `let ${'abc'[c]} = total(${part(c)}, lid);`, '\n  ')}
  if (lid == 0u) {
    ${repeat(labels, (c) => `logits[${at('id', c)}] = ${'abc'[c]} * factor;`, '\n    ')}
  }
}`;
  return { label: `head ${H}`, code, bindings: ['read', 'read', 'read', 'write', 'uniform'] };
});
