import { type ActivationLayout, activationType } from './activations.ts';
import { type Kernel, once } from './kernel.ts';
import { BUILTINS, repeat, WORKGROUP_ID } from './text.ts';

// Rows of `f16-packed` lie together in eights.
const ROWS = 8;

/**
 * Copies the input [M, K] of a product with its features in another order: feature `order[k]` comes to place k. Values
 * keep their bits. One thread per 8 values of a row.
 *
 * Bindings: input; order u32 [K]; output in the input's layout; parameters { M }. K is a multiple of 8, for
 * `f16-packed` of 32. Buffers have room for M up to a multiple of 8. Workgroups: {@link gatherGroups}. Needs no
 * `shader-f16`.
 */
export const gatherKernel = once(function gatherKernel(
  K: number,
  layout: ActivationLayout,
): Kernel {
  // Neighbouring threads write neighbouring units of 8 values, in the order of the layout.
  const place =
    layout === 'f16-packed'
      ? `let m = unit / ${K}u * 8u + unit % 8u;
  let u = unit / 32u % ${K / 32}u * 4u + unit / 8u % 4u;`
      : `let m = unit / ${K / 8}u;
  let u = unit % ${K / 8}u;`;
  const unitOf = (k: string) =>
    layout === 'f16-packed'
      ? `((m >> 3u) * ${K / 32}u + (${k} >> 5u)) * 32u + ((${k} >> 3u) & 3u) * 8u + (m & 7u)`
      : `m * ${K / 8}u + (${k} >> 3u)`;
  const wide = layout === 'f32';
  const value = wide
    ? `fn value(m: u32, k: u32) -> f32 { return X[(${unitOf('k')}) * 8u + (k & 7u)]; }`
    : `fn value(m: u32, k: u32) -> u32 {
  return (X[(${unitOf('k')}) * 4u + ((k & 7u) >> 1u)] >> (16u * (k & 1u))) & 0xffffu;
}`;
  const from = (i: number) => `value(m, ${i < 4 ? 'a' : 'b'}[${i % 4}])`;
  const store = wide
    ? `out[unit * 2u] = vec4<f32>(${repeat(4, from, ', ')});
  out[unit * 2u + 1u] = vec4<f32>(${repeat(4, (i) => from(4 + i), ', ')});`
    : `out[unit] = vec4<u32>(${repeat(4, (w) => `${from(2 * w)} | (${from(2 * w + 1)} << 16u)`, ', ')});`;
  const code = `struct Parameters { M: u32 }
@group(0) @binding(0) var<storage, read> X: array<${wide ? 'f32' : 'u32'}>;
@group(0) @binding(1) var<storage, read> order: array<vec4<u32>>;
@group(0) @binding(2) var<storage, read_write> out: ${activationType(layout)};
@group(0) @binding(3) var<uniform> p: Parameters;
${value}
@compute @workgroup_size(256) fn main(${BUILTINS}) {
  ${WORKGROUP_ID}
  let unit = id * 256u + lid;
  if (unit >= (p.M + ${ROWS - 1}u) / ${ROWS}u * ${K}u) { return; }
  ${place}
  let a = order[u * 2u];
  let b = order[u * 2u + 1u];
  ${store}
}`;
  return { label: `gather ${K} ${layout}`, code, bindings: ['read', 'read', 'write', 'uniform'] };
});

/** Workgroups of {@link gatherKernel}. */
export function gatherGroups(M: number, K: number): number {
  return Math.ceil((Math.ceil(M / ROWS) * K) / 256);
}
