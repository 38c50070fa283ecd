import { beforeEach, describe, expect, test } from 'vitest';
import { AppStore } from '../../../../src/app/page/store.ts';
import { endOf, endText } from '../../../../src/app/score/run/run-end.ts';
import { announcement } from '../../../../src/app/shell/RunAnnouncer.tsx';
import { DEFAULT_SETTINGS } from '../../../../src/domain/settings.ts';
import {
  csvSummary,
  FakeApi,
  MODEL,
  resultsEvent,
  rowsEvent,
  runSummary,
  turn,
} from '../../../../testing/fake-api.ts';

let api: FakeApi;
let store: AppStore;
const cancelled = { code: 'run/cancelled', message: 'Cancelled.' };
const broken = { code: 'engine/failed', message: 'It broke.', action: 'Try again.' };
const end = () => endOf(store.getState(), store.rows);
const said = () => announcement(store.getState(), store.rows);

beforeEach(async () => {
  api = new FakeApi();
  const embedded = { kind: 'url', url: 'http://localhost/models/demo/' } as const;
  store = new AppStore({ client: api, storage: null, embedded });
  void store.model.load();
  await turn();
  await api.loads[0]!.answer(MODEL);
  void store.file.open(new File(['x'], 'test.csv'));
  await turn();
  api.opens[0]!.send([rowsEvent(0, 4)]);
  await api.opens[0]!.answer(csvSummary(4));
});

/** Starts the next run, which has scored these rows. */
async function begin(...rows: number[]) {
  void store.run.start();
  await turn();
  const run = api.starts.at(-1)!;
  if (rows.length > 0) run.send([resultsEvent(rows)]);
  return run;
}

describe('the end of a run', () => {
  test('is none before the first run and while one goes on', async () => {
    expect(end()).toBeNull();
    await begin(0);
    expect(end()).toBeNull();
  });

  test('complete: the submission; settings that differ from those of the results are noted', async () => {
    await (await begin(0, 1, 2, 3)).answer(runSummary(4, DEFAULT_SETTINGS));
    const expected = { kind: 'complete', done: 4, total: 4, download: 'submission' };
    expect(end()).toEqual({ ...expected, isOlder: false, differs: false });
    expect(said()).toMatch(/^4 rows scored in/);
    store.settings.set({ tta: true });
    expect(end()?.differs).toBe(true);
    store.settings.set({ tta: false });
    store.model.setAdapters(['two']);
    expect(end()?.differs).toBe(true);
    store.model.setAdapters(['one']);
    expect(end()?.differs).toBe(false);
  });

  test('cancelled: the finished rows, and none where there are none', async () => {
    await (await begin(0, 1)).fail(cancelled);
    expect(end()).toMatchObject({ kind: 'cancelled', done: 2, total: 4, download: 'finished' });
    expect(said()).toBe('Cancelled: 2 of 4 rows scored.');
    void store.file.open(new File(['y'], 'other.csv'));
    expect(end()).toBeNull();
  });

  test('failed: says why, once', async () => {
    await (await begin(0)).fail(broken);
    expect(end()).toMatchObject({ kind: 'failed', done: 1, download: 'finished' });
    expect(said()).toBe('The run failed: 1 of 4 rows scored. It broke.');
  });

  test('a run that ends before its first row leaves the results before, and they count as such', async () => {
    await (await begin(0, 1, 2, 3)).answer(runSummary(4, DEFAULT_SETTINGS));
    for (const error of [cancelled, broken]) {
      await (await begin()).fail(error);
      expect(end()).toMatchObject({ done: 0, download: 'submission', isOlder: true });
      expect(endText(end()!, store.getState().results)).toMatch(/before any row was scored/);
    }
  });
});
