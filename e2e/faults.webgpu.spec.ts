import { expect, type Page, test } from '@playwright/test';
import { HARNESS_PORT } from '../testing/browser/settings.ts';
import type { Harness } from '../testing/harness/harness.ts';
import type { FaultyRun } from '../testing/harness/lanes.ts';
import { referenceCases } from '../testing/reference-cases.ts';

declare const window: Window & { harness: Harness };

const { name: model, ...reference } = referenceCases().find(({ name }) => name === 'tiny-a-nf4')!;
// The short rows, since a software GPU computes some tens of tokens per second.
const [tokens, logits] = [reference.tokens.slice(2), reference.expected.adapter.slice(2)];
const ROWS_IN_BATCH = 2;
// Enough batches to have a middle: one device meets its fault in the third, one of two devices in the third of its own.
const BATCHES = 4;
const BATCHES_OF_TWO = 6;
const TOLERANCE = 1e-3;

const cases: {
  name: string;
  run: Partial<FaultyRun>;
  /** Codes of the expected incidents, in order. */
  incidents: RegExp[];
  action?: string;
  /** Also runs in `npm test`; each takes up to a minute on a software GPU. */
  quick?: true;
}[] = [
  { name: 'nothing', run: {}, incidents: [] },
  {
    name: 'device.destroy() in the middle',
    run: { fault: 'lost:3' },
    incidents: [/gpu\/lost/],
    quick: true,
  },
  {
    name: 'too little memory for a batch',
    run: { fault: 'memory:3' },
    incidents: [/gpu\/out-of-memory/],
    action: 'halve',
  },
  {
    name: 'device.destroy() in the middle, with ONNX Runtime',
    run: { fault: 'lost:3', executor: 'ort' },
    incidents: [/gpu\/lost/],
  },
  {
    name: 'NaN outputs, with ONNX Runtime',
    run: { fault: 'nan:3', executor: 'ort' },
    incidents: [/engine\/not-finite/],
  },
  { name: 'NaN outputs', run: { fault: 'nan:3' }, incidents: [/engine\/not-finite/] },
  {
    name: 'a validation error',
    run: { fault: 'validation:3' },
    incidents: [/gpu\/error|engine\/failed/],
  },
  { name: 'a hung worker', run: { fault: 'hang:3' }, incidents: [/engine\/hung/] },
  {
    name: 'a worker killed from outside',
    run: { killAfter: 2 },
    incidents: [/engine\/hung/],
  },
  { name: 'a clock that jumps', run: { jumpAfter: 2 }, incidents: [] },
  {
    name: 'too little memory for all layers',
    run: { fault: 'load-memory:4' },
    incidents: [],
  },
];

for (const { name, run, incidents, action, quick } of cases) {
  const tag = quick ? [] : ['@slow'];
  test(`${name}: the run ends with the same results`, { tag }, async ({ page }) => {
    const result = await score(page, run);
    process.stdout.write(
      `  ${name}: ${result.incidents.map(({ error, action: done }) => `${error.code} (${done})`).join(', ') || 'no incident'}\n`,
    );
    expect(result.error).toBe('');
    expect(result.incidents).toHaveLength(incidents.length);
    for (const [i, code] of incidents.entries()) {
      expect(result.incidents[i]!.error.code).toMatch(code);
      if (action !== undefined) expect(result.incidents[i]!.action).toBe(action);
    }
    expectEqual(result.logits);
  });
}

test('two devices give the results of one', { tag: '@slow' }, async ({ page }) => {
  const one = await score(page, {});
  const two = await score(page, { lanes: 2 });
  expect(two.error).toBe('');
  expect(two.logits).toEqual(one.logits);
});

test('with two devices the other takes over what a lost one cannot do', { tag: '@slow' }, async ({
  page,
}) => {
  const result = await score(page, { lanes: 2, fault: 'lost:3' }, BATCHES_OF_TWO);
  expect(result.error).toBe('');
  expect(result.incidents.map(({ lane }) => lane)).toEqual([1]);
  expectEqual(result.logits, BATCHES_OF_TWO);
});

for (const split of ['first', 'second'] as const) {
  test(`layers on two devices: when the ${split} is lost, both are started anew`, {
    tag: '@slow',
  }, async ({ page }) => {
    test.setTimeout(600_000);
    const result = await score(page, { split, fault: 'lost:3' });
    expect(result.error).toBe('');
    expect(result.incidents).toMatchObject([
      {
        error: { code: 'gpu/lost' },
        computesOn: expect.stringMatching(/^layers 1 to 1 on .* and layers 2 to 4 on/),
      },
    ]);
    expectEqual(result.logits);
  });
}

/** Scores the reference's few rows again and again, in batches. */
async function score(page: Page, run: Partial<FaultyRun>, batches = BATCHES) {
  const rows = Array.from(
    { length: batches * ROWS_IN_BATCH },
    (_, i) => tokens[i % tokens.length]!,
  );
  await page.goto(`http://localhost:${HARNESS_PORT}/`);
  const request: FaultyRun = {
    model: `${model}/`,
    rows,
    rowsInBatch: ROWS_IN_BATCH,
    lanes: 1,
    fault: '',
    ...run,
  };
  return page.evaluate((wanted) => window.harness.score(wanted), request);
}

function expectEqual(found: number[][], batches = BATCHES): void {
  expect(found).toHaveLength(batches * ROWS_IN_BATCH);
  for (const [r, row] of found.entries()) {
    const expected = logits[r % logits.length]!;
    expect(row).toHaveLength(expected.length);
    for (const [c, value] of expected.entries()) {
      expect(Math.abs(row[c]! - value)).toBeLessThan(TOLERANCE);
    }
  }
}
