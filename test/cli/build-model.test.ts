import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { shippedTokenizerFolder } from '../../src/cli/terminal/common.ts';
import { fixture } from '../../testing/checkpoints.ts';
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
