import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { softmax } from '../../../src/domain/probabilities.ts';
import { describePost, exportCsv } from '../../../src/report/export.ts';
import { compareRuns } from '../../../src/stats/figures/compare.ts';
import { effectsOf } from '../../../src/stats/figures/effects.ts';
import {
  activeSteps,
  applyPost,
  type MeanOf,
  NO_POST,
  type PostProcessing,
} from '../../../src/stats/figures/post.ts';
import { type Adapters, ofAdapter } from '../../../src/stats/table/scored.ts';
import { dataOf, tableOf } from '../../../testing/report-tables.ts';

const fixture = (name: string) =>
  JSON.parse(readFileSync(new URL(`../../fixtures/${name}`, import.meta.url), 'utf8'));

/** The probabilities of several adapters for the same rows, as the page stores them. */
function adaptersOf(names: (string | null)[], ...each: number[][][]): Adapters {
  const rows = each[0]!.map((_, row) => each.map((of) => of[row]!));
  return { names, probabilities: Float32Array.from(rows.flat(2)) };
}

function weighted(adapters: Adapters, of: MeanOf, ...weights: number[]): PostProcessing {
  const members = adapters.names.map((name, a) => ({ name, weight: weights[a]! }));
  return { ...NO_POST, adapters: { of, members } };
}

function expectNear(actual: Float64Array, expected: readonly number[], tolerance: number) {
  expect(actual).toHaveLength(expected.length);
  for (const [i, value] of expected.entries()) {
    expect(Math.abs(actual[i]! - value)).toBeLessThanOrEqual(tolerance);
  }
}

describe('weights of the adapters of a run, against logits from NumPy', () => {
  // The base model and an adapter, scored one after the other; see test/fixtures.
  const reference = fixture('tiny-a/expected.json') as {
    base_logits: number[][];
    adapter_logits: number[][];
    adapter_probabilities: number[][];
  };
  const logits = [reference.base_logits, reference.adapter_logits];
  const adapters = adaptersOf([null, 'a'], ...logits.map((of) => of.map((row) => softmax(row))));
  const table = tableOf({ labels: reference.base_logits.map(() => null) });
  const raw = new Float64Array(3 * table.length).fill(1 / 3);
  const process = (post: PostProcessing) => applyPost(raw, table, post, { members: [], adapters });

  test('all of it for one adapter gives that one', () => {
    const expected = reference.adapter_probabilities.flat();
    for (const of of ['probabilities', 'logits'] as const) {
      expectNear(process(weighted(adapters, of, 0, 3)), expected, 6e-8);
    }
    expectNear(ofAdapter(adapters, 1), expected, 6e-8);
  });

  test('a mean of probabilities', () => {
    const expected = logits[0]!.flatMap((base, row) => {
      const [one, two] = [softmax(base), softmax(logits[1]![row]!)];
      return one.map((p, c) => (0.5 * p + 2 * two[c]!) / 2.5);
    });
    expectNear(process(weighted(adapters, 'probabilities', 0.5, 2)), expected, 6e-8);
  });

  test('a mean of logits', () => {
    const expected = logits[0]!.flatMap((base, row) =>
      softmax(base.map((logit, c) => (0.5 * logit + 2 * logits[1]![row]![c]!) / 2.5)),
    );
    expectNear(process(weighted(adapters, 'logits', 0.5, 2)), expected, 3e-7);
  });

  test('equal weights of probabilities are the mean that the run took: no digit changes', () => {
    const equal = weighted(adapters, 'probabilities', 2, 2);
    expect(process(equal)).toEqual(raw);
    expect(activeSteps(equal)).toEqual([]);
    expect(activeSteps(weighted(adapters, 'logits', 2, 2))).toEqual(['adapters']);
  });
});

describe('adapters with labels, against scikit-learn and NumPy', () => {
  const reference = fixture('report.json') as {
    probabilities: number[][];
    other: number[][];
    labels: number[];
    paired: { draws: number; seed: number; value: number; low: number; high: number };
  };
  const adapters = adaptersOf(['one', 'two'], reference.probabilities, reference.other);
  const table = tableOf({ labels: reference.labels });
  const { draws, seed, ...expected } = reference.paired;

  function expectDifference(difference: {
    value: number | null;
    low: number | null;
    high: number | null;
  }) {
    for (const key of ['value', 'low', 'high'] as const) {
      expect(difference[key]).toBeCloseTo(expected[key], 6);
    }
  }

  test('two adapters are compared as two runs are', () => {
    const sides = { one: ofAdapter(adapters, 0), other: ofAdapter(adapters, 1) };
    const comparison = compareRuns(table, sides, { draws, seed });
    expectDifference(comparison.judged!.difference);
    const changes = reference.probabilities.map((p, row) =>
      Math.max(...p.map((value, c) => Math.abs(value - reference.other[row]![c]!))),
    );
    const most = changes.indexOf(Math.max(...changes));
    expect(comparison.changed[0]).toEqual({ row: most, change: expect.closeTo(changes[most]!, 6) });
  });

  test('the effect of choosing one is its difference to what the run has', () => {
    const raw = Float64Array.from(reference.other.flat());
    const post = weighted(adapters, 'probabilities', 1, 0);
    const sources = { members: [], adapters };
    const [effect, ...others] = effectsOf(table, raw, post, sources, { draws, seed });
    expect(others).toEqual([]);
    expect(effect).toMatchObject({ step: 'adapters', rows: 400 });
    expectDifference(effect!.difference!);
  });
});

describe('an export', () => {
  const adapters = adaptersOf([null, 'demo, b'], [[0.5, 0.25, 0.25]], [[0.125, 0.375, 0.5]]);

  test('names what counts', () => {
    expect(describePost(weighted(adapters, 'logits', 0, 1))).toBe('adapter demo, b');
    expect(describePost(weighted(adapters, 'logits', 1, 0))).toBe('adapter none');
    const average = { of: 'logits', weight: 1, members: [{ name: 'other', weight: 1 }] } as const;
    expect(describePost({ ...weighted(adapters, 'logits', 1, 0.5), average })).toBe(
      'mean of logits of the adapters: none 1, demo, b 0.5; mean of logits: this run 1, other 1',
    );
  });

  test('has what each of them says', () => {
    const data = dataOf(tableOf({ labels: [null] }), [[0.3125, 0.3125, 0.375]], { adapters });
    const [head, line] = [...exportCsv(data, ['7'], Uint32Array.of(0), NO_POST)]
      .join('')
      .split('\n');
    expect(head).toContain(
      'adapter_none_winner_model_a,adapter_none_winner_model_b,adapter_none_winner_tie,"adapter_demo, b_winner_model_a"',
    );
    expect(line).toContain(',0.5,0.25,0.25,0.125,0.375,0.5,');
  });
});
