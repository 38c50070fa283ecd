import { beforeAll, describe, expect, test } from 'vitest';
import type { Backend } from '../../src/engine/device/backend.ts';
import { openNodeBackend } from '../../src/engine/device/backend-node.ts';
import { Engine, type LoadOptions } from '../../src/engine/engine.ts';
import { headGroupChoices, headGroups } from '../../src/engine/planning/attention-shape.ts';
import { ModelPackage } from '../../src/model/package.ts';
import { builtPackage } from '../../testing/checkpoints.ts';
import { largestDifference, referenceCases } from '../../testing/reference-cases.ts';
import { rowsOf, tokenRows } from '../../testing/token-rows.ts';

let backend: Backend;
beforeAll(async () => {
  backend = await openNodeBackend('wasm');
});

const models = ['tiny-a', 'tiny-d'] as const;
const tokens = (model: string) =>
  tokenRows(referenceCases().find(({ name }) => name === `${model}-nf4`)!.tokens);

async function logits(model: string, options: LoadOptions, passes = 1): Promise<number[][]> {
  const pkg = await ModelPackage.open(await builtPackage(`${model}/base-bnb-4bit`));
  const engine = await Engine.load(pkg, backend, options);
  await engine.setAdapters([null, 'adapter']);
  for (let pass = 1; pass < passes; pass += 1) await engine.logits(tokens(model));
  return rowsOf(await engine.logits(tokens(model)));
}

describe.each(models)('%s', (model) => {
  let all: number[][];
  beforeAll(async () => {
    all = await logits(model, {});
  });

  test('with its heads in groups gives the same logits', async () => {
    // 4 heads, 2 or 1 key/value heads: head groups with several, one and a part of a key/value head's query heads.
    const rows = tokens(model);
    const longest = Math.max(...rows.map(({ length }) => length));
    const scores = rows.length * 4 * 4 * longest ** 2;
    for (const groups of [2, 4]) {
      const split = await logits(model, { maxScoreBytes: scores / groups });
      expect(largestDifference(split, all)).toBeLessThan(1e-4);
    }
  });

  test.each([0, 1, 2])(
    'with %i layers on the device and the others streamed, too',
    async (resident) => {
      expect(largestDifference(await logits(model, { resident }, 3), all)).toBeLessThan(1e-4);
    },
  );
});

test('streaming holds fewer bytes and says how many it reads', async () => {
  const pkg = await ModelPackage.open(await builtPackage('tiny-a/base-bnb-4bit'));
  const whole = await Engine.load(pkg, backend);
  const streamed = await Engine.load(pkg, backend, { resident: 1 });
  const layer = whole.info.weightBytes / 4;
  expect(streamed.info).toMatchObject({
    layers: 4,
    residentLayers: 1,
    weightBytes: 3 * layer,
    streamedBytes: 3 * layer,
  });
  // Two streamed layers take as much memory as two resident ones.
  const almost = await Engine.load(pkg, backend, { resident: 3 });
  expect(almost.info).toMatchObject({ residentLayers: 4, streamedBytes: 0 });
});

test('a pass that fails or is cancelled does not spoil the next', async () => {
  const pkg = await ModelPackage.open(await builtPackage('tiny-a/base-bnb-4bit'));
  const engine = await Engine.load(pkg, backend, { resident: 0 });
  await engine.setAdapter('adapter');
  const before = await engine.logits(tokens('tiny-a'));
  for (const layersDone of [1, 2, 3]) {
    const { signal } = new AbortController();
    let looks = 0;
    Object.defineProperty(signal, 'aborted', {
      get() {
        looks += 1;
        return looks > layersDone + 1;
      },
    });
    await expect(engine.logits(tokens('tiny-a'), signal)).rejects.toMatchObject({
      code: 'run/cancelled',
    });
    expect(await engine.logits(tokens('tiny-a'))).toEqual(before);
  }
});

test('heads are split by whole key/value heads or within one', () => {
  expect(headGroupChoices({ numHeads: 16, numKeyValueHeads: 8 })).toEqual([1, 2, 4, 8, 16]);
  expect(headGroupChoices({ numHeads: 8, numKeyValueHeads: 4 })).toEqual([1, 2, 4, 8]);
  expect(headGroupChoices({ numHeads: 12, numKeyValueHeads: 4 })).toEqual([1, 2, 4, 12]);
  const choices = [1, 2, 4, 8, 16];
  const row = 16 * 4 * 2048 ** 2;
  expect(headGroups(choices, row / 2, 2 ** 31)).toBe(1);
  expect(headGroups(choices, row, 2 ** 31)).toBe(2);
  expect(headGroups(choices, row, 128 * 2 ** 20)).toBe(2);
  expect(headGroups(choices, 16 * row, 128 * 2 ** 20)).toBe(16);
});
