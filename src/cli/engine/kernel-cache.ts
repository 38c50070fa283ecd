import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import type { KernelCache } from '../../engine/device/kernel-cache.ts';

/** Path of the file with remembered choices of kernels, in the user's cache folder. */
function kernelCachePath(): string {
  const cache = process.env.XDG_CACHE_HOME || join(homedir(), '.cache');
  return join(cache, 'tiebreak', 'kernels.json');
}

/** Remembers choices of kernels in a JSON file. An unreadable file counts as empty. */
export function fileKernelCache(path = kernelCachePath()): KernelCache {
  const read = async (): Promise<Record<string, unknown>> => {
    try {
      const known: unknown = JSON.parse(await readFile(path, 'utf8'));
      return typeof known === 'object' && known !== null ? { ...known } : {};
    } catch {
      return {};
    }
  };
  return {
    get: async (key) => {
      const value = (await read())[key];
      return typeof value === 'string' ? value : null;
    },
    set: async (key, value) => {
      await mkdir(dirname(path), { recursive: true });
      // Two commands may write at the same time, so each replaces the file as a whole.
      const fresh = `${path}.${process.pid}`;
      await writeFile(fresh, JSON.stringify({ ...(await read()), [key]: value }, null, 1));
      await rename(fresh, path);
    },
  };
}
