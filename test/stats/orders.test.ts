import { expect, test } from 'vitest';
import { RowColumns } from '../../src/app/page/rows.ts';
import { csvOf, FakeLane, makeRows, makeRun } from '../../testing/runs.ts';

test('with both orders scored, the page gets the order of the file beside the mean', async () => {
  const rows = makeRows(12, 3);
  const both = new RowColumns();
  const { run } = await makeRun(csvOf(rows), {
    settings: { tta: true },
    lanes: [new FakeLane()],
    onResults: (event) => both.addResults(event),
  });
  await run.score();
  const one = new RowColumns();
  const alone = await makeRun(csvOf(rows), {
    lanes: [new FakeLane()],
    onResults: (event) => one.addResults(event),
  });
  await alone.run.score();
  expect(one.forward).toBeNull();
  expect(Array.from(both.forward!.subarray(0, 36))).toEqual(
    Array.from(one.probabilities.subarray(0, 36)),
  );
  expect(both.probabilities.subarray(0, 36)).not.toEqual(one.probabilities.subarray(0, 36));
  both.clearResults();
  expect(both.forward).toBeNull();
});
