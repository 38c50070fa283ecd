/**
 * Layout of the input [M, K] of a product in memory:
 * - `f32`: float32, row-major.
 * - `f16`: float16, row-major, written and read with `pack2x16float`, which needs no `shader-f16`.
 * - `f16-packed`: float16 in units of 8 along K (16 bytes), ordered [M / 8][K / 32][4 units][8 rows]. Neighbouring
 *   threads then read neighbouring units of a tile of 32 along K. This is decisive for subgroup matrices, whose
 * products
 *   lost a third of their speed on an H100 when neighbouring threads read different rows instead.
 *
 * K is a multiple of 8, for `f16-packed` of 32. Buffers have room for M up to a multiple of the tile.
 */
export type ActivationLayout = 'f32' | 'f16' | 'f16-packed';

/** WGSL type of a buffer with this layout, in elements of 16 bytes. */
export function activationType(layout: ActivationLayout): string {
  return layout === 'f32' ? 'array<vec4<f32>>' : 'array<vec4<u32>>';
}

/** Bytes of a buffer of M rows of K. */
export function activationBytes(layout: ActivationLayout, M: number, K: number): number {
  return M * K * (layout === 'f32' ? 4 : 2);
}

/** WGSL expression: index of the 16-byte element with the value (m, 8 u); for `f32` the first of two elements. */
export function unitIndex(layout: ActivationLayout, K: number, m: string, u: string): string {
  if (layout === 'f32') return `(${m}) * ${K / 4}u + (${u}) * 2u`;
  if (layout === 'f16') return `(${m}) * ${K / 8}u + (${u})`;
  return `(((${m}) >> 3u) * ${K / 32}u + ((${u}) >> 2u)) * 32u + ((${u}) & 3u) * 8u + ((${m}) & 7u)`;
}

/** WGSL function `put(m, u, lo, hi)`, which stores the 8 values from (m, 8 u) on in `buffer`. */
export function putFunction(layout: ActivationLayout, K: number, buffer: string): string {
  const store =
    layout === 'f32'
      ? `${buffer}[i] = lo; ${buffer}[i + 1u] = hi;`
      : `${buffer}[i] = vec4<u32>(pack2x16float(lo.xy), pack2x16float(lo.zw), pack2x16float(hi.xy), pack2x16float(hi.zw));`;
  return `fn put(m: u32, u: u32, lo: vec4<f32>, hi: vec4<f32>) {
  let i = ${unitIndex(layout, K, 'm', 'u')};
  ${store}
}`;
}

/** WGSL type of a buffer for {@link putQuadFunction}. */
export function quadType(layout: ActivationLayout): string {
  return layout === 'f32' ? 'array<vec4<f32>>' : 'array<vec2<u32>>';
}

/** WGSL function `put(m, q, value)`, which stores the 4 values from (m, 4 q) on in `buffer`. */
export function putQuadFunction(layout: ActivationLayout, K: number, buffer: string): string {
  const store =
    layout === 'f32'
      ? `${buffer}[m * ${K / 4}u + q] = value;`
      : `${buffer}[(${unitIndex(layout, K, 'm', 'q >> 1u')}) * 2u + (q & 1u)] = vec2<u32>(pack2x16float(value.xy), pack2x16float(value.zw));`;
  return `fn put(m: u32, q: u32, value: vec4<f32>) { ${store} }`;
}
