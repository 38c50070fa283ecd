import type { Activation } from '../../../model/decoder.ts';
import { type ActivationLayout, activationType, putFunction } from './activations.ts';
import { type Kernel, once } from './kernel.ts';
import { totalFunction } from './norm.ts';
import { BUILTINS, repeat, WORKGROUP_ID } from './text.ts';

const THREADS = 256;

/**
 * Largest magnitude of a row that is stored as float16, whose largest value is 65504. Models have a few massive values,
 * whose products would overflow, so rows above this are scaled down. The scale is a power of two, so that scaling
 * rounds nothing; the norm after the down projection divides by it again.
 */
const LARGEST_HALF = 256;

/** A WGSL function for each activation, of four values at a time. */
const ACTIVATIONS: Record<Activation, { name: string; code: string }> = {
  'gelu-tanh': {
    name: 'gelu',
    code: `fn gelu(x: vec4<f32>) -> vec4<f32> {
  // tanh is 1 in float32 from 10 on; of far larger arguments some drivers make NaN.
  let t = clamp(0.7978845608028654 * (x + 0.044715 * x * x * x), vec4<f32>(-15.0), vec4<f32>(15.0));
  return 0.5 * x * (1.0 + tanh(t));
}`,
  },
  silu: {
    name: 'silu',
    // Beyond the bounds the logistic function is 0 or 1 in float32, and exp stays finite.
    code: `fn silu(x: vec4<f32>) -> vec4<f32> {
  return x / (1.0 + exp(clamp(-x, vec4<f32>(-80.0), vec4<f32>(80.0))));
}`,
  },
};

/**
 * Computes the gated part of the MLP, `activation(gate) * up`, as the input of the down projection. One workgroup per
 * row: float16 layouts need the row's largest magnitude before they store a value.
 *
 * Bindings: gate and up, float32 [M, I]; output [M, I] in the layout `output`; for float16 layouts scale float32 [M],
 * the power of two by which a row was multiplied; parameters { M }. I is a multiple of 8.
 */
export const gatedKernel = once(function gatedKernel(
  activation: Activation,
  I: number,
  output: ActivationLayout,
): Kernel {
  const { name, code: activationCode } = ACTIVATIONS[activation];
  const scaled = output !== 'f32';
  const octets = I / 8;
  const perThread = Math.ceil(octets / THREADS);
  const full = octets % THREADS === 0;
  const each = (piece: (s: number) => string) =>
    repeat(perThread, (s) => {
      const guard = full || s < perThread - 1 ? '' : `if (lid + ${s * THREADS}u < ${octets}u) `;
      return `${guard}{ let o = lid + ${s * THREADS}u; let i = id * ${octets * 2}u + o * 2u; ${piece(s)} }`;
    });
  const largest = (value: string) =>
    `max(max(${value}.x, ${value}.y), max(${value}.z, ${value}.w))`;
  const code = `struct Parameters { M: u32 }
@group(0) @binding(0) var<storage, read> gate: array<vec4<f32>>;
@group(0) @binding(1) var<storage, read> up: array<vec4<f32>>;
@group(0) @binding(2) var<storage, read_write> X: ${activationType(output)};
${scaled ? '@group(0) @binding(3) var<storage, read_write> scale: array<f32>;' : ''}
@group(0) @binding(${scaled ? 4 : 3}) var<uniform> p: Parameters;
${putFunction(output, I, 'X')}
${scaled ? totalFunction(THREADS, 'max') : ''}
${activationCode}
@compute @workgroup_size(${THREADS}) fn main(${BUILTINS}) {
  ${WORKGROUP_ID}
  if (id >= p.M) { return; }
  ${repeat(perThread, (s) => `var l${s}: vec4<f32>; var h${s}: vec4<f32>;`, ' ')}
  ${each((s) => `l${s} = ${name}(gate[i]) * up[i]; h${s} = ${name}(gate[i + 1u]) * up[i + 1u];`)}
  ${
    scaled
      ? `var m = 0.0;
  ${repeat(perThread, (s) => `{ let a = max(abs(l${s}), abs(h${s})); m = max(m, ${largest('a')}); }`)}
  let most = total(m, lid);
  let factor = select(1.0, exp2(-ceil(log2(most * ${1 / LARGEST_HALF}))), most > ${LARGEST_HALF}.0);
  if (lid == 0u) { scale[id] = factor; }`
      : 'let factor = 1.0;'
  }
  ${each((s) => `put(id, o, l${s} * factor, h${s} * factor);`)}
}`;
  const bindings: Kernel['bindings'] = scaled
    ? ['read', 'read', 'write', 'write', 'uniform']
    : ['read', 'read', 'write', 'uniform'];
  return { label: `${name} ${I} ${output}`, code, bindings };
});
