import fc from 'fast-check';
import { expect, test } from 'vitest';
import { decodeFloats, encodeFloat16, fromFloat16, toFloat16 } from '../../src/model/dtype.ts';
import { bytes } from '../../testing/checkpoints.ts';

/** All finite binary16 values from 0 up; the index is the bit pattern. */
const ASCENDING = Array.from({ length: 0x7c00 }, (_, bits) => fromFloat16(bits));

/** The nearest binary16 value, found slowly and plainly by comparing both neighbours. */
function nearest(value: number): number {
  const size = Math.abs(value);
  const sign = value < 0 || Object.is(value, -0) ? 0x8000 : 0;
  let low = 0;
  let high = ASCENDING.length;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (ASCENDING[middle]! <= size) low = middle;
    else high = middle;
  }
  // Above the largest value, 65504, IEEE 754 rounds as if 65536 were next, and returns infinity for it.
  const above = ASCENDING[low + 1] ?? 65536;
  const toLow = size - ASCENDING[low]!;
  const toHigh = above - size;
  const up = toHigh < toLow || (toHigh === toLow && low % 2 === 1);
  return sign | Math.min(0x7c00, up ? low + 1 : low);
}

test('all 65,536 binary16 values survive a round trip', () => {
  const all = Uint16Array.from({ length: 65536 }, (_, bits) => bits);
  const values = decodeFloats(bytes(all), 'F16');
  const again = encodeFloat16(values);
  for (let bits = 0; bits < 65536; bits += 1) {
    if (Number.isNaN(values[bits])) {
      expect(fromFloat16(again[bits]!)).toBeNaN();
    } else if (again[bits] !== bits) {
      throw new Error(`${bits} became ${again[bits]}`);
    }
  }
});

test('known values', () => {
  const known: [number, number][] = [
    [1, 0x3c00],
    [-2, 0xc000],
    [65504, 0x7bff],
    [2 ** -24, 0x0001],
    [2 ** -14, 0x0400],
    [1 / 3, 0x3555],
    [Infinity, 0x7c00],
    [-Infinity, 0xfc00],
    [0, 0],
    [-0, 0x8000],
  ];
  for (const [value, bits] of known) {
    expect(toFloat16(value)).toBe(bits);
    expect(fromFloat16(bits)).toBe(Math.abs(value - 1 / 3) < 1e-9 ? 0.333251953125 : value);
  }
});

test('rounds to nearest, ties to even: midpoints and their float32 neighbours', () => {
  const float = new Float32Array(1);
  const bits = new Uint32Array(float.buffer);
  for (let low = 0; low < 0x7c00; low += 1) {
    float[0] = (ASCENDING[low]! + (ASCENDING[low + 1] ?? 65536)) / 2;
    const middle = bits[0]!;
    for (const offset of [-1, 0, 1]) {
      bits[0] = middle + offset;
      const value = float[0]!;
      if (toFloat16(value) !== nearest(value)) {
        throw new Error(`${value}: ${toFloat16(value)}, nearest ${nearest(value)}`);
      }
    }
  }
});

test('rounds any float32 to nearest', () => {
  fc.assert(
    fc.property(fc.float({ noNaN: true }), (value) => {
      expect(toFloat16(value)).toBe(nearest(value));
    }),
    { numRuns: 2000 },
  );
});

test('bfloat16 is the upper half of float32, at any offset', () => {
  const words = Uint16Array.of(0x3f80, 0xbf80, 0x4049, 0x7f80, 0x0001);
  const shifted = new Uint8Array(11);
  shifted.set(bytes(words), 1);
  const values = decodeFloats(shifted.subarray(1), 'BF16');
  expect([...values]).toEqual([1, -1, 3.140625, Infinity, Math.fround(2 ** -133)]);
});

test('types that are not real numbers are refused', () => {
  expect(() => decodeFloats(new Uint8Array(4), 'I32')).toThrow(RangeError);
});
