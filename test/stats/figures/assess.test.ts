import { expect, test } from 'vitest';
import { assessmentText } from '../../../src/cli/evaluation/assessment-text.ts';
import type { LabelledRow } from '../../../src/data/labelled/labelled-row.ts';
import { predictionsCsv } from '../../../src/report/predictions.ts';
import { type Assessment, assess } from '../../../src/stats/figures/assess.ts';
import { assessAdapters } from '../../../src/stats/figures/assess-adapters.ts';
import { partsBy, quarters } from '../../../src/stats/methods/parts.ts';
import { labelledTable } from '../../../testing/labelled-rows.ts';

const OPTIONS = { draws: 200, seed: 1 };

function row(i: number, more: Partial<LabelledRow> = {}): LabelledRow {
  const none = { votes: null, source: null, judge: null, group: null };
  return { row: i + 1, id: `id ${i}`, label: i % 3, ...none, ...more };
}

/** Predictions that are correct for every other row. */
function predictions(rows: readonly LabelledRow[]): Float64Array<ArrayBuffer> {
  return Float64Array.from(
    rows.flatMap(({ label }, i) => {
      const top = i % 2 === 0 ? label : (label + 1) % 3;
      return [0, 1, 2].map((c) => (c === top ? 0.6 : 0.2));
    }),
  );
}

function assessed(rows: LabelledRow[], options = OPTIONS): Assessment {
  const data = { table: labelledTable(rows), probabilities: predictions(rows) };
  return assess(
    data,
    [...rows.keys()],
    rows.map((_, i) => 10 + i),
    options,
  );
}

test('figures of all, of parts and of classes agree', () => {
  const rows = Array.from({ length: 48 }, (_, i) =>
    row(i, { source: i % 4 === 0 ? null : `s${i % 4}`, judge: 'human', group: `g${i >> 2}` }),
  );
  const { all, classes, confusion, byLength, bySource, byJudge, unit } = assessed(rows);
  expect(all.logLoss.value).toBeCloseTo(-(Math.log(0.6) + Math.log(0.2)) / 2, 12);
  expect(all.accuracy.value).toBe(0.5);
  expect(all.calibrationError.value).toBeCloseTo(0.1, 12);
  expect(all.frequencyLogLoss.value).toBeCloseTo(Math.log(3), 12);
  expect(all).toMatchObject({ rows: 48, units: 12, votedRows: 0 });
  expect(all.votesLogLoss).toEqual({ value: null, low: null, high: null });
  expect(unit).toBe('group');
  // Two of the four rows of every group are correct, so drawing groups changes nothing.
  expect(all.accuracy).toEqual({ value: 0.5, low: 0.5, high: 0.5 });
  expect(classes.map(({ label, count }) => [label, count])).toEqual([
    ['a', 16],
    ['b', 16],
    ['tie', 16],
  ]);
  expect(confusion.reduce((sum, cell) => sum + cell.count, 0)).toBe(48);
  expect(byLength.map(({ name, rows }) => [name, rows])).toEqual([
    ['10 to 21', 12],
    ['22 to 33', 12],
    ['34 to 45', 12],
    ['46 to 57', 12],
  ]);
  expect(bySource.map(({ name, rows }) => [name, rows])).toEqual([
    ['s1', 12],
    ['s2', 12],
    ['s3', 12],
  ]);
  expect(byJudge).toEqual([{ name: 'human', ...all }]);
});

test('groups make intervals wider when their rows are alike', () => {
  const rows = (group: (i: number) => string | null) =>
    Array.from({ length: 200 }, (_, i) => row(i, { group: group(i) }));
  const alike = rows((i) => `${i % 20}`);
  const alone = rows(() => null);
  const width = ({ all }: Assessment) => all.accuracy.high! - all.accuracy.low!;
  // Odd and even rows are in different groups, and only even ones are correct.
  expect(width(assessed(alike))).toBeGreaterThan(2 * width(assessed(alone)));
  expect(assessed(alone)).toMatchObject({ unit: 'row', all: { units: 200 } });
});

test('equal settings give equal figures, and no draws give no intervals', () => {
  const rows = Array.from({ length: 30 }, (_, i) => row(i, { votes: [1, 2, i % 2] }));
  expect(assessed(rows)).toEqual(assessed(rows));
  const { all } = assessed(rows, { draws: 0, seed: 1 });
  expect(all.logLoss).toMatchObject({ low: null, high: null });
  expect(all.votedRows).toBe(30);
});

test('parts: equal lengths stay together, names are in order, nameless rows take no part', () => {
  expect([...quarters([5, 5, 5, 5, 5, 9])]).toEqual([
    ['5 to 5', [0, 1, 2, 3, 4]],
    ['9 to 9', [5]],
  ]);
  expect([...quarters([7])]).toEqual([['7 to 7', [0]]]);
  expect([...partsBy(['b', null, 'a', 'b'])]).toEqual([
    ['a', [2]],
    ['b', [0, 3]],
  ]);
});

test('the text has every table, short lines, and the unit of the draws', () => {
  const rows = Array.from({ length: 24 }, (_, i) =>
    row(i, { source: 'some source', judge: 'human', group: `${i}`, votes: [1, 0, 0] }),
  );
  const text = assessmentText(assessed(rows), [], OPTIONS);
  expect(text).toMatch(/^log loss {2,}\d\.\d{4} \[\d\.\d{4}, \d\.\d{4}\]$/m);
  expect(text).toMatch(/^log loss of votes +\d/m);
  expect(text).toMatch(/^accuracy +50\.0 % \[/m);
  expect(text).toMatch(/^some source +24 /m);
  expect(text).toMatch(/^10 to 15 +6 /m);
  expect(text).toContain('200 bootstrap draws of 24 groups, seed 1');
  for (const line of text.split('\n')) expect(line.length).toBeLessThanOrEqual(120);

  const bare = assessmentText(assessed([row(0)]), [], { draws: 0, seed: 0 });
  expect(bare).not.toMatch(/votes|source|judge|NaN|null/);
  expect(bare).toContain('none were asked for');
});

test('predictions are written with the facts of each row', () => {
  const rows = [row(0, { id: 'a,"b"', source: 's', group: 'g' }), row(4)];
  const file = {
    table: labelledTable(rows),
    ids: rows.map(({ id }) => id),
    numbers: rows.map((of) => of.row),
  };
  const results = { probabilities: predictions(rows), tokens: Uint32Array.of(12, 34) };
  expect([...predictionsCsv(file, [0, 1], results)].join('')).toBe(
    [
      'row,id,source,judge,group,label,winner_model_a,winner_model_b,winner_tie,log_loss,tokens',
      '1,"a,""b""",s,,g,a,0.6,0.2,0.2,0.510825624,12',
      '5,id 4,,,,b,0.2,0.2,0.6,1.60943791,34',
      '',
    ].join('\n'),
  );
});

test('each adapter of a run has its figures and its difference to the mean, whole groups drawn again', () => {
  const rows = Array.from({ length: 24 }, (_, i) =>
    row(i, { group: i < 12 ? `g${i >> 1}` : null }),
  );
  const good = predictions(rows);
  const poor = new Float64Array(good.length).fill(1 / 3);
  const mean = good.map((p, i) => (p + poor[i]!) / 2);
  const table = labelledTable(rows);
  const all = [...rows.keys()];
  const [first, base] = assessAdapters(table, all, mean, ['good', null], [good, poor], OPTIONS);
  const alone = { table, probabilities: good };
  expect(first!.figures).toEqual(assess(alone, all, new Uint32Array(24).fill(9), OPTIONS).all);
  expect(first!.figures.units).toBe(18);
  // Half of the rows get 0.6 and half 0.2; their means with a third are 7 and 4 fifteenths.
  const loss = (p: number, q: number) => -(Math.log(p) + Math.log(q)) / 2;
  expect(first!.difference.value).toBeCloseTo(loss(0.6, 0.2) - loss(7 / 15, 4 / 15), 12);
  expect(base!.difference.value).toBeCloseTo(Math.log(3) - loss(7 / 15, 4 / 15), 12);
  expect(first!.difference.low!).toBeLessThan(first!.difference.value!);
  const text = assessmentText(assessed(rows), [first!, base!], OPTIONS);
  expect(text).toMatch(/^adapter alone +log loss +difference from the mean +accuracy/m);
  expect(text).toMatch(/^none +1\.0986 \[1\.0986, 1\.0986\] +-?0\.\d{4} \[/m);
});
