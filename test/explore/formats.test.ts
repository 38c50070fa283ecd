import fc from 'fast-check';
import { expect, test } from 'vitest';
import { CsvFile } from '../../src/data/csv/reader.ts';
import { parsePair } from '../../src/data/pair.ts';
import { pairCsv, pairJson } from '../../src/explore/formats.ts';
import { MemorySource } from '../../src/storage/byte-source.ts';
import { anyPair, pairOf } from '../../testing/texts.ts';

async function read(csv: string, mode: 'faithful' | 'clean') {
  const file = await CsvFile.open(new MemorySource('one.csv', new TextEncoder().encode(csv)));
  const rows = [];
  for await (const batch of file.rows()) rows.push(...batch.rows);
  expect(rows).toHaveLength(1);
  return { id: rows[0]!.id, ...parsePair(rows[0]!, mode) };
}

test('a CSV row is read as the same pair in both text modes', async () => {
  await fc.assert(
    fc.asyncProperty(
      anyPair,
      fc.constantFrom('faithful' as const, 'clean' as const),
      async (pair, mode) => {
        expect(await read(pairCsv('7', pair), mode)).toEqual({ id: '7', pair, plainText: false });
      },
    ),
  );
});

test('escaped characters of JSON survive', async () => {
  const pair = pairOf('a/b "q" \\ \n\t\u0001', "it's\u2028", '😀 é');
  expect((await read(pairCsv('x,"y', pair), 'faithful')).pair).toEqual(pair);
  expect((await read(pairCsv('x,"y', pair), 'faithful')).id).toBe('x,"y');
});

test('JSON names the classes as the competition does', () => {
  const scores = {
    forward: [0.5, 0.3, 0.2],
    swapped: [0.4, 0.4, 0.2],
    mean: [0.45, 0.35, 0.2],
  } as const;
  const json = JSON.parse(
    pairJson(
      pairOf('p', 'a', 'b'),
      { forward: [...scores.forward], swapped: [...scores.swapped], mean: [...scores.mean] },
      { model: 'demo' },
    ),
  );
  expect(json).toMatchObject({
    prompt: ['p'],
    response_b: ['b'],
    probabilities: { b_first: { winner_model_a: 0.4, winner_model_b: 0.4, winner_tie: 0.2 } },
    computed_with: { model: 'demo' },
  });
  expect(JSON.parse(pairJson(pairOf('p', 'a', 'b'), null, null))).not.toHaveProperty(
    'probabilities',
  );
});

test('JSON of a reward model has both rewards and their margin, and no orders', () => {
  const p = [0.75, 0.25, 0] as const;
  const scores = { forward: [...p], swapped: [...p], mean: [...p] } as const;
  const rewards = { a: 2, b: 1, margin: 1 };
  const said = { ...scores, rewards } as unknown as Parameters<typeof pairJson>[1];
  const read = JSON.parse(pairJson(pairOf('p', 'a', 'b'), said, null));
  expect(read.rewards).toEqual(rewards);
  expect(read.probabilities).toEqual({
    mean: { winner_model_a: 0.75, winner_model_b: 0.25, winner_tie: 0 },
  });
});
