import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ROW_FLAG } from '../../src/domain/row-flag.ts';
import {
  type Field,
  fieldOf,
  filterRows,
  type holds,
  sortRows,
  withFilter,
} from '../../src/report/query.ts';
import { boundsOf, histogram } from '../../src/stats/methods/histogram.ts';
import { FEATURE } from '../../src/stats/table/features.ts';
import { SLICE_IDS, slicePartOf, slicePartsOf } from '../../src/stats/table/slices.ts';
import { lengthDifference } from '../../src/stats/table/table.ts';
import { dataOf, tableOf } from '../../testing/report-tables.ts';

const probability = fc
  .tuple(fc.double({ min: 0, max: 1, noNaN: true }), fc.double({ min: 0, max: 1, noNaN: true }))
  .map(([x, y]): [number, number, number] => [x * y, x * (1 - y), 1 - x]);
const scored = fc.array(fc.option(probability, { freq: 4 }), { minLength: 1, maxLength: 40 });

describe('histogram bins and the filters that they set', () => {
  test('a bin counts the very rows that its filter leaves', () => {
    fc.assert(
      fc.property(
        scored,
        fc.constantFrom<Field>('a', 'b', 'tie', 'confidence'),
        fc.integer({ min: 1, max: 30 }),
        (rows, field, count) => {
          const data = dataOf(tableOf({ labels: rows.map(() => null) }), rows);
          const values = rows.map((_, row) => fieldOf(data, field, row));
          const bins = histogram(values, 0, 1, count);
          for (const [place, bin] of bins.entries()) {
            const filter = { kind: 'range', field, ...boundsOf(bins, place) } as const;
            expect(filterRows(data, [filter])).toHaveLength(bin.count);
          }
          const total = bins.reduce((sum, bin) => sum + bin.count, 0);
          expect(total).toBe(rows.filter((row) => row !== null).length);
        },
      ),
    );
  });

  test('bounds belong to the bin above, the last one to the last bin', () => {
    const bins = histogram([0, 0.1, 0.3, 0.7, 0.9, 1, Number.NaN], 0, 1, 10);
    expect(bins.map(({ count }) => count)).toEqual([1, 1, 0, 1, 0, 0, 0, 1, 0, 2]);
  });
});

describe('sorting', () => {
  test('orders by the number, rows without one last, equal ones as in the file', () => {
    fc.assert(
      fc.property(scored, fc.boolean(), (rows, descending) => {
        const data = dataOf(tableOf({ labels: rows.map(() => null) }), rows);
        const all = filterRows(data, []);
        const sorted = sortRows(data, all, { field: 'a', descending });
        expect([...sorted].sort((x, y) => x - y)).toEqual([...all]);
        for (let i = 1; i < sorted.length; i += 1) {
          const before = fieldOf(data, 'a', sorted[i - 1]!);
          const after = fieldOf(data, 'a', sorted[i]!);
          if (Number.isNaN(before)) expect(after).toBeNaN();
          else if (before === after) expect(sorted[i - 1]).toBeLessThan(sorted[i]!);
          else if (!Number.isNaN(after)) expect(before < after).toBe(!descending);
        }
      }),
    );
  });
});

describe('filters', () => {
  const table = tableOf({
    labels: [0, 1, null, 2],
    bits: [FEATURE.codeA, FEATURE.codeA | FEATURE.codeB, 0, FEATURE.refusalB],
    lengths: [
      [5, 100, 10],
      [5, 0, 0],
      [5, 10, 30],
      [5, 10, 12],
    ],
    models: [
      ['x', 'y'],
      ['y', 'z'],
      ['x', 'z'],
      ['z', 'y'],
    ],
  });
  const data = dataOf(table, [[0.7, 0.2, 0.1], [0.5, 0.3, 0.2], [0.1, 0.8, 0.1], null], {
    flags: Uint8Array.of(0, ROW_FLAG.truncated, 0, ROW_FLAG.problem),
  });
  const rows = (filter: Parameters<typeof holds>[1]) => [...filterRows(data, [filter])];

  test('by class, label, truth and model', () => {
    expect(rows({ kind: 'predicted', label: 0 })).toEqual([0, 1]);
    expect(rows({ kind: 'label', label: 2 })).toEqual([3]);
    expect(rows({ kind: 'wrong' })).toEqual([1]);
    expect(rows({ kind: 'model', model: 0 })).toEqual([0, 2]);
  });

  test('by slice: rows that cannot be scored are in none', () => {
    expect(rows({ kind: 'slice', slice: 'code', part: 1 })).toEqual([0]);
    expect(rows({ kind: 'slice', slice: 'code', part: 3 })).toEqual([1]);
    expect(rows({ kind: 'slice', slice: 'refusals', part: 2 })).toEqual([]);
    expect(rows({ kind: 'slice', slice: 'truncation', part: 1 })).toEqual([1]);
    expect(rows({ kind: 'slice', slice: 'lengthRatio', part: 0 })).toEqual([0]);
    expect(rows({ kind: 'slice', slice: 'lengthRatio', part: 4 })).toEqual([2]);
  });

  test('every row is in exactly one part of a slice that knows it', () => {
    for (const slice of SLICE_IDS.filter((name) => name !== 'source' && name !== 'judge')) {
      const parts = slicePartsOf(slice, table).length;
      for (let row = 0; row < table.length; row += 1) {
        const part = slicePartOf(slice, table, data.flags, row);
        expect(part).toBeGreaterThanOrEqual(0);
        expect(part).toBeLessThan(parts);
      }
    }
  });

  test('order gap and flips come from both orders', () => {
    // Forward (0.7, 0.2, 0.1), swapped and put back (0.3, 0.6, 0.1): the mean is (0.5, 0.4, 0.1).
    const both = dataOf(tableOf({ labels: [null] }), [[0.5, 0.4, 0.1]], {
      forward: Float64Array.of(0.7, 0.2, 0.1),
    });
    expect(fieldOf(both, 'gap', 0)).toBeCloseTo(0.4, 12);
    expect(filterRows(both, [{ kind: 'flipped' }])).toHaveLength(1);
    expect(fieldOf(data, 'gap', 0)).toBeNaN();
    expect(rows({ kind: 'flipped' })).toEqual([]);
  });

  test('the difference in length goes from -1 to 1 and is 0 for two empty answers', () => {
    expect(lengthDifference(table, 0)).toBeCloseTo(-90 / 110, 12);
    expect(lengthDifference(table, 1)).toBe(0);
    expect(lengthDifference(table, 2)).toBe(0.5);
  });

  test('a filter takes the place of one about the same thing', () => {
    const one = { kind: 'range', field: 'a', min: 0, max: 0.5 } as const;
    const two = { kind: 'range', field: 'b', min: 0, max: 0.5 } as const;
    const other = { ...one, max: 0.2 };
    expect(withFilter(withFilter(withFilter([], one), two), other)).toEqual([two, other]);
  });
});
