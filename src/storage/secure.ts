import { TiebreakError } from '../domain/errors.ts';

/**
 * True where the page was opened over https or as localhost, and where there is no page. Only then do browsers give
 * WebGPU, threads, Web Locks and files of its own.
 */
export function isSecurePage(): boolean {
  return globalThis.isSecureContext !== false;
}

/** @throws TiebreakError `storage/insecure` where browsers keep no files for the page because of its address. */
export function checkSecure(): void {
  if (isSecurePage()) return;
  throw new TiebreakError('storage/insecure');
}
