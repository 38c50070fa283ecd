import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { shippedTokenizerFolder } from '../../src/cli/terminal/common.ts';
import { fixture, fixtureJson } from '../../testing/checkpoints.ts';
import { command } from '../../testing/command.ts';

const folder = mkdtempSync(join(tmpdir(), 'tiebreak-build-model-'));
afterAll(() => rmSync(folder, { recursive: true }));

test('a tokenizer that does not fit the vocabulary is refused with both numbers, and nothing is written', {
  timeout: 60_000,
}, async () => {
  const out = join(folder, 'out');
  const { code, stderr } = await command(
    'build-model',
    ...['--base', fixture('tiny-a/base'), '--adapter', fixture('tiny-a/adapter'), '--out', out],
    ...['--tokenizer', shippedTokenizerFolder()!],
  );
  expect(code).toBe(1);
  expect(stderr).toMatch(/it has 256000 tokens, and the model’s vocabulary has 1024/);
  expect(stderr).toContain('Use the tokenizer.json that was saved with this checkpoint');
  expect(existsSync(out)).toBe(false);
});

test('verdict tokens of a causal model become its logits', { timeout: 120_000 }, async () => {
  const out = join(folder, 'verdicts');
  const base = ['--base', fixture('lm-gemma2-a/base'), '--out', out, '--quant', 'none'];
  const wrong = await command('build-model', ...base, '--verdict-tokens', '11,,57');
  expect(wrong.code).toBe(2);
  expect(wrong.stderr).toContain('not "11,,57"');
  const built = await command('build-model', ...base, '--verdict-tokens', '11+301,57');
  expect(built.stderr).toContain('head: the verdict tokens 11+301, 57, soft cap 30');
  expect(built.code).toBe(0);
  expect(JSON.parse(readFileSync(join(out, 'tiebreak.json'), 'utf8')).head).toEqual({
    kind: 'verdict',
    verdicts: [[11, 301], [57]],
    softCap: 30,
  });
  const { input_ids, logits } = fixtureJson('lm-gemma2-a/expected.json') as {
    input_ids: number[][];
    logits: [number, number, number][];
  };
  const tokens = join(folder, 'tokens.json');
  writeFileSync(tokens, JSON.stringify(input_ids));
  const ended = await command(
    'logits',
    ...['--model', out, '--tokens', tokens, '--device', 'wasm', '--pooled'],
  );
  const printed = JSON.parse(ended.stdout);
  expect(printed.pooled).toEqual(input_ids.map((ids) => ids.length - 1));
  const expected = logits.map(([a, b, c]) => [Math.log(Math.exp(a) + Math.exp(c)), b]);
  for (const [r, row] of expected.entries()) {
    for (const [c, value] of row.entries()) expect(printed.logits[r][c]).toBeCloseTo(value, 4);
  }
});
