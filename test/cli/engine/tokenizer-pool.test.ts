import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { threadPool } from '../../../src/cli/engine/tokenizer-pool.ts';
import { openPairTokenizer } from '../../../src/cli/terminal/common.ts';
import { DEFAULT_SETTINGS } from '../../../src/domain/settings.ts';
import { tokenizePair } from '../../../src/domain/truncate.ts';

const folder = 'public/models/demo';
const broken = mkdtempSync(join(tmpdir(), 'tiebreak-tokenizer-'));
cpSync(join(folder, 'tokenizer_config.json'), join(broken, 'tokenizer_config.json'));
writeFileSync(join(broken, 'tokenizer.json'), '{"model": {}}');
afterAll(() => rmSync(broken, { recursive: true }));

// The tokenizer takes seconds to build, more on a busy machine.
test('a thread gives the tokens of this one', { timeout: 60_000 }, async () => {
  const pool = await threadPool(folder);
  const tokenizer = await openPairTokenizer(folder);
  const jobs = Array.from({ length: 70 }, (_, i) => ({
    pair: { prompt: [`Question ${i}?`], responseA: [`- a\n- ${i} é`], responseB: ['', '日本'] },
    swapped: i % 3 === 0,
  }));
  const texts = await pool.tokenize(jobs, DEFAULT_SETTINGS);
  expect(texts).toEqual(
    jobs.map(({ pair, swapped }) => tokenizePair(pair, swapped, DEFAULT_SETTINGS, tokenizer)),
  );
  pool.close();
  await expect(pool.tokenize(jobs, DEFAULT_SETTINGS)).rejects.toMatchObject({
    code: 'run/cancelled',
  });
});

test('a tokenizer that cannot be used has its own error', { timeout: 60_000 }, async () => {
  await expect(threadPool(broken)).rejects.toMatchObject({ code: 'tokens/bad-tokenizer' });
  await expect(threadPool(folder, { rows: 1024 })).rejects.toMatchObject({
    code: 'tokens/vocabulary',
    params: { needed: 256_000, rows: 1024 },
  });
});
