import { TiebreakError } from '../domain/errors.ts';
import { isSecurePage } from '../storage/secure.ts';

/** Bytes that this site may still store; null if the browser does not tell. */
export async function availableBytes(): Promise<number | null> {
  if (!isSecurePage()) return null;
  const { quota, usage } = await navigator.storage.estimate();
  return quota === undefined || usage === undefined ? null : Math.max(0, quota - usage);
}

/** Throws `storage/full` if a package of `bytes` bytes, of which `held` are stored already, has no room. */
export async function checkRoom(bytes: number, held: number): Promise<void> {
  const room = await availableBytes();
  if (room === null || bytes <= room + held) return;
  const needed = bytes - held;
  throw new TiebreakError('storage/full:model', {
    params: { needed: gigabytes(needed), room: gigabytes(room) },
  });
}

function gigabytes(bytes: number): string {
  return bytes < 1e8 ? `${(bytes / 1e6).toFixed(1)} MB` : `${(bytes / 1e9).toFixed(2)} GB`;
}
