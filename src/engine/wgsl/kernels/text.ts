/** `count` pieces of shader text, one for each index. */
export function repeat(count: number, piece: (index: number) => string, separator = '\n'): string {
  return Array.from({ length: count }, (_, index) => piece(index)).join(separator);
}

/** A number as a float32 literal of WGSL. */
export function float(value: number): string {
  const text = String(Math.fround(value));
  return /[.e]/.test(text) ? `${text}f` : `${text}.0f`;
}

/** The statement that makes `id` the number of this workgroup in a grid that {@link gridOf} may have split in two. */
export const WORKGROUP_ID = 'let id = wg.y * wgs.x + wg.x;';

/** Builtins that {@link WORKGROUP_ID} and the kernels use. */
export const BUILTINS = `@builtin(local_invocation_index) lid: u32,
  @builtin(workgroup_id) wg: vec3<u32>, @builtin(num_workgroups) wgs: vec3<u32>`;
