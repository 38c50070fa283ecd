import * as v from 'valibot';
import type { StoredPackage } from '../../../packages/api.ts';
import type { PageStorage } from '../../ui/files/page-storage.ts';

const KEY = 'tiebreak.packages';

const Schema = v.array(v.object({ id: v.string(), name: v.string(), complete: v.boolean() }));

type Expected = v.InferOutput<typeof Schema>;

/**
 * True if packages were stored at the last visit. The page then lists them at once; otherwise the worker need not
 * start.
 */
export function packagesExpected(storage: PageStorage | null): boolean {
  return read(storage).length > 0;
}

/** Records the stored packages for the next visit. */
export function expectPackages(
  storage: PageStorage | null,
  packages: readonly StoredPackage[],
): void {
  write(
    storage,
    packages.map(({ id, name, state }) => ({ id, name, complete: state === 'complete' })),
  );
}

/** Removes a package that the user deleted from the record. */
export function forgetPackage(storage: PageStorage | null, id: string): void {
  write(
    storage,
    read(storage).filter((one) => one.id !== id),
  );
}

/**
 * Names of complete packages that were recorded and are missing: the browser deleted them, or the user with its tools.
 */
export function lostPackages(
  storage: PageStorage | null,
  packages: readonly StoredPackage[],
): string[] {
  return read(storage)
    .filter(({ id, complete }) => complete && !packages.some((stored) => stored.id === id))
    .map(({ name }) => name);
}

function read(storage: PageStorage | null): Expected {
  try {
    return v.parse(Schema, JSON.parse(storage?.getItem(KEY) ?? '[]'));
  } catch {
    return [];
  }
}

function write(storage: PageStorage | null, expected: Expected): void {
  try {
    storage?.setItem(KEY, JSON.stringify(expected));
  } catch {
    // Without the record, the list is read when its card is opened.
  }
}
