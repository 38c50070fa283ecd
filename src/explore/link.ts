import * as v from 'valibot';
import { TiebreakError } from '../domain/errors.ts';
import type { Pair } from '../domain/settings.ts';
import { joinBytes } from '../storage/bytes.ts';

/** Most characters of a link's data; browsers and chat programs cut off longer addresses. */
export const MAX_LINK = 100_000;
/** Most bytes of a decompressed link; without a limit a few kilobytes could fill the memory. */
const MAX_BYTES = 2_000_000;
const MAX_TURNS = 200;

const turns = v.pipe(v.array(v.string()), v.minLength(1), v.maxLength(MAX_TURNS));
const probability = v.pipe(v.number(), v.minValue(0), v.maxValue(1));
const Shared = v.object({
  v: v.literal(1),
  p: turns,
  a: turns,
  b: turns,
  m: v.optional(
    v.object({
      model: v.pipe(v.string(), v.maxLength(200)),
      adapter: v.nullable(v.pipe(v.string(), v.maxLength(400))),
      mean: v.tuple([probability, probability, probability]),
    }),
  ),
});

/** A pair in a link, with the result of its sender's model. */
export interface SharedPair {
  pair: Pair;
  /** Mean of both orders. */
  said?: { model: string; adapter: string | null; mean: [number, number, number] };
}

/**
 * Encodes a pair for the fragment of an address: JSON, compressed, in base64url.
 * @throws TiebreakError `explore/link-long` if the result is too long for a link.
 */
export async function encodeLink({ pair, said }: SharedPair): Promise<string> {
  const { prompt: p, responseA: a, responseB: b } = pair;
  const json = JSON.stringify({ v: 1, p, a, b, ...(said && { m: said }) });
  const bytes = new TextEncoder().encode(json);
  const tooLong = () => new TiebreakError('explore/link-long');
  if (bytes.length > MAX_BYTES || [p, a, b].some(({ length }) => length > MAX_TURNS))
    throw tooLong();
  const most = Math.floor((MAX_LINK * 3) / 4);
  return toBase64Url(await collect(bytes, new CompressionStream('deflate-raw'), most, tooLong));
}

/** Decodes the pair of a link. @throws TiebreakError `explore/link` if the link is damaged or too large. */
export async function decodeLink(text: string): Promise<SharedPair> {
  if (text.length > MAX_LINK) throw new TiebreakError('explore/link:long');
  let json: unknown;
  try {
    const unfolded = await collect(
      fromBase64Url(text),
      new DecompressionStream('deflate-raw'),
      MAX_BYTES,
      () => new TiebreakError('explore/link:large'),
    );
    json = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(unfolded));
  } catch (cause) {
    if (cause instanceof TiebreakError) throw cause;
    throw new TiebreakError('explore/link:altered', { cause });
  }
  const parsed = v.safeParse(Shared, json);
  if (!parsed.success) throw new TiebreakError('explore/link:no-pair');
  const { p, a, b, m } = parsed.output;
  return { pair: { prompt: p, responseA: a, responseB: b }, ...(m && { said: m }) };
}

/** Sends bytes through a stream. @throws the error of `tooMany` for more than `most` bytes. */
async function collect(
  bytes: Uint8Array<ArrayBuffer>,
  through: CompressionStream | DecompressionStream,
  most: number,
  tooMany: () => TiebreakError,
): Promise<Uint8Array<ArrayBuffer>> {
  const parts: Uint8Array[] = [];
  let length = 0;
  for await (const part of new Blob([bytes]).stream().pipeThrough(through)) {
    length += part.length;
    if (length > most) throw tooMany();
    parts.push(part);
  }
  return joinBytes(parts);
}

function toBase64Url(bytes: Uint8Array): string {
  let binary = '';
  for (const byte of bytes) binary += String.fromCharCode(byte);
  return btoa(binary).replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '');
}

function fromBase64Url(text: string): Uint8Array<ArrayBuffer> {
  const binary = atob(text.replaceAll('-', '+').replaceAll('_', '/'));
  return Uint8Array.from(binary, (character) => character.charCodeAt(0));
}
