import { createSHA256 } from 'hash-wasm';
import { throwIfAborted } from '../domain/errors.ts';
import type { ByteSource } from './byte-source.ts';

/** Files are read and copied in slices of this many bytes. */
export const SLICE_BYTES = 8 * 2 ** 20;

/** sha256 of a whole file, in hexadecimal. */
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

/** Bytes `start` to `end` of a file in slices, the next ones being read while one is used. */
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

/** Slices in flight: enough to hide a network's delay, few enough to need little memory. */
const AHEAD = 3;

/** Runs reads in order and yields their results, with the next few (`ahead`) already under way. */
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
    // When an earlier one fails nobody waits for this one; its failure must not count as unhandled.
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
