import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { describePost } from '../../../src/report/export.ts';
import { effectsOf } from '../../../src/stats/figures/effects.ts';
import {
  activeSteps,
  applyPost,
  NO_POST,
  type PostProcessing,
  probabilityFault,
} from '../../../src/stats/figures/post.ts';
import { FEATURE } from '../../../src/stats/table/features.ts';
import type { Table } from '../../../src/stats/table/table.ts';
import { tableOf } from '../../../testing/report-tables.ts';

const { emptyA, emptyB, identical } = FEATURE;
const NONE = Number.NaN;

/** Processes a run with one adapter. */
function processed(
  raw: Float64Array,
  table: Table,
  post: PostProcessing,
  members: readonly Float64Array[] = [],
) {
  return applyPost(raw, table, post, { members, adapters: null });
}

describe('post-processing', () => {
  const table = tableOf({
    labels: [0, 1, 2, null, 1],
    bits: [emptyA, emptyB, emptyA | emptyB | identical, identical, 0],
  });
  const raw = Float64Array.from(
    [
      [0.2, 0.5, 0.3],
      [0.2, 0.5, 0.3],
      [0.2, 0.5, 0.3],
      [NONE, NONE, NONE],
      [0.2, 0.5, 0.3],
    ].flat(),
  );

  test('is nothing by default', () => {
    expect(activeSteps(NO_POST)).toEqual([]);
    expect(processed(raw, table, NO_POST)).toEqual(raw);
    expect(describePost(NO_POST)).toBe('');
  });

  test('fixed numbers follow the empty answer, and go to its mirror image', () => {
    const changed = processed(raw, table, { ...NO_POST, empty: [0.1, 0.7, 0.2] });
    expect([...changed.subarray(0, 3)]).toEqual([0.1, 0.7, 0.2]);
    expect([...changed.subarray(3, 6)]).toEqual([0.7, 0.1, 0.2]);
    expect([...changed.subarray(6, 9)]).toEqual([0.2, 0.5, 0.3]);
    expect([...changed.subarray(12)]).toEqual([0.2, 0.5, 0.3]);
  });

  test('the same answers get theirs; a row without a result gets none', () => {
    const changed = processed(raw, table, { ...NO_POST, identical: [0.05, 0.05, 0.9] });
    expect([...changed.subarray(6, 9)]).toEqual([0.05, 0.05, 0.9]);
    expect(changed[9]).toBeNaN();
    expect([...changed.subarray(0, 3)]).toEqual([0.2, 0.5, 0.3]);
  });

  const mean = (of: 'probabilities' | 'logits', weight: number, ...weights: number[]) => ({
    ...NO_POST,
    average: { of, weight, members: weights.map((own, i) => ({ name: `run ${i}`, weight: own })) },
  });

  test('a mean is taken only with runs that have the row', () => {
    const one = Float64Array.from(raw).fill(NONE, 0, 3);
    one.set([0.4, 0.3, 0.3], 3);
    const two = Float64Array.from(raw).fill(NONE, 0, 6);
    const changed = processed(raw, table, mean('probabilities', 1, 3, 5), [one, two]);
    expect([...changed.subarray(0, 3)]).toEqual([0.2, 0.5, 0.3]);
    expect(changed[3]).toBeCloseTo((0.2 + 3 * 0.4) / 4, 12);
    expect(changed[4]).toBeCloseTo((0.5 + 3 * 0.3) / 4, 12);
    expect(changed[9]).toBeNaN();
  });

  test('a mean of logits is that of the logits the probabilities came from', () => {
    const softmax = (logits: number[]) => {
      const parts = logits.map(Math.exp);
      return parts.map((part) => part / parts.reduce((all, value) => all + value, 0));
    };
    const logits = [
      [1, -2, 0.5],
      [-3, 0.25, 2],
    ] as const;
    const [one, other] = logits.map((row) => Float64Array.from(softmax([...row])));
    const changed = processed(one!, tableOf({ labels: [null] }), mean('logits', 2, 0.5), [other!]);
    const expected = softmax([0, 1, 2].map((c) => (2 * logits[0][c]! + 0.5 * logits[1][c]!) / 2.5));
    for (const [c, value] of expected.entries()) expect(changed[c]).toBeCloseTo(value, 12);
  });

  test.each(['probabilities', 'logits'] as const)('a mean of %s of certain rows', (of) => {
    const one = tableOf({ labels: [null] });
    const certain = Float64Array.from([1, 0, 0]);
    const opposite = Float64Array.from([0, 1, 0]);
    const changed = processed(certain, one, mean(of, 1, 1), [opposite]);
    expect([...changed].map((p) => Number(p.toFixed(9)))).toEqual([0.5, 0.5, 0]);
    const same = processed(certain, one, mean(of, 1, 1), [certain]);
    expect([...same].map((p) => Number(p.toFixed(9)))).toEqual([1, 0, 0]);
  });

  test('a temperature keeps the order and the sum, and 1 keeps every digit', () => {
    const positive = fc.double({ min: 1e-12, max: 1, noNaN: true });
    fc.assert(
      fc.property(
        fc.tuple(positive, positive, positive),
        fc.double({ min: 0.05, max: 20, noNaN: true }),
        (weights, temperature) => {
          const sum = weights[0] + weights[1] + weights[2];
          const p = Float64Array.from(weights, (weight) => weight / sum);
          const one = tableOf({ labels: [null] });
          const changed = processed(p, one, { ...NO_POST, temperature });
          expect(changed[0]! + changed[1]! + changed[2]!).toBeCloseTo(1, 12);
          for (const [x, y] of [
            [0, 1],
            [1, 2],
          ] as const) {
            if (p[x]! > p[y]!) expect(changed[x]!).toBeGreaterThanOrEqual(changed[y]!);
          }
          expect(processed(p, one, { ...NO_POST, temperature: 1 })).toEqual(p);
        },
      ),
    );
  });

  test('each step tells what it would change alone, then all together', () => {
    const effects = effectsOf(
      table,
      raw,
      { ...NO_POST, temperature: 2, empty: [0.1, 0.7, 0.2] },
      { members: [], adapters: null },
      { draws: 0, seed: 0 },
    );
    expect(effects.map(({ step, rows }) => [step, rows])).toEqual([
      ['temperature', 4],
      ['empty', 2],
      ['all', 4],
    ]);
    // Labels A and B at rows 0 and 1: A is empty and wins at 0.1 instead of 0.2, then B at 0.1 instead of 0.5.
    const expected = (-Math.log(0.1) + Math.log(0.2) - Math.log(0.1) + Math.log(0.5)) / 4;
    expect(effects[1]!.difference!.value).toBeCloseTo(expected, 12);
  });

  test('active steps are named', () => {
    const text = describePost({ ...NO_POST, temperature: 1.2, identical: [0.1, 0.1, 0.8] });
    expect(text).toBe('temperature 1.2; identical 0.1/0.1/0.8');
    const average = {
      of: 'logits' as const,
      weight: 1,
      members: [
        { name: 'demo-b, clean', weight: 0.5 },
        { name: 'other.csv', weight: 2 },
      ],
    };
    expect(describePost({ ...NO_POST, average })).toBe(
      'mean of logits: this run 1, demo-b, clean 0.5, other.csv 2',
    );
  });

  test.each([
    [[0.2, 0.3, 0.5], null],
    [[1, 0, 0], null],
    [[1.2, -0.1, -0.1], 'range'],
    [[Number.NaN, 0.5, 0.5], 'range'],
    [[0.2, 0.2, 0.2], 'sum'],
  ] as const)('%j as probabilities: %s', (values, fault) => {
    expect(probabilityFault(values)).toBe(fault);
  });
});
