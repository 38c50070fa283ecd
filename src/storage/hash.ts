import { createSHA256 } from 'hash-wasm';
import { throwIfAborted } from '../domain/errors.ts';
import type { ByteSource } from './byte-source.ts';

/** Bytes of the slices in which large files are read and copied. */
export const SLICE_BYTES = 8 * 2 ** 20;

/** SHA-256 of a whole file in hexadecimal. `onBytes` receives the size of each slice that was read. */
export async function sha256(
  source: ByteSource,
  options: { signal?: AbortSignal; onBytes?: (bytes: number) => void } = {},
): Promise<string> {
  const hash = await createSHA256();
  for await (const bytes of slices(source, 0, source.size)) {
    throwIfAborted(options.signal);
    hash.update(bytes);
    options.onBytes?.(bytes.byteLength);
  }
  return hash.digest('hex');
}

/** Yields bytes `start` to `end` (exclusive) of a file in slices; the next ones are read while one is used. */
export function slices(
  source: ByteSource,
  start: number,
  end: number,
): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  const reads = function* () {
    for (let at = start; at < end; at += SLICE_BYTES) {
      const to = Math.min(end, at + SLICE_BYTES);
      yield () => source.read(at, to);
    }
  };
  return readAhead(reads());
}

/** Slices read ahead: enough to hide the latency of a network, few enough to need little memory. */
const AHEAD = 3;

/** Starts reads in order, up to `ahead` at a time, and yields their results in order. */
export async function* readAhead<T>(
  reads: Iterable<() => Promise<T>>,
  ahead = AHEAD,
): AsyncGenerator<T> {
  const waiting: Promise<T>[] = [];
  const more = reads[Symbol.iterator]();
  const start = () => {
    const next = more.next();
    if (next.done === true) return;
    const read = next.value();
    // If an earlier read fails, nobody awaits this one, and its failure must not count as unhandled.
    read.catch(() => {});
    waiting.push(read);
  };
  for (let i = 0; i < ahead; i += 1) start();
  for (let read = waiting.shift(); read !== undefined; read = waiting.shift()) {
    const value = await read;
    start();
    yield value;
  }
}
