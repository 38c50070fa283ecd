import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { toKaggleCsv } from '../../src/data/csv/kaggle.ts';
import { command } from '../../testing/command.ts';
import { writeDemoWithLabels } from '../../testing/demo-heads.ts';
import { gemma } from '../../testing/gemma-tokenizer.ts';
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

test('a reward model without a chat template is not scored: its logits are printed, one a row', {
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
  expect(refused.stderr).toContain('chat_template.jinja');

  const tokens = join(folder, 'reward.json');
  writeFileSync(tokens, JSON.stringify(reference.tokens));
  const printed = await command('logits', '--model', model, '--tokens', tokens, '--device', 'wasm');
  const { logits } = JSON.parse(printed.stdout);
  const [, [, expected]] = reference.expected as [unknown, [string, number[][]]];
  expect(logits.map((row: number[]) => row.length)).toEqual([1, 1, 1, 1]);
  expect(largestDifference(logits, expected)).toBeLessThan(TOLERANCE);
});

test('a reward model reads a conversation with each answer in its chat template', {
  timeout: 120_000,
}, async () => {
  const model = join(folder, 'demo-reward');
  const template = readFileSync(new URL('../fixtures/chat/gemma2.jinja', import.meta.url), 'utf8');
  writeDemoWithLabels(model, 1, {}, template);
  const rows = makeRows(3, 4).map((row) => ({ ...row, responseA: [`  ${row.responseA[0]}\n`] }));
  const file = join(folder, 'rewards.csv');
  writeFileSync(file, toKaggleCsv(rows));
  const out = join(folder, 'rewards-out.csv');
  const options = [
    ...['--out', out, '--model', model, '--device', 'wasm', '--adapter', 'demo', '--text', 'clean'],
  ];
  const ended = await command('score', file, ...options, '--tta', '--spread');
  expect(ended).toMatchObject({ code: 0, stdout: '' });
  expect(ended.stderr).toContain('text clean in the chat template, today 2024-07-26');
  expect(ended.stderr).toContain('--tta has no effect');
  expect(ended.stderr).toContain('--spread has no effect');
  expect(ended.stderr).toContain('Not calibrated');

  // The same texts, written by hand and given to the model as token ids.
  const tokenizer = gemma();
  const turn = (role: string, text: string) =>
    `<start_of_turn>${role}\n${text.trim()}<end_of_turn>\n`;
  const texts = rows.flatMap(({ prompt, responseA, responseB }) =>
    [responseA, responseB].map((answer) =>
      prompt.map((text, i) => turn('user', text) + turn('model', answer[i]!)).join(''),
    ),
  );
  const ids = texts.map((text) => [tokenizer.bos, ...tokenizer.encode(text)]);
  const tokens = join(folder, 'rewards.json');
  writeFileSync(tokens, JSON.stringify(ids));
  const printed = await command(
    ...['logits', '--model', model, '--tokens', tokens, '--device', 'wasm', '--adapter', 'demo'],
  );
  const rewards: number[] = JSON.parse(printed.stdout).logits.flat();
  const lines = readFileSync(out, 'utf8').trimEnd().split('\n').slice(1);
  for (const [r, line] of lines.entries()) {
    const [, a, b, tie] = line.split(',').map(Number);
    const expected = 1 / (1 + Math.exp(rewards[2 * r + 1]! - rewards[2 * r]!));
    expect(a).toBeCloseTo(expected, 5);
    expect(b).toBeCloseTo(1 - expected, 5);
    expect(tie).toBe(0);
  }
  expect(new Set(rewards.map((reward) => reward.toFixed(3))).size).toBeGreaterThan(3);

  // A template that was changed after the import is damaged, and one that fails says so before the run.
  const raising = "{{ raise_exception('No system prompt.') }}";
  writeDemoWithLabels(model, 1, {}, raising);
  const raised = await command('score', file, ...options);
  expect(raised).toMatchObject({ code: 1, stdout: '' });
  expect(raised.stderr).toContain('No system prompt.');
  expect(raised.stderr).toContain('[chat/template-raised]');
});
