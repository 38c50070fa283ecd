import { TiebreakError } from '../domain/errors.ts';

/**
 * True if the page was opened over https or as localhost, and in Node. Only then do browsers offer WebGPU, threads, Web
 * Locks and a file system.
 */
export function isSecurePage(): boolean {
  return globalThis.isSecureContext !== false;
}

/** Throws `storage/insecure` if browsers store no files for the page because of its address. */
export function checkSecure(): void {
  if (isSecurePage()) return;
  throw new TiebreakError('storage/insecure');
}
