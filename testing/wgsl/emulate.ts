import type { Kernel } from '../../src/engine/wgsl/kernels/kernel.ts';

/** Rewrites a kernel for a device without `shader-f16`: float32 replaces float16. */
export function withoutHalves(kernel: Kernel): Kernel {
  const code = kernel.code
    .replace('enable f16;', '')
    .replaceAll(/bitcast<vec2<f16>>\(/g, 'unpack2x16float(')
    .replaceAll('vec2<f16>', 'vec2<f32>');
  return { ...kernel, code };
}

/** A matrix that is loaded: a left one, or a right one of which memory has the columns or the rows. */
type Matrix = 'left' | 'columns' | 'rows';

/**
 * Rewrites a kernel for a device without subgroup matrices. Lane l of 32 holds row l / 2 of a left matrix; of a right
 * one it holds columns 8 (l % 2) to 8 (l % 2) + 7, and of a result the same columns of row l / 2. Rows and columns stay
 * packed, two units of 8 float16 values each, and go to functions by pointer: a software device inlines every call, and
 * compiles every copy of an array element by element.
 */
export function withoutMatrices(kernel: Kernel): Kernel {
  const functions = new Map<string, string>();
  // `&S` or `&tile[wi]`: a function for each variable, with the index as an argument.
  const call = (kind: Matrix | 'result' | 'store', name: string, index = '') => {
    const id = `${kind}_${name}`;
    const [at, parameter] = index === '' ? ['', ''] : ['[w]', 'w: u32, '];
    functions.set(id, FUNCTIONS[kind](id, `${name}${at}`, parameter));
    return `${id}(lid % 32u, ${index === '' ? '' : `${index}, `}`;
  };
  const load = (kind: Matrix) => (_: string, to: string, name: string, index?: string) =>
    `var ${to}: ${TYPES[kind]}; ${call(kind, name, index).replace('(', `(&${to}, `)}`;
  const pointer = String.raw`\(&(\w+)(?:\[(.*?)\])?, `;
  const loading = (kind: string, order: string) =>
    new RegExp(
      `let (\\w+) = subgroupMatrixLoad<subgroup_matrix_${kind}<f16, 16, 16>, ${order}>${pointer}`,
      'g',
    );
  const code = kernel.code
    .replace('enable f16;', '')
    .replace('enable chromium_experimental_subgroup_matrix;', '')
    .replace('diagnostic(off, chromium.subgroup_matrix_uniformity);', '')
    .replaceAll(loading('left', 'row_major'), load('left'))
    .replaceAll(loading('right', 'col_major'), load('columns'))
    .replaceAll(loading('right', 'row_major'), load('rows'))
    .replaceAll(
      new RegExp(
        `subgroupMatrixLoad<subgroup_matrix_result<f32, 16, 16>, row_major>${pointer}`,
        'g',
      ),
      (_, name, index) => call('result', name, index),
    )
    .replaceAll(new RegExp(`subgroupMatrixStore<row_major>${pointer}`, 'g'), (_, name, index) =>
      call('store', name, index),
    )
    .replaceAll(
      /(\w+) = subgroupMatrixMultiplyAccumulate\((\w+), (\w+), \1\)/g,
      'multiply(&$2, &$3, &$1)',
    )
    .replaceAll('subgroup_matrix_result<f32, 16, 16>', 'array<f32, 8>');
  return { ...kernel, code: `${code}\n${MULTIPLY}\n${[...functions.values()].join('\n')}` };
}

const TYPES: Record<Matrix, string> = {
  left: 'array<vec4<u32>, 2>',
  columns: 'array<vec4<u32>, 16>',
  rows: 'array<vec4<u32>, 16>',
};

/** Makes functions that load or store a matrix of `element`, which has an index where there is a `parameter`. */
const FUNCTIONS: Record<
  Matrix | 'result' | 'store',
  (name: string, element: string, parameter: string) => string
> = {
  left: (name, element, parameter) => `
fn ${name}(out: ptr<function, ${TYPES.left}>, lane: u32, ${parameter}offset: u32, stride: u32) {
  let i = offset + lane / 2u * stride;
  out[0] = ${element}[i];
  out[1] = ${element}[i + 1u];
}`,
  columns: (name, element, parameter) => `
fn ${name}(out: ptr<function, ${TYPES.columns}>, lane: u32, ${parameter}offset: u32, stride: u32) {
  for (var n = 0u; n < 8u; n++) {
    let i = offset + (lane % 2u * 8u + n) * stride;
    out[n * 2u] = ${element}[i];
    out[n * 2u + 1u] = ${element}[i + 1u];
  }
}`,
  rows: (name, element, parameter) => `
fn ${name}(out: ptr<function, ${TYPES.rows}>, lane: u32, ${parameter}offset: u32, stride: u32) {
  for (var k = 0u; k < 16u; k += 2u) {
    let i = offset + k * stride + lane % 2u;
    let even = ${element}[i];
    let odd = ${element}[i + stride];
    for (var n = 0u; n < 8u; n++) {
      let bits = n % 2u * 16u;
      let pair = (even[n / 2u] >> bits) & 0xffffu;
      out[n * 2u + k / 8u][k / 2u % 4u] = pair | (((odd[n / 2u] >> bits) & 0xffffu) << 16u);
    }
  }
}`,
  result: (name, element, parameter) => `
fn ${name}(lane: u32, ${parameter}offset: u32, stride: u32) -> array<f32, 8> {
  let i = offset + lane / 2u * stride + lane % 2u * 2u;
  let a = bitcast<vec4<f32>>(${element}[i]);
  let b = bitcast<vec4<f32>>(${element}[i + 1u]);
  return array<f32, 8>(a.x, a.y, a.z, a.w, b.x, b.y, b.z, b.w);
}`,
  store: (name, element, parameter) => `
fn ${name}(lane: u32, ${parameter}offset: u32, c: array<f32, 8>, stride: u32) {
  let i = offset + lane / 2u * stride + lane % 2u * 2u;
  ${element}[i] = bitcast<vec4<u32>>(vec4<f32>(c[0], c[1], c[2], c[3]));
  ${element}[i + 1u] = bitcast<vec4<u32>>(vec4<f32>(c[4], c[5], c[6], c[7]));
}`,
};

const MULTIPLY = `
fn multiply(a: ptr<function, ${TYPES.left}>, b: ptr<function, ${TYPES.columns}>, c: ptr<function, array<f32, 8>>) {
  for (var n = 0u; n < 8u; n++) {
    for (var k = 0u; k < 8u; k++) {
      c[n] += dot(unpack2x16float(a[k / 4u][k % 4u]), unpack2x16float(b[n * 2u + k / 4u][k % 4u]));
    }
  }
}`;
