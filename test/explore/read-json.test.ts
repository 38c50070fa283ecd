import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { pairJson } from '../../src/explore/formats.ts';
import { jsonBreak } from '../../src/explore/json-break.ts';
import { readPairJson } from '../../src/explore/read-json.ts';
import { anyPair, pairOf } from '../../testing/texts.ts';

/** The offset, from 0, at which one line of JSON breaks off. */
const offsetOf = (text: string) => jsonBreak(text).column - 1;

/** The error that reading a text throws. */
function errorOf(text: string): unknown {
  try {
    return readPairJson(text);
  } catch (thrown) {
    return thrown;
  }
}

describe('a pair read from JSON', () => {
  test('a copied pair is read back, with the model’s answer', () => {
    const mean: [number, number, number] = [0.5, 0.3, 0.2];
    const said = { forward: mean, swapped: mean, mean };
    fc.assert(
      fc.property(anyPair, (pair) => {
        expect(readPairJson(pairJson(pair, null, null))).toEqual({ pair });
        expect(readPairJson(pairJson(pair, said, { model: 'm', adapter: null }))).toEqual({
          pair,
          said: { model: 'm', adapter: null, mean },
        });
      }),
    );
  });

  test('a single turn needs no list, and unknown fields are ignored', () => {
    const text = '{"prompt":"p","response_a":["a"],"response_b":"","probabilities":7,"other":1}';
    expect(readPairJson(text)).toEqual({ pair: pairOf('p', 'a', '') });
  });

  test('text that is no JSON is refused with the place', () => {
    expect(errorOf('{\n  "prompt": oops\n}')).toMatchObject({
      code: 'explore/json',
      params: { line: 2, column: 13 },
    });
    expect(errorOf('{"prompt":["p"],"response_a":["cut')).toMatchObject({
      params: { line: 1, column: 31 },
    });
    expect(errorOf('[1, 2] 3')).toMatchObject({ params: { line: 1, column: 8 } });
    expect(errorOf('['.repeat(200_000))).toMatchObject({ code: 'explore/json' });
  });

  test('JSON breaks off no later than at the character that spoils it', () => {
    fc.assert(
      fc.property(fc.json(), fc.nat(), fc.constantFrom('§', '\u0001'), (json, at, bad) => {
        expect(offsetOf(json)).toBe(json.length);
        const place = at % (json.length + 1);
        const spoiled = json.slice(0, place) + bad + json.slice(place);
        let isJson = true;
        try {
          JSON.parse(spoiled);
        } catch {
          isJson = false;
        }
        if (isJson) expect(offsetOf(spoiled)).toBe(spoiled.length);
        else expect(offsetOf(spoiled)).toBeLessThanOrEqual(place + 1);
      }),
    );
  });

  test('the fields that are wrong are named', () => {
    expect(errorOf('{"prompt":["p"],"response_a":["a",1]}')).toMatchObject({
      code: 'explore/json-fields',
      params: { fields: 'response_a, response_b' },
    });
    for (const text of ['null', '3', '"p"'])
      expect(errorOf(text)).toMatchObject({ params: { fields: '' } });
  });
});
