import { expect, test } from 'vitest';
import {
  dequantizeGptq,
  inverseOf,
  isPermutation,
  orderByGroup,
  packZeros,
  placeCodes,
  zeroPoints,
} from '../../../src/model/formats/gptq.ts';
import type { GptqBits } from '../../../src/model/formats/quantization.ts';
import { seeded } from '../../../testing/checkpoints.ts';
import { packedWords } from '../../../testing/gptq.ts';
import { shuffle } from '../../../testing/synthetic.ts';

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
  shuffle(groupOf, below);
  const perWord = 32 / bits;
  const qweight = new Uint32Array((K / perWord) * N);
  for (let n = 0; n < N; n += 1) {
    packedWords(
      q.map((row) => row[n]!),
      bits,
    ).forEach((word, w) => {
      qweight[w * N + n] = word;
    });
  }
  const stored = (zero: number) => (storesOneLess ? (zero + 2 ** bits - 1) % 2 ** bits : zero);
  const qzeros = packedWords(zeros.flat().map(stored), bits);

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

  // As a package has them: [N, groups].
  const scales = Array.from({ length: groups }, () =>
    Array.from({ length: N }, () => (1 + below(1000)) / 2 ** 17),
  );
  const turned = (from: number[][]) =>
    Array.from({ length: N }, (_, n) => from.map((row) => row[n]!)).flat();
  const weights = {
    codes,
    scales: Float32Array.from(turned(scales)),
    zeros: packZeros(Uint8Array.from(turned(zeros)), groups, bits),
  };
  const values = dequantizeGptq(weights, { bits, block: group, K }, order);
  for (let n = 0; n < N; n += 1) {
    for (let k = 0; k < K; k += 1) {
      const g = groupOf[k]!;
      expect(values[n * K + k]).toBe(scales[g]![n]! * (q[k]![n]! - zeros[g]![n]!));
    }
  }
});

test('a permutation has each number once', () => {
  const is = (...order: number[]) => isPermutation(Int32Array.from(order));
  expect([is(), is(2, 0, 1)]).toEqual([true, true]);
  expect([is(0, 0), is(1, 2), is(0, -1), is(0, 2 ** 30)]).toEqual([false, false, false, false]);
});

test('groups of different sizes have no order', () => {
  expect(orderByGroup(Int32Array.of(0, 0, 0, 1), 2)).toBeNull();
});
