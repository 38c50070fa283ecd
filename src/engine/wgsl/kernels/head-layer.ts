import type { HeadActivation } from '../../../model/heads/head.ts';
import { type Kernel, once } from './kernel.ts';
import { totalFunction } from './norm.ts';
import { BUILTINS, float, WORKGROUP_ID } from './text.ts';

/** The work of {@link headLayerKernel}. */
interface HeadLayerShape {
  K: number;
  N: number;
  /** Epsilon of the norm that is applied to the input; null for none. */
  epsilon: number | null;
  hasBias: boolean;
  activation: HeadActivation | null;
}

const THREADS = 256;

/** A WGSL function `activate` of one value for each activation. */
const ACTIVATIONS: Record<HeadActivation, string> = {
  relu: 'fn activate(x: f32) -> f32 { return max(x, 0.0); }',
  // WGSL has no error function. Formula 7.1.26 of Abramowitz and Stegun is off by 1.5e-7 at most.
  gelu: `fn activate(x: f32) -> f32 {
  let z = min(abs(x) * 0.7071067811865476, 9.0);
  let t = 1.0 / (1.0 + 0.3275911 * z);
  let series = t * (0.254829592 + t * (-0.284496736 + t * (1.421413741 + t * (-1.453152027 + t * 1.061405429))));
  return 0.5 * x * (1.0 + sign(x) * (1.0 - series * exp(-z * z)));
}`,
  'gelu-tanh': `fn activate(x: f32) -> f32 {
  // tanh is 1 in float32 from 10 on; of far larger arguments some drivers make NaN.
  return 0.5 * x * (1.0 + tanh(clamp(0.7978845608028654 * (x + 0.044715 * x * x * x), -15.0, 15.0)));
}`,
};

/**
 * Computes a linear layer of a head in float32, with the norm before it, its bias and the activation after it, where
 * there are any. One workgroup per row and output: a head reads few rows, and its weights once for each.
 *
 * Bindings: input [R, K]; norm [K] (weight with its offset added; with `epsilon` only); weight [N, K]; bias [N]
 * (`hasBias` only); output [R, N]; parameters { R * N }.
 */
export const headLayerKernel = once(function headLayerKernel({
  K,
  N,
  epsilon,
  hasBias,
  activation,
}: HeadLayerShape): Kernel {
  const reads = [
    'x',
    ...(epsilon === null ? [] : ['norm']),
    'weight',
    ...(hasBias ? ['bias'] : []),
  ];
  const product = epsilon === null ? 'v' : 'v * norm[i]';
  const scaled =
    epsilon === null
      ? 'total(sum, lid)'
      : `total(sum, lid) * inverseSqrt(total(squares, lid) / ${float(K)} + ${float(epsilon)})`;
  const value = `${scaled}${hasBias ? ` + bias[n]` : ''}`;
  const code = `struct Parameters { count: u32 }
${reads.map((name, i) => `@group(0) @binding(${i}) var<storage, read> ${name}: array<f32>;`).join('\n')}
@group(0) @binding(${reads.length}) var<storage, read_write> y: array<f32>;
@group(0) @binding(${reads.length + 1}) var<uniform> p: Parameters;
${totalFunction(THREADS)}
${activation === null ? '' : ACTIVATIONS[activation]}
@compute @workgroup_size(${THREADS}) fn main(${BUILTINS}) {
  ${WORKGROUP_ID}
  if (id >= p.count) { return; }
  let r = id / ${N}u;
  let n = id % ${N}u;
  var squares = 0.0;
  var sum = 0.0;
  for (var i = lid; i < ${K}u; i += ${THREADS}u) {
    let v = x[r * ${K}u + i];
    squares += v * v;
    sum += ${product} * weight[n * ${K}u + i];
  }
  let value = ${value};
  if (lid == 0u) { y[id] = ${activation === null ? 'value' : 'activate(value)'}; }
}`;
  const bindings: Kernel['bindings'] = [...reads.map(() => 'read' as const), 'write', 'uniform'];
  return { label: `head layer ${K} ${N}`, code, bindings };
});
