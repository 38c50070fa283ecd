import { expect, test } from 'vitest';
import { RowColumns } from '../../../src/app/page/rows.ts';
import { resultsEvent, rowsEvent } from '../../../testing/fake-api.ts';

test('finished rows first: in the order in which they came, each once, then the others', () => {
  const rows = new RowColumns();
  rows.addRows(rowsEvent(0, 5));
  expect([...rows.finishedFirst()]).toEqual([0, 1, 2, 3, 4]);
  rows.addResults(resultsEvent([3, 1]));
  rows.addResults(resultsEvent([3, 4]));
  expect([...rows.finishedFirst()]).toEqual([3, 1, 4, 0, 2]);
  const kept = rows.clear();
  expect([...rows.finishedFirst()]).toEqual([]);
  rows.restore(kept);
  expect([...rows.finishedFirst()]).toEqual([3, 1, 4, 0, 2]);
  rows.clearResults();
  expect([...rows.finishedFirst()]).toEqual([0, 1, 2, 3, 4]);
});
