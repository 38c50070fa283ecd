import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, expect, test } from 'vitest';
import { command } from '../../testing/command.ts';
import { writeDemoWithLabels } from '../../testing/demo-heads.ts';
import { labelledRows, pairsText, trainCsv } from '../../testing/labelled-rows.ts';

// Every command is a separate process that loads ONNX Runtime, which takes seconds on a busy machine.
const TIMEOUT = 120_000;

const folder = mkdtempSync(join(tmpdir(), 'tiebreak-evaluate-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const at = (name: string) => join(folder, name);
const rows = labelledRows(12, 4);
const evaluate = (...args: string[]) => command('evaluate', ...args, '--device', 'wasm');

/** Probabilities of a CSV with a header, from the column `first` on. */
function probabilities(path: string): string[][] {
  const [header, ...lines] = readFileSync(path, 'utf8').trimEnd().split('\n');
  const from = header!.split(',').indexOf('winner_model_a');
  return lines.map((line) => line.split(',').slice(from, from + 3));
}

test('both formats give what score gives, with the same settings', {
  timeout: TIMEOUT,
}, async () => {
  writeFileSync(at('train.csv'), trainCsv(rows));
  writeFileSync(at('pairs.gz'), gzipSync(pairsText(rows)));
  const settings = ['--tta', '--max-length', '60', '--adapter', 'demo-b', '--device', 'wasm'];
  const scored = await command('score', at('train.csv'), '--out', at('scored.csv'), ...settings);
  expect(scored.code).toBe(0);
  for (const name of ['train.csv', 'pairs.gz']) {
    const outputs = ['--predictions', at('predictions.csv'), '--json', at('figures.json')];
    const ended = await command('evaluate', at(name), ...settings, ...outputs);
    expect(ended.code).toBe(0);
    expect(probabilities(at('predictions.csv'))).toEqual(probabilities(at('scored.csv')));
    expect(ended.stdout).toContain('12 of 12 rows: 0 left out, 0 cannot be used');
    expect(ended.stdout).toMatch(/adapter demo-b, .*\ntext faithful, max_length 60, .*TTA on/);
    const figures = JSON.parse(readFileSync(at('figures.json'), 'utf8'));
    expect(figures).toMatchObject({
      format: 'tiebreak-evaluation',
      file: { sha256: expect.stringMatching(/^[\da-f]{64}$/) },
      rows: { total: 12, leftOut: 0, unread: 0, evaluated: 12, repeatedIds: 0 },
      model: { sha256: expect.stringMatching(/^[\da-f]{64}$/), adapters: ['demo-b'] },
      settings: { maxLength: 60, tta: true },
      engine: { device: 'wasm', adapter: 'demo-b' },
      bootstrap: { draws: 1000, seed: 0 },
      unit: name === 'pairs.gz' ? 'group' : 'row',
      all: { rows: 12, units: name === 'pairs.gz' ? 4 : 12 },
      unread: [],
    });
    const { value, low, high } = figures.all.logLoss;
    expect(low).toBeLessThan(value);
    expect(high).toBeGreaterThan(value);
    expect(ended.stdout).toContain(value.toFixed(4));
  }
});

test('each of several adapters is reported beside the mean, as if it were alone', {
  timeout: TIMEOUT,
}, async () => {
  writeFileSync(at('both.csv'), trainCsv(rows));
  const figures = async (...names: string[]) => {
    const adapters = names.flatMap((name) => ['--adapter', name]);
    const ended = await evaluate(at('both.csv'), ...adapters, '--json', at('both.json'));
    expect(ended.code).toBe(0);
    return { ...JSON.parse(readFileSync(at('both.json'), 'utf8')), text: ended.stdout };
  };
  const both = await figures('demo', 'demo-b');
  const alone = await figures('demo-b');
  const { adapter, figures: found, difference } = both.adapters[1];
  expect(adapter).toBe('demo-b');
  for (const end of ['value', 'low', 'high']) {
    expect(found.logLoss[end]).toBeCloseTo(alone.all.logLoss[end], 6);
  }
  expect(difference.value).toBeCloseTo(alone.all.logLoss.value - both.all.logLoss.value, 6);
  expect(both.text).toMatch(/^demo-b +\d\.\d{4} \[/m);
  expect(alone.adapters).toEqual([]);
  expect(alone.text).not.toContain('adapter alone');
});

test('rows that cannot be used are named; the others are evaluated', {
  timeout: TIMEOUT,
}, async () => {
  const wrong: Record<number, object> = { 0: { label: 'both' }, 3: { judge: 'gpt-4' } };
  writeFileSync(
    at('some.jsonl'),
    pairsText(rows, (i) => ({ ...wrong[i] })),
  );
  const ended = await evaluate(at('some.jsonl'), '--judge', 'human', '--bootstrap', '0');
  expect(ended.code).toBe(0);
  expect(ended.stderr).toMatch(/error \[labels\/unknown-label\] .*some\.jsonl, row 1: The label/);
  expect(ended.stdout).toContain('10 of 12 rows (human): 1 left out, 1 cannot be used');
});

test('invalid data are refused before the model is loaded', {
  timeout: TIMEOUT,
}, async () => {
  const refuses = async (code: number, message: string, text: string, ...args: string[]) => {
    writeFileSync(at('bad'), text);
    const ended = await evaluate(at('bad'), ...args);
    expect(ended).toMatchObject({ code, stdout: '' });
    expect(ended.stderr).toContain(message);
    return ended.stderr;
  };
  const csv = trainCsv(rows);
  await refuses(1, '[csv/empty]', '');
  await refuses(1, '[labels/missing-column]', csv.replace(',winner_tie', ',tie'));
  const named = await refuses(1, '[evaluate/no-rows]', csv.replaceAll(/,\d,\d,\d$/gm, ',0,0,0'));
  expect(named.match(/\[labels\/not-one-hot\]/g)).toHaveLength(12);
  await refuses(1, '[labels/no-field]', csv, '--split', 'dev');
  await refuses(1, '[storage/write]', csv, '--json', at('no/such/folder/x.json'));
  await refuses(2, '--judge must be human or gpt4', csv, '--judge', 'me');
  await refuses(2, '--bootstrap must be', csv, '--bootstrap', 'many');
  await refuses(2, '--seed must be', csv, '--seed', '1.5');
  const none = await evaluate();
  expect(none).toMatchObject({ code: 2, stdout: '' });
});

test('a model with two labels never predicts a tie: decided pairs are reported by themselves', {
  timeout: TIMEOUT,
}, async () => {
  writeDemoWithLabels(at('two'), 2);
  writeFileSync(at('two.csv'), trainCsv(rows));
  const outputs = ['--json', at('two.json'), '--predictions', at('two-out.csv')];
  const ended = await evaluate(at('two.csv'), '--model', at('two'), ...outputs);
  expect(ended.code).toBe(0);
  expect(ended.stderr).toContain('never predicts a tie');
  const { all, decided, engine } = JSON.parse(readFileSync(at('two.json'), 'utf8'));
  expect(engine.reading).toBe('pair-no-tie');
  const predicted = probabilities(at('two-out.csv')).map((row) => row.map(Number));
  expect(predicted.map(([, , tie]) => tie)).toEqual(predicted.map(() => 0));
  const [decidedRows, ties] = [false, true].map((isTie) =>
    rows.flatMap(({ label }, i) => ((label === 2) === isTie ? [i] : [])),
  ) as [number[], number[]];
  expect(ties.length).toBeGreaterThan(0);
  const right = decidedRows.filter((i) => {
    const [a, b] = predicted[i] as [number, number];
    return rows[i]!.label === (b > a ? 1 : 0);
  });
  expect(decided.rows).toBe(decidedRows.length);
  expect(decided.accuracy.value).toBeCloseTo(right.length / decidedRows.length, 12);
  const loss =
    (decidedRows.length * decided.logLoss.value - ties.length * Math.log(2 ** -52)) / rows.length;
  expect(all.logLoss.value).toBeCloseTo(loss, 9);
  expect(ended.stdout).toContain(`accuracy on decided pairs, ${decidedRows.length} rows`);
  expect(ended.stdout).toContain('adds 36.0 to the sum');
});
