import type { ByteSource } from './byte-source.ts';
import { joinBytes } from './bytes.ts';
import { slices } from './hash.ts';

/** Reads the lines of a file, without their ends. Holds a slice of the file and one line. */
export async function* lines(source: ByteSource): AsyncGenerator<Uint8Array> {
  let begun: Uint8Array[] = [];
  for await (const bytes of slices(source, 0, source.size)) {
    let from = 0;
    for (let end = bytes.indexOf(0x0a); end >= 0; end = bytes.indexOf(0x0a, from)) {
      yield joinBytes([...begun, bytes.subarray(from, end)]);
      begun = [];
      from = end + 1;
    }
    if (from < bytes.length) begun.push(bytes.subarray(from));
  }
  if (begun.length > 0) yield joinBytes(begun);
}
