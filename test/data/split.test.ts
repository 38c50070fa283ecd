import { existsSync, readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { splitter } from '../../src/data/split.ts';

test('groups lie in the part that the training puts them in', async () => {
  // Made by splits.py with the function of training/data.py.
  const path = new URL('../fixtures/splits.json', import.meta.url);
  const splits = Object.entries(JSON.parse(readFileSync(path, 'utf8')));
  expect(splits.length).toBeGreaterThan(400);
  const splitOf = await splitter();
  for (const [group, split] of splits) expect([group, splitOf(group)]).toEqual([group, split]);
});

const pairs = new URL('../../../shared/data/pairs.jsonl.gz', import.meta.url);

test.skipIf(!existsSync(pairs))('the preference data have as many rows in each part', async () => {
  const splitOf = await splitter();
  const counts: Record<string, number> = { train: 0, dev: 0, validation: 0 };
  for (const line of gunzipSync(readFileSync(pairs)).toString('utf8').trimEnd().split('\n')) {
    const { judge, group } = JSON.parse(line);
    if (judge === 'human') counts[splitOf(group)]! += 1;
  }
  // Counted in Python with training/data.py.
  expect(counts).toEqual({ train: 4751, dev: 541, validation: 1177 });
});
