/** Joins `count` pieces of shader text, one for each index. */
export function repeat(count: number, piece: (index: number) => string, separator = '\n'): string {
  return Array.from({ length: count }, (_, index) => piece(index)).join(separator);
}

/** Writes a number as a float32 literal of WGSL. */
export function float(value: number): string {
  const text = String(Math.fround(value));
  return /[.e]/.test(text) ? `${text}f` : `${text}.0f`;
}

/** WGSL statement for `id`, the number of this workgroup in the grid of `gridOf`, which may have two dimensions. */
export const WORKGROUP_ID = 'let id = wg.y * wgs.x + wg.x;';

/** WGSL parameters of `main`: the builtins that {@link WORKGROUP_ID} and the kernels use. */
export const BUILTINS = `@builtin(local_invocation_index) lid: u32,
  @builtin(workgroup_id) wg: vec3<u32>, @builtin(num_workgroups) wgs: vec3<u32>`;
