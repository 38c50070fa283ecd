/**
 * The characters that stand for bytes in a byte-level vocabulary, as GPT-2 chose them: printable Latin-1 characters for
 * themselves, and those from U+0100 on for the other bytes, in order.
 */
export const BYTE_CHARACTERS: readonly string[] = byteCharacters();

const BYTES = new Map(BYTE_CHARACTERS.map((character, byte) => [character, byte]));

function byteCharacters(): string[] {
  const isPrintable = (byte: number) =>
    (byte > 0x20 && byte < 0x7f) || (byte > 0xa0 && byte !== 0xad);
  let others = 0;
  return Array.from({ length: 256 }, (_, byte) =>
    String.fromCharCode(isPrintable(byte) ? byte : 0x100 + others++),
  );
}

/** The bytes of an entry of a byte-level vocabulary; null if it has a character that stands for none. */
export function bytesOfEntry(entry: string): Uint8Array | null {
  const bytes = new Uint8Array(entry.length);
  for (let i = 0; i < entry.length; i++) {
    const byte = BYTES.get(entry[i]!);
    if (byte === undefined) return null;
    bytes[i] = byte;
  }
  return bytes;
}

// A byte order mark is a character like others here.
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Bytes as text for people: bytes that are only a part of a character read `<0xE3>`. */
export function readableBytes(bytes: Uint8Array): string {
  let text = '';
  for (let at = 0; at < bytes.length; ) {
    const length = characterLength(bytes[at]!);
    const character = decoded(bytes.subarray(at, at + length));
    text += character ?? `<0x${bytes[at]!.toString(16).toUpperCase().padStart(2, '0')}>`;
    at += character === null ? 1 : length;
  }
  return text;
}

/** Bytes of the UTF-8 character that begins with a byte. */
function characterLength(lead: number): number {
  if (lead < 0xc0) return 1;
  return lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
}

function decoded(bytes: Uint8Array): string | null {
  try {
    return utf8.decode(bytes);
  } catch {
    return null;
  }
}
