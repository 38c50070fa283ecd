import { type Kernel, once } from './kernel.ts';
import { BUILTINS, float, WORKGROUP_ID } from './text.ts';

const THREADS = 256;

/** Workgroups of {@link embedKernel} for M rows. */
export function embedGroups(H: number, M: number): number {
  return Math.ceil((M * H) / 4 / THREADS);
}

/**
 * Computes the first hidden states in float32: rows of a float16 embedding times `scale`. The table stays on the CPU
 * (`EmbeddingTable`); the rows of a batch are transferred as stored, with half the bytes of float32.
 *
 * Bindings: rows float16 [M, H], output float32 [M, H], parameters { M }. H is a multiple of 8.
 */
export const embedKernel = once(function embedKernel(H: number, scale: number): Kernel {
  const code = `struct Parameters { M: u32 }
@group(0) @binding(0) var<storage, read> rows: array<vec2<u32>>;
@group(0) @binding(1) var<storage, read_write> hidden: array<vec4<f32>>;
@group(0) @binding(2) var<uniform> p: Parameters;
@compute @workgroup_size(${THREADS}) fn main(${BUILTINS}) {
  ${WORKGROUP_ID}
  let i = id * ${THREADS}u + lid;
  if (i >= p.M * ${H / 4}u) { return; }
  let w = rows[i];
  hidden[i] = vec4<f32>(unpack2x16float(w.x), unpack2x16float(w.y)) * ${float(scale)};
}`;
  return { label: `embed ${H}`, code, bindings: ['read', 'write', 'uniform'] };
});
