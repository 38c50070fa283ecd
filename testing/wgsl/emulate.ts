import type { Kernel } from '../../src/engine/wgsl/kernels/kernel.ts';

/** Rewrites a kernel for a device without `shader-f16`: float32 replaces float16. */
export function withoutHalves(kernel: Kernel): Kernel {
  const code = kernel.code
    .replace('enable f16;', '')
    .replaceAll(/bitcast<vec2<f16>>\(/g, 'unpack2x16float(')
    .replaceAll('vec2<f16>', 'vec2<f32>');
  return { ...kernel, code };
}

/**
 * Rewrites a kernel for a device without subgroup matrices. Lane l of 32 holds row l / 2 of a left matrix; of a right
 * one it holds columns 8 (l % 2) to 8 (l % 2) + 7, and of a result the same columns of row l / 2.
 */
export function withoutMatrices(kernel: Kernel): Kernel {
  const functions = new Map<string, string>();
  // `&S` or `&tile[wi]`: a function for each variable, with the index as an argument.
  const call = (
    make: (name: string, element: string, parameter: string) => string,
    kind: string,
  ) => {
    return (_: string, name: string, index = '') => {
      const at = index === '' ? '' : '[w]';
      const parameter = index === '' ? '' : 'w: u32, ';
      functions.set(`${kind}_${name}`, make(`${kind}_${name}`, `${name}${at}`, parameter));
      return `${kind}_${name}(lid % 32u, ${index === '' ? '' : `${index}, `}`;
    };
  };
  const pointer = String.raw`\(&(\w+)(?:\[(.*?)\])?, `;
  const matrix = (kind: string) => `subgroup_matrix_${kind}<f\\d\\d, 16, 16>`;
  const code = kernel.code
    .replace('enable f16;', '')
    .replace('enable chromium_experimental_subgroup_matrix;', '')
    .replace('diagnostic(off, chromium.subgroup_matrix_uniformity);', '')
    .replaceAll(
      new RegExp(`subgroupMatrixLoad<${matrix('left')}, row_major>${pointer}`, 'g'),
      call(loadLeft, 'left'),
    )
    .replaceAll(
      new RegExp(`subgroupMatrixLoad<${matrix('right')}, col_major>${pointer}`, 'g'),
      call((name, element, parameter) => loadRight(name, element, parameter, true), 'columns'),
    )
    .replaceAll(
      new RegExp(`subgroupMatrixLoad<${matrix('right')}, row_major>${pointer}`, 'g'),
      call((name, element, parameter) => loadRight(name, element, parameter, false), 'rows'),
    )
    .replaceAll(
      new RegExp(`subgroupMatrixLoad<${matrix('result')}, row_major>${pointer}`, 'g'),
      call(loadResult, 'result'),
    )
    .replaceAll(new RegExp(`subgroupMatrixStore<row_major>${pointer}`, 'g'), call(store, 'store'))
    .replaceAll('subgroupMatrixMultiplyAccumulate', 'multiply')
    .replaceAll('subgroup_matrix_result<f32, 16, 16>', 'array<f32, 8>');
  return { ...kernel, code: `${code}\n${MULTIPLY}\n${[...functions.values()].join('\n')}` };
}

const half = (element: string, i: string) =>
  `unpack2x16float(${element}[(${i}) / 8u][(${i}) / 2u % 4u])[(${i}) % 2u]`;

function loadLeft(name: string, element: string, parameter: string): string {
  return `fn ${name}(lane: u32, ${parameter}offset: u32, stride: u32) -> array<f32, 16> {
  var out = array<f32, 16>();
  for (var k = 0u; k < 16u; k++) { out[k] = ${half(element, '(offset + lane / 2u * stride) * 8u + k')}; }
  return out;
}`;
}

function loadRight(name: string, element: string, parameter: string, columns: boolean): string {
  const n = 'lane % 2u * 8u + n';
  const index = columns
    ? `(offset + (${n}) * stride) * 8u + k`
    : `(offset + k * stride) * 8u + ${n}`;
  return `fn ${name}(lane: u32, ${parameter}offset: u32, stride: u32) -> array<f32, 128> {
  var out = array<f32, 128>();
  for (var n = 0u; n < 8u; n++) {
    for (var k = 0u; k < 16u; k++) { out[n * 16u + k] = ${half(element, index)}; }
  }
  return out;
}`;
}

function loadResult(name: string, element: string, parameter: string): string {
  return `fn ${name}(lane: u32, ${parameter}offset: u32, stride: u32) -> array<f32, 8> {
  let i = offset + lane / 2u * stride + lane % 2u * 2u;
  let a = bitcast<vec4<f32>>(${element}[i]);
  let b = bitcast<vec4<f32>>(${element}[i + 1u]);
  return array<f32, 8>(a.x, a.y, a.z, a.w, b.x, b.y, b.z, b.w);
}`;
}

function store(name: string, element: string, parameter: string): string {
  return `fn ${name}(lane: u32, ${parameter}offset: u32, c: array<f32, 8>, stride: u32) {
  let i = offset + lane / 2u * stride + lane % 2u * 2u;
  ${element}[i] = bitcast<vec4<u32>>(vec4<f32>(c[0], c[1], c[2], c[3]));
  ${element}[i + 1u] = bitcast<vec4<u32>>(vec4<f32>(c[4], c[5], c[6], c[7]));
}`;
}

const MULTIPLY = `
fn multiply(a: array<f32, 16>, b: array<f32, 128>, c: array<f32, 8>) -> array<f32, 8> {
  var left = a;
  var right = b;
  var out = c;
  for (var n = 0u; n < 8u; n++) {
    for (var k = 0u; k < 16u; k++) { out[n] += left[k] * right[n * 16u + k]; }
  }
  return out;
}`;
