import { expect, test } from 'vitest';
import {
  type GptqBits,
  inverseOf,
  orderByGroup,
  placeCodes,
  zeroPoints,
} from '../../../src/model/formats/gptq.ts';
import { seeded } from '../../../testing/checkpoints.ts';

// Packs numbers bit by bit, by the definition of the format, without words or shifts of the code under test.
function packed(values: number[], bits: number): Uint32Array<ArrayBuffer> {
  const digits = values.flatMap((value) =>
    [...value.toString(2).padStart(bits, '0')].reverse().map(Number),
  );
  return Uint32Array.from({ length: digits.length / 32 }, (_, w) =>
    digits.slice(32 * w, 32 * w + 32).reduce((sum, digit, i) => sum + digit * 2 ** i, 0),
  );
}

const CASES = [4, 8].flatMap((bits) =>
  [8, 16, 24, 64].flatMap((group) =>
    [true, false].map((storesOneLess, seed) => ({ bits, group, storesOneLess, seed })),
  ),
);

test.each(CASES)('$bits bits, groups of $group, zeros minus one: $storesOneLess', (of) => {
  const { group, storesOneLess } = of;
  const bits = of.bits as GptqBits;
  const random = seeded(97 * bits + group + of.seed);
  const below = (n: number) => Math.floor(random() * n);
  const [groups, N] = [3, 24];
  const K = groups * group;
  const q = Array.from({ length: K }, () => Array.from({ length: N }, () => below(2 ** bits)));
  const zeros = Array.from({ length: groups }, () =>
    Array.from({ length: N }, () => below(2 ** bits)),
  );
  const groupOf = Int32Array.from({ length: K }, (_, k) => Math.floor(k / group));
  for (let k = K - 1; k > 0; k -= 1) {
    const other = below(k + 1);
    [groupOf[k], groupOf[other]] = [groupOf[other]!, groupOf[k]!];
  }
  const perWord = 32 / bits;
  const qweight = new Uint32Array((K / perWord) * N);
  for (let n = 0; n < N; n += 1) {
    packed(
      q.map((row) => row[n]!),
      bits,
    ).forEach((word, w) => {
      qweight[w * N + n] = word;
    });
  }
  const stored = (zero: number) => (storesOneLess ? (zero + 2 ** bits - 1) % 2 ** bits : zero);
  const qzeros = packed(zeros.flat().map(stored), bits);

  expect([...zeroPoints({ bits, N, qzeros }, storesOneLess)]).toEqual(zeros.flat());
  const order = orderByGroup(groupOf, groups)!;
  expect([...order].sort((a, b) => a - b)).toEqual(Array.from({ length: K }, (_, k) => k));
  const codes = new Uint8Array((N * K * bits) / 8);
  // In two pieces, as a file is read.
  const half = Math.floor(K / perWord / 2);
  placeCodes(qweight.subarray(0, half * N), 0, { bits, N, K }, inverseOf(order), codes);
  placeCodes(qweight.subarray(half * N), half, { bits, N, K }, inverseOf(order), codes);
  for (let n = 0; n < N; n += 1) {
    for (let place = 0; place < K; place += 1) {
      const i = n * K + place;
      const code = bits === 8 ? codes[i] : Math.floor(codes[i >> 1]! / 16 ** (i % 2)) % 16;
      expect(code).toBe(q[order[place]!]![n]);
      expect(groupOf[order[place]!]).toBe(Math.floor(place / group));
    }
  }
});

test('groups of different sizes have no order', () => {
  expect(orderByGroup(Int32Array.of(0, 0, 0, 1), 2)).toBeNull();
});
