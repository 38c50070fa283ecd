import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { TiebreakError } from '../src/domain/errors.ts';
import { type BuildOptions, buildPackage } from '../src/import/build.ts';
import { safetensorsHeader, type TensorHeader } from '../src/model/safetensors.ts';
import { joinBytes } from '../src/storage/bytes.ts';
import { NodeDirectory } from '../src/storage/node-file.ts';
import { MemoryFiles } from '../src/storage/package-files.ts';
import { MemorySink } from '../src/storage/sink.ts';

/** Path of a folder of test/fixtures. */
export function fixture(path: string): string {
  return fileURLToPath(new URL(`../test/fixtures/${path}`, import.meta.url));
}

/** A folder of test/fixtures. */
export function fixtureFiles(path: string): NodeDirectory {
  return new NodeDirectory(fixture(path));
}

/** Reads a JSON file of test/fixtures, for a test to change. */
export function fixtureJson(path: string): Record<string, unknown> {
  return JSON.parse(readFileSync(fixture(path), 'utf8'));
}

/** Text or bytes as a file in memory. */
export function bytes(content: string | ArrayBufferView): Uint8Array<ArrayBuffer> {
  if (typeof content === 'string') return new TextEncoder().encode(content);
  return new Uint8Array(
    new Uint8Array(content.buffer, content.byteOffset, content.byteLength).slice(),
  );
}

/** A directory in memory. */
export function memory(files: Record<string, string | ArrayBufferView>): MemoryFiles {
  const entries = Object.entries(files).map(([path, content]) => [path, bytes(content)] as const);
  return new MemoryFiles('memory', new Map(entries));
}

/** Makes a safetensors file with these tensors. */
export function safetensors(
  tensors: (TensorHeader & { data: ArrayBufferView })[],
): Uint8Array<ArrayBuffer> {
  const headers = tensors.map(({ name, dtype, shape }) => ({ name, dtype, shape }));
  return joinBytes([safetensorsHeader(headers).bytes, ...tensors.map(({ data }) => bytes(data))]);
}

/** Makes a safetensors file with any header and any data. */
export function rawSafetensors(header: unknown, dataBytes = 0): Uint8Array<ArrayBuffer> {
  const text = bytes(typeof header === 'string' ? header : JSON.stringify(header));
  const file = new Uint8Array(8 + text.length + dataBytes);
  new DataView(file.buffer).setBigUint64(0, BigInt(text.length), true);
  file.set(text, 8);
  return file;
}

/** Returns the error of a rejected promise, which must be a {@link TiebreakError}. */
export async function refusal(promise: Promise<unknown>): Promise<TiebreakError> {
  try {
    await promise;
  } catch (error) {
    if (error instanceof TiebreakError) return error;
    throw error;
  }
  throw new Error('expected a TiebreakError, but nothing was thrown');
}

/** Builds a package in memory from a fixture's base and adapter. */
export async function builtPackage(
  base: string,
  options: Partial<BuildOptions> = {},
): Promise<MemoryFiles> {
  const sink = new MemorySink();
  const adapter = `${base.split('/')[0]}/adapter`;
  await buildPackage(
    {
      base: fixtureFiles(base),
      adapters: [{ name: 'adapter', files: fixtureFiles(adapter) }],
      name: base,
      ...options,
    },
    sink,
  );
  return sink.files;
}

/** A generator of pseudo-random numbers from 0 to 1, the same every time. */
export function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

/** Random values like weights: nearly normal, with the given scale. */
export function randomValues(
  length: number,
  scale: number,
  seed: number,
): Float32Array<ArrayBuffer> {
  const random = seeded(seed);
  return Float32Array.from(
    { length },
    () => scale * (random() + random() + random() + random() - 2) * Math.sqrt(3),
  );
}

/** Paths of files that differ, or that only one of two packages has. `toEqual` would take seconds for megabytes. */
export function differing(
  a: ReadonlyMap<string, Uint8Array>,
  b: ReadonlyMap<string, Uint8Array>,
): string[] {
  return [...new Set([...a.keys(), ...b.keys()])].filter((path) => {
    const [left, right] = [a.get(path), b.get(path)];
    return left === undefined || right === undefined || Buffer.compare(left, right) !== 0;
  });
}
