import { TiebreakError } from '../domain/errors.ts';

/**
 * Was the page opened over https or as localhost? Only then do browsers give WebGPU, threads, Web Locks and files of its own.
 * True where there is no page.
 */
export function isSecurePage(): boolean {
  return globalThis.isSecureContext !== false;
}

/** @throws TiebreakError `storage/insecure` where browsers keep no files for the page because of its address. */
export function checkSecure(): void {
  if (isSecurePage()) return;
  throw new TiebreakError(
    'storage/insecure',
    'The browser stores files only for pages that are opened over https or as localhost.',
    { action: 'Open this page over https or as localhost.' },
  );
}
