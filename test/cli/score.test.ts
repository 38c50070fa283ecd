import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { toKaggleCsv } from '../../src/data/csv/kaggle.ts';
import { command } from '../../testing/command.ts';
import {
  buildCase,
  familyCases,
  largestDifference,
  TOLERANCE,
} from '../../testing/reference-cases.ts';
import { makeRows } from '../../testing/runs.ts';

const folder = mkdtempSync(join(tmpdir(), 'tiebreak-score-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test('several adapters give the mean of their probabilities, and the output says so', {
  timeout: 120_000,
}, async () => {
  const file = join(folder, 'test.csv');
  writeFileSync(file, toKaggleCsv(makeRows(12, 4)));
  const score = async (...adapters: string[]) => {
    const out = join(folder, `${adapters.join('-')}.csv`);
    const options = adapters.flatMap((name) => ['--adapter', name]);
    const ended = await command('score', file, '--out', out, '--device', 'wasm', ...options);
    expect(ended).toMatchObject({ code: 0, stdout: '' });
    const lines = readFileSync(out, 'utf8').trimEnd().split('\n').slice(1);
    return { rows: lines.map((line) => line.split(',').map(Number)), stderr: ended.stderr };
  };
  const [one, two, both] = [
    await score('demo'),
    await score('demo-b'),
    await score('demo', 'demo-b'),
  ];
  expect(both.stderr).toContain('adapter mean of demo, demo-b');
  let apart = 0;
  for (const [r, row] of both.rows.entries()) {
    const [a, b] = [one.rows[r]!, two.rows[r]!];
    expect(row[0]).toBe(a[0]);
    for (const c of [1, 2, 3]) {
      expect(row[c]).toBeCloseTo((a[c]! + b[c]!) / 2, 5);
      apart = Math.max(apart, Math.abs(a[c]! - b[c]!));
    }
  }
  expect(apart).toBeGreaterThan(0.01);
});

test('the memory plan needs no file, and a bad bound is a usage error', {
  timeout: 60_000,
}, async () => {
  const cpu = await command('score', '--plan', '--device', 'wasm');
  expect(cpu).toMatchObject({ code: 0, stderr: '' });
  expect(cpu.stdout).toMatch(
    /\nCPU: weights 84\d,\d{3} bytes and adapters 1\.1 MB in main memory\n/,
  );
  const bad = await command('score', '--plan', '--budget', 'much');
  expect(bad).toMatchObject({ code: 2, stdout: '' });
  expect(bad.stderr).toContain('--budget must be a number of gigabytes above 0, not "much"');
});

test('a reward model is not scored: its logits are printed, one a row', {
  timeout: 120_000,
}, async () => {
  const reference = familyCases().find(({ name }) => name === 'qwen3-a-nf4')!;
  const model = join(folder, reference.name);
  await buildCase(reference, model);
  const file = join(folder, 'reward.csv');
  writeFileSync(file, toKaggleCsv(makeRows(2, 4)));
  const refused = await command('score', file, '--out', join(folder, 'no.csv'), '--model', model);
  expect(refused).toMatchObject({ code: 1, stdout: '' });
  expect(refused.stderr).toContain('[model/labels]');
  expect(refused.stderr).toContain('npm run logits');

  const tokens = join(folder, 'reward.json');
  writeFileSync(tokens, JSON.stringify(reference.tokens));
  const printed = await command('logits', '--model', model, '--tokens', tokens, '--device', 'wasm');
  const { logits } = JSON.parse(printed.stdout);
  const [, [, expected]] = reference.expected as [unknown, [string, number[][]]];
  expect(logits.map((row: number[]) => row.length)).toEqual([1, 1, 1, 1]);
  expect(largestDifference(logits, expected)).toBeLessThan(TOLERANCE);
});
