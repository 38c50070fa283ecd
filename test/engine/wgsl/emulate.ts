import type { Kernel } from '../../../src/engine/wgsl/kernel.ts';

/** The same kernel for a device without `shader-f16`: float32 in the place of float16. */
export function withoutHalves(kernel: Kernel): Kernel {
  const code = kernel.code
    .replace('enable f16;', '')
    .replaceAll(/bitcast<vec2<f16>>\(/g, 'unpack2x16float(')
    .replaceAll('vec2<f16>', 'vec2<f32>');
  return { ...kernel, code };
}

/**
 * The same kernel for a device without subgroup matrices. Lane l of 32 holds row l / 2 of a left matrix, and columns
 * 8 (l % 2) to 8 (l % 2) + 7 of a right one and, in row l / 2, of a result.
 */
export function withoutMatrices(kernel: Kernel): Kernel {
  const code = kernel.code
    .replace('enable f16;', '')
    .replace('enable chromium_experimental_subgroup_matrix;', '')
    .replace('diagnostic(off, chromium.subgroup_matrix_uniformity);', '')
    .replaceAll(
      /subgroupMatrixLoad<subgroup_matrix_left<f16, 16, 16>, row_major>\(&tile\[(.*?)\], /g,
      'loadLeft(lid % 32u, $1, ',
    )
    .replaceAll(
      /subgroupMatrixLoad<subgroup_matrix_right<f16, 16, 16>, col_major>\(&tile\[(.*?)\], /g,
      'loadRight(lid % 32u, $1, ',
    )
    .replaceAll(/subgroupMatrixStore<row_major>\(&tile\[(.*?)\], /g, 'storeResult(lid % 32u, $1, ')
    .replaceAll('subgroupMatrixMultiplyAccumulate', 'multiply')
    .replaceAll('subgroup_matrix_result<f32, 16, 16>', 'array<f32, 8>');
  return { ...kernel, code: `${code}\n${MATRICES}` };
}

const MATRICES = `
fn half(w: u32, i: u32) -> f32 { return unpack2x16float(tile[w][i / 8u][i / 2u % 4u])[i % 2u]; }
fn loadLeft(lane: u32, w: u32, offset: u32, stride: u32) -> array<f32, 16> {
  var out = array<f32, 16>();
  for (var k = 0u; k < 16u; k++) { out[k] = half(w, (offset + lane / 2u * stride) * 8u + k); }
  return out;
}
fn loadRight(lane: u32, w: u32, offset: u32, stride: u32) -> array<f32, 128> {
  var out = array<f32, 128>();
  for (var n = 0u; n < 8u; n++) {
    for (var k = 0u; k < 16u; k++) { out[n * 16u + k] = half(w, (offset + (lane % 2u * 8u + n) * stride) * 8u + k); }
  }
  return out;
}
fn multiply(a: array<f32, 16>, b: array<f32, 128>, c: array<f32, 8>) -> array<f32, 8> {
  var left = a;
  var right = b;
  var out = c;
  for (var n = 0u; n < 8u; n++) {
    for (var k = 0u; k < 16u; k++) { out[n] += left[k] * right[n * 16u + k]; }
  }
  return out;
}
fn storeResult(lane: u32, w: u32, offset: u32, c: array<f32, 8>, stride: u32) {
  let i = offset + lane / 2u * stride + lane % 2u * 2u;
  tile[w][i] = bitcast<vec4<u32>>(vec4<f32>(c[0], c[1], c[2], c[3]));
  tile[w][i + 1u] = bitcast<vec4<u32>>(vec4<f32>(c[4], c[5], c[6], c[7]));
}`;
