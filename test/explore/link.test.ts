import { deflateRawSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { TiebreakError } from '../../src/domain/errors.ts';
import { decodeLink, encodeLink, MAX_LINK } from '../../src/explore/link.ts';
import { anyPair, pairOf } from '../../testing/texts.ts';

const said = { model: 'demo', adapter: null, mean: [0.2, 0.3, 0.5] as [number, number, number] };
const packed = (value: unknown) => deflateRawSync(JSON.stringify(value)).toString('base64url');

describe('a link', () => {
  test('gives the pair that was put in', async () => {
    await fc.assert(
      fc.asyncProperty(anyPair, fc.boolean(), async (pair, tells) => {
        const shared = tells ? { pair, said } : { pair };
        const text = await encodeLink(shared);
        expect(text).toMatch(/^[\w-]+$/);
        expect(await decodeLink(text)).toEqual(shared);
      }),
      { numRuns: 50 },
    );
  });

  test('that is damaged is refused with a reason, whatever it is', async () => {
    const good = await encodeLink({ pair: pairOf('What?', 'This.', 'That.') });
    const any = fc.oneof(
      fc.string(),
      fc.nat(good.length - 1).map((at) => good.slice(0, at)),
      fc.nat(good.length - 1).map((at) => `${good.slice(0, at)}A${good.slice(at + 1)}`),
    );
    await fc.assert(
      fc.asyncProperty(any, async (text) => {
        const opened = await decodeLink(text).catch((error: unknown) => error);
        if (opened instanceof Error) {
          expect(opened).toBeInstanceOf(TiebreakError);
          expect((opened as TiebreakError).code).toBe('explore/link');
        } else {
          expect(opened).toHaveProperty('pair');
        }
      }),
    );
  });

  test.each([
    ['no turns', { v: 1, p: [], a: [''], b: [''] }],
    ['another version', { v: 2, p: [''], a: [''], b: [''] }],
    ['no text', { v: 1, p: [1], a: [''], b: [''] }],
    ['no probability', { v: 1, p: [''], a: [''], b: [''], m: { ...said, mean: [0, 0, 2] } }],
    ['too many turns', { v: 1, p: Array(201).fill(''), a: [''], b: [''] }],
    ['another thing', ['p']],
  ])('with %s is refused', async (_, value) => {
    await expect(decodeLink(packed(value))).rejects.toMatchObject({ code: 'explore/link' });
  });

  test('that would unfold to more than is allowed is refused', async () => {
    const bomb = packed({ v: 1, p: ['a'.repeat(20_000_000)], a: [''], b: [''] });
    expect(bomb.length).toBeLessThan(MAX_LINK);
    await expect(decodeLink(bomb)).rejects.toThrow('too large');
    await expect(decodeLink('A'.repeat(MAX_LINK + 1))).rejects.toThrow('too long');
  });

  test('is not made of a pair that is too long for one', async () => {
    const turns = Array.from({ length: 201 }, () => '');
    await expect(
      encodeLink({ pair: { prompt: turns, responseA: ['a'], responseB: ['b'] } }),
    ).rejects.toMatchObject({ code: 'explore/link-long' });
    const noise = Array.from({ length: 60_000 }, (_, i) =>
      String.fromCharCode(0x4e00 + ((i * i * 7919 + i * 104_729) % 20_000)),
    ).join('');
    await expect(encodeLink({ pair: pairOf(noise, 'a', 'b') })).rejects.toMatchObject({
      code: 'explore/link-long',
    });
  });
});
