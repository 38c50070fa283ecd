import type { ErrorParams } from '../../domain/errors.ts';

// What the page tells in its own language by these codes: src/app/i18n/errors-ja.ts.
const REASONS = {
  'kernels/no-gpu': () => 'they need a GPU',
  'kernels/no-int8': () => 'it does not compute in int8',
  'kernels/all-layers': () => 'it runs all layers or none',
  'kernels/unquantised': () => 'the weights are not quantised',
  'kernels/sizes': ({ of }) => `sizes are no multiples of ${of}`,
  'kernels/heads': ({ size }) => `heads of ${size} do not fit`,
  'kernels/workgroups': () => 'workgroups of 256 are too large',
  'kernels/no-int8-product': () => 'there is no dot product of int8',
  'kernels/no-float16': () => 'the device has no shader-f16',
  'kernels/no-subgroup-matrices': () => 'the device has no subgroup matrices',
  'kernels/subgroup-size': () => 'subgroups are not of 32',
  'kernels/workgroup-memory': () => 'too little workgroup memory',
} satisfies Record<string, (params: ErrorParams) => string>;

/** Why an executor is not taken: its code, the reason in English, and the values in it. */
export interface Reason {
  /** One of ours, or that of the error it failed with. */
  code: string;
  reason: string;
  params?: ErrorParams;
}

/** The reason of a code. @param params what its text counts. */
export function reasonFor(code: keyof typeof REASONS, params: ErrorParams = {}): Reason {
  return { code, reason: REASONS[code](params), params };
}
