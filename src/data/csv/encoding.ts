import { TiebreakError } from '../../domain/errors.ts';
import { type ByteSource, MemorySource } from '../../storage/byte-source.ts';
import { joinBytes } from '../../storage/bytes.ts';
import type { CsvNote } from './notes.ts';

/** Largest UTF-16 file; it is converted in memory. */
const MAX_UTF16_BYTES = 256 * 1024 * 1024;
const CHUNK_BYTES = 4 * 1024 * 1024;
const SAMPLE_BYTES = 64;

/** A file as UTF-8. */
interface Utf8Text {
  /** The file itself, or its conversion in memory. */
  source: ByteSource;
  /** Offset in `source` of the first byte after a byte order mark. */
  textStart: number;
  /** A remark about its encoding. */
  note?: CsvNote;
}

/**
 * Detects UTF-16 and converts it to UTF-8. Other encodings pass unchanged; their bytes are checked where they are
 * decoded.
 * @throws TiebreakError `csv/utf16-too-large` for a UTF-16 file over 256 MB, and the errors of the source.
 */
export async function openUtf8(source: ByteSource): Promise<Utf8Text> {
  const head = await source.read(0, Math.min(SAMPLE_BYTES, source.size));
  if (head[0] === 0xef && head[1] === 0xbb && head[2] === 0xbf) {
    return { source, textStart: 3, note: { kind: 'byteOrderMark' } };
  }
  const marked = markedUtf16(head);
  const encoding = marked ?? guessUtf16(head);
  if (encoding === undefined) return { source, textStart: 0 };
  return {
    source: await convertUtf16(source, marked ? 2 : 0, encoding),
    textStart: 0,
    note: { kind: 'utf16' },
  };
}

type Utf16 = 'utf-16le' | 'utf-16be';

function markedUtf16(head: Uint8Array): Utf16 | undefined {
  if (head[0] === 0xff && head[1] === 0xfe) return 'utf-16le';
  if (head[0] === 0xfe && head[1] === 0xff) return 'utf-16be';
  return undefined;
}

/** An ASCII header in UTF-16 has a NUL beside every letter. */
function guessUtf16(head: Uint8Array): Utf16 | undefined {
  const pairs = head.length >> 1;
  let evenNuls = 0;
  let oddNuls = 0;
  for (let pair = 0; pair < pairs; pair++) {
    if (head[2 * pair] === 0) evenNuls++;
    if (head[2 * pair + 1] === 0) oddNuls++;
  }
  // Not every pair, since the text after a short header may be in any script.
  const many = Math.max(2, pairs / 2);
  if (head[1] === 0 && oddNuls >= many && evenNuls === 0) return 'utf-16le';
  if (head[0] === 0 && evenNuls >= many && oddNuls === 0) return 'utf-16be';
  return undefined;
}

async function convertUtf16(source: ByteSource, start: number, encoding: Utf16) {
  if (source.size > MAX_UTF16_BYTES) {
    throw new TiebreakError('csv/utf16-too-large', {
      params: { size: source.size, most: MAX_UTF16_BYTES },
      place: { file: source.name },
    });
  }
  const decoder = new TextDecoder(encoding, { ignoreBOM: true });
  const encoder = new TextEncoder();
  const pieces: Uint8Array[] = [];
  for (let at = start; at < source.size; at += CHUNK_BYTES) {
    const end = Math.min(at + CHUNK_BYTES, source.size);
    const text = decoder.decode(await source.read(at, end), { stream: end < source.size });
    pieces.push(encoder.encode(text));
  }
  return new MemorySource(source.name, joinBytes(pieces));
}
