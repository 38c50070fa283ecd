/**
 * Text in which every character stands for one byte of a file, so that offsets in the text are offsets in the file. The
 * structure of CSV is ASCII, and no byte of a UTF-8 multibyte sequence is ASCII, so such text can be split safely.
 */
export type ByteText = string;

const oneByte = new TextDecoder('windows-1252');
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
const utf8Lossy = new TextDecoder('utf-8', { ignoreBOM: true });
const encoder = new TextEncoder();

/** Characters beyond 255 that the decoder returns for the bytes 0x80 to 0x9f. Some engines return none. */
const HIGH_CHARACTERS = new Map<number, number>();
for (let byte = 0x80; byte < 0xa0; byte++) {
  HIGH_CHARACTERS.set(oneByte.decode(Uint8Array.of(byte)).charCodeAt(0), byte);
}

/** A reused buffer for decoding cells; a longer cell gets its own. */
const scratch = new Uint8Array(1 << 18);

/** Decodes bytes to one character each. */
export function toByteText(bytes: Uint8Array): ByteText {
  return oneByte.decode(bytes);
}

/** Converts text from {@link toByteText} back to its bytes. */
export function toBytes(text: ByteText): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(text.length);
  fillBytes(text, bytes);
  return bytes;
}

/**
 * Decodes byte text as UTF-8; undefined if it is invalid. The result shares no memory with `text`, since engines keep a
 * whole chunk alive for one substring.
 */
export function decodeUtf8(text: ByteText): string | undefined {
  const { length } = text;
  const bytes = length <= scratch.length ? scratch : new Uint8Array(length);
  const { read, written } = encoder.encodeInto(text, bytes);
  // Text beyond ASCII takes more bytes than characters, or does not fit.
  const ascii = read === length && written === length;
  if (!ascii) fillBytes(text, bytes);
  try {
    return utf8.decode(bytes.subarray(0, length));
  } catch {
    return undefined;
  }
}

/** Decodes byte text as UTF-8, with U+FFFD for invalid sequences. */
export function decodeUtf8Lossy(text: ByteText): string {
  return utf8Lossy.decode(toBytes(text));
}

/** Offset of the first invalid UTF-8 sequence in `text`; undefined if all is valid. */
export function firstInvalidUtf8(text: ByteText): number | undefined {
  const bytes = toBytes(text);
  if (decodePrefix(bytes, bytes.length, false) !== undefined) return undefined;
  // Finds the longest prefix that is valid except for a sequence cut at its end, then the start of that sequence.
  let low = 0;
  let high = bytes.length;
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (decodePrefix(bytes, middle, true) === undefined) high = middle - 1;
    else low = middle;
  }
  return encoder.encode(decodePrefix(bytes, low, true)).length;
}

function decodePrefix(bytes: Uint8Array, end: number, mayBeCut: boolean): string | undefined {
  const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
  try {
    return decoder.decode(bytes.subarray(0, end), { stream: mayBeCut });
  } catch {
    return undefined;
  }
}

function fillBytes(text: ByteText, bytes: Uint8Array): void {
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index);
    bytes[index] = code < 256 ? code : HIGH_CHARACTERS.get(code)!;
  }
}
