import { type ActivationLayout, activationType, putFunction } from './activations.ts';
import { type Kernel, once } from './kernel.ts';
import { BUILTINS, float, repeat, WORKGROUP_ID } from './text.ts';

/** The work of {@link normKernel} on each row of [M, H]. Weights of norms are float32 [H] with their offset added. */
interface NormShape {
  H: number;
  epsilon: number;
  /** Unless `none`, adds rms(y) times a weight to the residual first. `scaled` divides y by its row's scale before. */
  add: 'none' | 'plain' | 'scaled';
  /** Adds y as it is, without a norm of its own. Default false. */
  unnormed?: boolean;
  /** Unless null, writes rms(residual) times a weight as the input of a product. */
  output: ActivationLayout | null;
}

const THREADS = 256;

/**
 * RMSNorm in float32, one workgroup per row: `residual += rms(y) * addWeight` (`unnormed`: `+= y`),
 * then `output = rms(residual) * weight`.
 *
 * One kernel adds the output of attention or MLP and norms the sum for the next product, so that the residual stream is
 * read and written once instead of twice. A thread keeps its octets of a row in registers, so the row is read once
 * although both norms need all of it. The fixed number of 256 threads and the tree of {@link totalFunction} make the
 * order of sums depend on H alone.
 *
 * Bindings: residual float32 [M, H] (written with `add`); y float32 [M, H], addWeight, scale float32 [M] (`add` only,
 * addWeight not if `unnormed`, scale only if `scaled`); weight, output (`output` only); parameters { M }. H is a
 * multiple of 8.
 */
export const normKernel = once(function normKernel({
  H,
  epsilon,
  add,
  unnormed = false,
  output,
}: NormShape): Kernel {
  const adds = add !== 'none';
  const octets = H / 8;
  const perThread = Math.ceil(octets / THREADS);
  const full = octets % THREADS === 0;
  const declarations: [access: Kernel['bindings'][number], text: string][] = [
    adds
      ? ['write', 'var<storage, read_write> residual: array<vec4<f32>>;']
      : ['read', 'var<storage, read> residual: array<vec4<f32>>;'],
  ];
  if (adds) {
    declarations.push(['read', 'var<storage, read> y: array<vec4<f32>>;']);
    if (!unnormed) declarations.push(['read', 'var<storage, read> addWeight: array<vec4<f32>>;']);
    if (add === 'scaled') declarations.push(['read', 'var<storage, read> scale: array<f32>;']);
  }
  if (output !== null) {
    declarations.push(
      ['read', 'var<storage, read> weight: array<vec4<f32>>;'],
      ['write', `var<storage, read_write> X: ${activationType(output)};`],
    );
  }
  declarations.push(['uniform', 'var<uniform> p: Parameters;']);

  const each = (piece: (s: number) => string) =>
    repeat(perThread, (s) => {
      const guard = full || s < perThread - 1 ? '' : `if (lid + ${s * THREADS}u < ${octets}u) `;
      return `${guard}{ let o = lid + ${s * THREADS}u; let i = id * ${octets * 2}u + o * 2u; ${piece(s)} }`;
    });
  const squares = (name: string) =>
    repeat(
      perThread,
      (s) => `dot(${name}l${s}, ${name}l${s}) + dot(${name}h${s}, ${name}h${s})`,
      ' + ',
    );
  const declare = (name: string) =>
    repeat(perThread, (s) => `var ${name}l${s}: vec4<f32>; var ${name}h${s}: vec4<f32>;`, ' ');
  const factor = (name: string) =>
    `inverseSqrt(total(${squares(name)}, lid) / ${float(H)} + ${float(epsilon)})`;

  const added = (at: string) => (unnormed ? '' : ` * fy * addWeight[${at}]`);
  const addPart = adds
    ? `${declare('y')}
  ${add === 'scaled' ? 'let unscale = 1.0 / scale[id];' : ''}
  ${each((s) => `yl${s} = y[i]${add === 'scaled' ? ' * unscale' : ''}; yh${s} = y[i + 1u]${add === 'scaled' ? ' * unscale' : ''};`)}
  ${unnormed ? '' : `let fy = ${factor('y')};`}
  ${each((s) => `xl${s} += yl${s}${added('o * 2u')}; xh${s} += yh${s}${added('o * 2u + 1u')}; residual[i] = xl${s}; residual[i + 1u] = xh${s};`)}`
    : '';
  const outPart =
    output === null
      ? ''
      : `let fx = ${factor('x')};
  ${each((s) => `put(id, o, xl${s} * fx * weight[o * 2u], xh${s} * fx * weight[o * 2u + 1u]);`)}`;
  const code = `struct Parameters { M: u32 }
${declarations.map(([, text], binding) => `@group(0) @binding(${binding}) ${text}`).join('\n')}
${output === null ? '' : putFunction(output, H, 'X')}
${totalFunction(THREADS)}
@compute @workgroup_size(${THREADS}) fn main(${BUILTINS}) {
  ${WORKGROUP_ID}
  if (id >= p.M) { return; }
  ${declare('x')}
  ${each((s) => `xl${s} = residual[i]; xh${s} = residual[i + 1u];`)}
  ${addPart}
  ${outPart}
}`;
  return {
    label: `norm ${H} ${unnormed ? 'unnormed ' : ''}${add} ${output}`,
    code,
    bindings: declarations.map(([access]) => access),
  };
});

/**
 * WGSL function `total(value, lid)`: the sum (or maximum) of a value over all threads of the workgroup, as a tree of
 * halves, so that the order of sums is the same on every device. It has barriers, so every thread must call it.
 */
export function totalFunction(threads: number, operation: 'sum' | 'max' = 'sum'): string {
  const combine =
    operation === 'sum'
      ? 'partial[lid] += partial[lid + n];'
      : 'partial[lid] = max(partial[lid], partial[lid + n]);';
  return `var<workgroup> partial: array<f32, ${threads}>;
fn total(value: f32, lid: u32) -> f32 {
  workgroupBarrier(); // the last use of it is over
  partial[lid] = value;
  workgroupBarrier();
  for (var n = ${threads / 2}u; n > 0u; n /= 2u) {
    if (lid < n) { ${combine} }
    workgroupBarrier();
  }
  return partial[0];
}`;
}
