import { beforeEach, describe, expect, test } from 'vitest';
import type { ModelLoader } from '../../../src/app/page/model-loader.ts';
import { AppStore } from '../../../src/app/page/store.ts';
import { WORKER_DEAD } from '../../../src/app/state/client.ts';
import { DEFAULT_SETTINGS } from '../../../src/domain/settings.ts';
import type { RunEvent } from '../../../src/scoring/events.ts';
import type { Planned } from '../../../src/scoring/worker/api.ts';
import { cpuClock } from '../../../testing/cpu-time.ts';
import { errorOf } from '../../../testing/errors.ts';
import {
  csvSummary,
  ENGINE,
  FakeApi,
  MODEL,
  resultsEvent,
  rowsEvent,
  runSummary,
  turn,
} from '../../../testing/fake-api.ts';

const progress = (tokensDone: number): RunEvent => ({
  type: 'progress',
  progress: {
    tokensDone,
    tokensTotal: 100,
    rowsDone: 0,
    rowsTotal: 4,
    tokensPerSecond: null,
    secondsLeft: null,
    lanes: [],
  },
});
const file = (name = 'test.csv') => new File(['x'], name);
const cancelled = { code: 'run/cancelled', message: 'Cancelled.' };
const broken = { code: 'engine/failed', message: 'It broke.', action: 'Try again.' };

let api: FakeApi;
let store: AppStore;
/** Number of requests to the browser to keep the page's storage. */
let persists: number;
const state = () => store.getState();

beforeEach(() => {
  api = new FakeApi();
  store = new AppStore({
    client: api,
    storage: null,
    embedded: { kind: 'url', url: 'http://localhost/models/demo/' },
    persist: async () => {
      persists += 1;
      throw new Error('a browser that has no such thing must not stop a run');
    },
  });
  persists = 0;
});

/** Loads a model and opens a file of four rows. */
async function prepare(rows = 4): Promise<void> {
  void store.model.load();
  await turn();
  await api.loads[0]!.answer(MODEL);
  void store.file.open(file());
  await turn();
  api.opens[0]!.send([rowsEvent(0, rows)]);
  await api.opens[0]!.answer(csvSummary(rows));
}

/** Runs the four rows to the end. */
async function finish(): Promise<void> {
  void store.run.start();
  await turn();
  api.starts[0]!.send([progress(0), resultsEvent([0, 1, 2, 3])]);
  await api.starts[0]!.answer(runSummary(4, DEFAULT_SETTINGS));
}

describe('the memory plan', () => {
  const planned = (message: string): Planned => ({
    gpus: [],
    plan: null,
    cpu: null,
    error: { code: 'plan/too-large', message },
  });
  const shown = () => state().planned?.error?.message;

  test('precedes the model, and follows adapters, max_length and options', async () => {
    void store.model.load();
    await turn();
    expect(api.plans.at(-1)!.args).toMatchObject({
      request: { maxLength: 2048, lanes: 'auto', budgets: {} },
      adapters: undefined,
    });
    await api.plans.at(-1)!.answer(planned('first'));
    expect(state().model.status).toBe('loading');
    expect(shown()).toBe('first');
    await api.loads[0]!.answer(MODEL);
    expect(api.plans.at(-1)!.args.adapters).toEqual(['one']);
    store.model.setAdapters(['one', 'two']);
    expect(api.plans.at(-1)!.args.adapters).toEqual(['one', 'two']);
    const before = api.plans.length;
    store.settings.set({ tta: true });
    expect(api.plans).toHaveLength(before);
    store.settings.set({ maxLength: 512 });
    expect(api.plans.at(-1)!.args.request.maxLength).toBe(512);
    // All of one load, which reads the model's headers once; the next load reads them again.
    expect(new Set(api.plans.map(({ args }) => args.request.load)).size).toBe(1);
    expect(api.loads.at(-1)!.args.load).toBe(api.plans.at(-1)!.args.request.load);
    void store.model.setWishes({ budgets: { fast: 3e9 } });
    await turn();
    expect(api.plans.at(-1)!.args.request.load).not.toBe(api.plans[0]!.args.request.load);
    expect(api.plans.at(-1)!.args.request.budgets).toEqual({ fast: 3e9 });
    // The plan of the previous model is gone until this model has its own.
    expect(state().planned).toBeNull();
  });

  test('of before is never shown in place of a newer one, and a failure is not shown as a plan', async () => {
    void store.model.load();
    await turn();
    store.settings.set({ maxLength: 512 });
    const [old, latest] = api.plans.slice(-2);
    await latest!.answer(planned('latest'));
    await old!.answer(planned('old'));
    expect(shown()).toBe('latest');
    store.settings.set({ maxLength: 256 });
    await api.plans.at(-1)!.fail(broken);
    expect(state().planned).toBeNull();
  });
});

describe('model', () => {
  test('takes the first adapter, and keeps the chosen one through a reload', async () => {
    await prepare();
    expect(state().adapters).toEqual(['one']);
    store.model.setAdapters(['two']);
    void store.model.setWishes({ device: 'wasm' });
    await turn();
    expect(api.loads[1]!.args).toMatchObject({ device: 'wasm', precision: 'auto' });
    await api.loads[1]!.answer(MODEL);
    expect(state().adapters).toEqual(['two']);
  });

  test('is loaded on all GPUs when the user wants that', async () => {
    await prepare();
    expect(api.loads[0]!.args).toMatchObject({ lanes: 'auto' });
    void store.model.setWishes({ lanes: 'all' });
    await turn();
    expect(api.loads[1]!.args).toMatchObject({ lanes: 'all', device: undefined });
    const other = { ...ENGINE, computesOn: 'other (WebGPU)' };
    const lanes = [...MODEL.lanes, { name: 'other', engine: other, error: null }];
    await api.loads[1]!.answer({ ...MODEL, lanes });
    expect(persists).toBe(0);
    await finish();
    // The request comes once, at the start of a run.
    expect(persists).toBe(1);
    expect(state().results).toMatchObject({ engine: { adapter: 'one' }, complete: true });
  });

  test('with several GPUs is what running results say, from their first row on', async () => {
    void store.model.load();
    await turn();
    const other = { ...ENGINE, computesOn: 'other (WebGPU)' };
    const lanes = [...MODEL.lanes, { name: 'other', engine: other, error: null }];
    await api.loads[0]!.answer({ ...MODEL, lanes });
    void store.file.open(file());
    await turn();
    await api.opens[0]!.answer(csvSummary(4));
    void store.run.start();
    await turn();
    api.starts[0]!.send([progress(0)]);
    expect(state().results?.others).toEqual([other]);
  });

  test('a newer load waits for the older one and wins', async () => {
    void store.model.load();
    await turn();
    void store.model.load({ kind: 'url', url: 'http://localhost/other/' });
    await turn();
    expect(api.cancels).toBe(1);
    expect(api.loads).toHaveLength(1);
    await api.loads[0]!.fail(cancelled);
    expect(api.loads).toHaveLength(2);
    api.loads[0]!.send({ step: 'weights', fraction: 0.9 });
    expect(state().model).toEqual({ status: 'loading', progress: null });
    await api.loads[1]!.answer({ ...MODEL, name: 'other' });
    expect(state().model).toMatchObject({ status: 'ready', info: { name: 'other' } });
  });

  test('a failure says why', async () => {
    void store.model.load();
    await turn();
    await api.loads[0]!.fail(broken);
    expect(state().model).toMatchObject({ status: 'failed', error: { code: 'engine/failed' } });
  });
});

describe('file', () => {
  test('rows come while it is read, also out of order', async () => {
    void store.file.open(file());
    await turn();
    api.opens[0]!.send([rowsEvent(2, 2)]);
    api.opens[0]!.send([{ type: 'reading', bytes: 50, totalBytes: 100, rows: 4 }, rowsEvent(0, 2)]);
    expect(store.rows.ids).toEqual(['id0', 'id1', 'id2', 'id3']);
    expect(state().csv).toMatchObject({ status: 'reading', bytes: 50, rows: 4 });
  });

  test('another text mode reads it again at once, unless there are results', async () => {
    await prepare();
    store.settings.set({ textMode: 'clean' });
    await turn();
    expect(api.opens[1]!.args.settings.textMode).toBe('clean');
    api.opens[1]!.send([rowsEvent(0, 4)]);
    await api.opens[1]!.answer(csvSummary(4));
    await finish();
    store.settings.set({ textMode: 'faithful' });
    await turn();
    expect(api.opens).toHaveLength(2);
    expect(store.rows.scored).toBe(4);
    void store.run.start();
    await turn();
    expect(api.opens[2]!.args.settings.textMode).toBe('faithful');
    await api.opens[2]!.answer(csvSummary(4));
    expect(api.starts).toHaveLength(2);
  });

  test('a file that cannot be read leaves the results of the one before', async () => {
    await prepare();
    await finish();
    void store.file.open(file('other.csv'));
    await turn();
    await api.opens[1]!.fail({ code: 'csv/empty', message: 'The file is empty.' });
    expect(state().csv).toMatchObject({ status: 'failed', name: 'other.csv' });
    expect(state().results).toMatchObject({ fileName: 'test.csv', complete: true });
    // The worker still has them.
    expect(await (await store.exporter.csv('omit'))!.text()).toBe('from the worker');
  });

  test('one that can be read in part does so too', async () => {
    await prepare();
    await finish();
    void store.file.open(file('other.csv'));
    await turn();
    api.opens[1]!.send([rowsEvent(7, 2)]);
    expect(state().results).toBeNull();
    expect(store.rows).toMatchObject({ length: 9, scored: 0 });
    const { version } = store.rows;
    await api.opens[1]!.fail({ code: 'csv/row-too-long', message: 'Row 10 is too long.' });
    expect(state().csv).toMatchObject({ status: 'failed', name: 'other.csv' });
    expect(state().results).toMatchObject({ fileName: 'test.csv', complete: true });
    expect(store.rows).toMatchObject({ length: 4, scored: 4, ids: ['id0', 'id1', 'id2', 'id3'] });
    expect(store.rows.version).toBeGreaterThan(version);
    // Events use another port than the answer and may arrive after it.
    api.opens[1]!.send([rowsEvent(9, 2)]);
    expect(store.rows).toMatchObject({ length: 4, scored: 4 });
  });

  test('results come back also when another file was begun between', async () => {
    await prepare();
    await finish();
    void store.file.open(file('second.csv'));
    await turn();
    api.opens[1]!.send([rowsEvent(0, 2)]);
    void store.file.open(file('third.csv'));
    await turn();
    await api.opens[1]!.fail(cancelled);
    api.opens[2]!.send([rowsEvent(0, 3)]);
    expect(store.rows).toMatchObject({ length: 3, scored: 0 });
    await api.opens[2]!.fail(cancelled);
    expect(state()).toMatchObject({ csv: { status: 'none' }, results: { complete: true } });
    expect(store.rows).toMatchObject({ length: 4, scored: 4 });
  });

  test('but not when the worker read that one to its end and let go of the first', async () => {
    await prepare();
    await finish();
    void store.model.load(); // so that reading is not stopped
    await turn();
    void store.file.open(file('second.csv'));
    await turn();
    void store.file.open(file('third.csv'));
    await turn();
    await api.opens[1]!.answer(csvSummary(2));
    await api.opens[2]!.fail(broken);
    expect(state()).toMatchObject({ csv: { status: 'failed', name: 'third.csv' }, results: null });
    expect(store.rows.length).toBe(0);
  });

  test('results are gone once another file was read', async () => {
    await prepare();
    await finish();
    void store.file.open(file('second.csv'));
    await turn();
    await api.opens[1]!.answer(csvSummary(2));
    void store.file.open(file('third.csv'));
    await turn();
    await api.opens[2]!.fail(broken);
    expect(state().results).toBeNull();
    expect(store.rows.length).toBe(0);
  });

  test('of a file whose reading is stopped nothing stays', async () => {
    await prepare();
    void store.file.open(file('other.csv'));
    await turn();
    api.opens[1]!.send([rowsEvent(0, 2)]);
    void store.file.cancelReading();
    expect(api.cancels).toBe(1);
    await api.opens[1]!.fail(cancelled);
    expect(state().csv.status).toBe('none');
    expect(store.rows.length).toBe(0);
  });

  test('events of a file that was replaced are ignored', async () => {
    void store.file.open(file('first.csv'));
    await turn();
    void store.file.open(file('second.csv'));
    await turn();
    expect(api.cancels).toBe(0); // the model is loading, and the worker's cancel would stop that too
    await api.opens[0]!.answer(csvSummary(1, { name: 'first.csv' }));
    expect(state().csv).toMatchObject({ status: 'reading', name: 'second.csv' });
    api.opens[0]!.send([rowsEvent(0, 9)]);
    expect(store.rows.length).toBe(0);
  });
});

describe('run', () => {
  test('results count once, whenever they come', async () => {
    await prepare();
    void store.run.start();
    await turn();
    api.starts[0]!.send([resultsEvent([3, 1], 0.5, 2), progress(40)]);
    expect(state().run).toMatchObject({ status: 'running', progress: { tokensDone: 40 } });
    api.starts[0]!.send([resultsEvent([1], 0.1), resultsEvent([0])]);
    expect(store.rows).toMatchObject({ scored: 3, truncated: 1 });
    await api.starts[0]!.answer(runSummary(4, DEFAULT_SETTINGS));
    expect(state().run).toEqual({ status: 'ended', outcome: 'complete' });
    // Events use another port than the answer and may arrive after it.
    api.starts[0]!.send([resultsEvent([2]), progress(100)]);
    expect(store.rows.scored).toBe(4);
    expect(state().run.status).toBe('ended');
  });

  test('results show the notice of the adapter that made them', async () => {
    await prepare();
    store.model.setAdapters(['two']);
    void store.run.start();
    await turn();
    api.starts[0]!.send([progress(0)]);
    expect(state().results?.engine).toMatchObject({ adapter: 'two', notice: 'Second.' });
  });

  test('cancel shows at once and keeps the results', async () => {
    await prepare();
    void store.run.start();
    await turn();
    api.starts[0]!.send([progress(0), resultsEvent([0, 1])]);
    void store.run.cancel();
    expect(state().run.status).toBe('cancelling');
    expect(api.cancels).toBe(1);
    void store.run.cancel();
    expect(api.cancels).toBe(1);
    await api.starts[0]!.answer(runSummary(4, DEFAULT_SETTINGS, false));
    expect(state().run).toEqual({ status: 'ended', outcome: 'cancelled' });
    expect(state().results?.complete).toBe(false);
    expect(store.rows.scored).toBe(2);
  });

  test('a run that fails at its start leaves the results of the one before', async () => {
    await prepare();
    await finish();
    void store.run.start();
    await turn();
    await api.starts[1]!.fail(broken);
    expect(state().run).toMatchObject({ status: 'failed', error: { action: 'Try again.' } });
    expect(store.rows.scored).toBe(4);
    expect(state().results?.complete).toBe(true);
  });

  test('a run that fails on its way keeps its own results', async () => {
    await prepare();
    await finish();
    void store.run.start();
    await turn();
    api.starts[1]!.send([progress(0), resultsEvent([2])]);
    await api.starts[1]!.fail(broken);
    expect(store.rows.scored).toBe(1);
    expect(state().results).toMatchObject({ complete: false, summary: null });
  });

  test('when the worker dies, nothing looks ready and results can still be saved', async () => {
    await prepare();
    await finish();
    void store.run.start();
    await turn();
    const dead = errorOf(WORKER_DEAD, 'It died.');
    await api.starts[1]!.die(dead);
    expect(state().run.status).toBe('failed');
    expect(state().model.status).toBe('failed');
    expect(state().csv.status).toBe('failed');
    api.exportError = dead;
    const lines = (await (await store.exporter.csv('omit'))!.text()).trim().split('\n');
    expect(lines).toHaveLength(5);
    expect(lines[1]).toBe('id0,0.5,0.25,0.25');
  });

  test('nothing starts without a model or with no row to score', async () => {
    await store.run.start();
    await prepare();
    void store.file.open(file());
    await turn();
    await api.opens[1]!.answer(csvSummary(2, { problemRows: 2 }));
    await store.run.start();
    expect(api.starts).toHaveLength(0);
  });
});

test('100,000 rows cost little, and no step costs much', async () => {
  await prepare(0);
  void store.file.open(file());
  await turn();
  let longest = 0;
  const timed = (act: () => void) => {
    const took = cpuClock();
    act();
    longest = Math.max(longest, took());
  };
  for (let first = 0; first < 100_000; first += 5000) {
    const event = rowsEvent(first, 5000);
    timed(() => api.opens[1]!.send([event]));
  }
  await api.opens[1]!.answer(csvSummary(100_000));
  void store.run.start();
  await turn();
  for (let first = 0; first < 100_000; first += 1000) {
    const event = resultsEvent(Array.from({ length: 1000 }, (_, i) => 99_999 - first - i));
    timed(() => api.starts[0]!.send([event, progress(first)]));
  }
  await api.starts[0]!.answer(runSummary(100_000, DEFAULT_SETTINGS));
  void store.run.start();
  await turn();
  timed(() => api.starts[1]!.send([progress(0)])); // clears all results
  expect(store.rows).toMatchObject({ length: 100_000, scored: 0 });
  expect(longest).toBeLessThan(100);
});

describe('the model of the last visit', () => {
  const stored = { kind: 'stored', id: 'a', name: 'Mine' } as const;
  const embedded = { kind: 'url', url: 'http://localhost/models/demo/' } as const;
  const items = new Map<string, string>();
  const visit = () => {
    api = new FakeApi();
    const storage = {
      getItem: (key: string) => items.get(key) ?? null,
      setItem: (key: string, value: string) => void items.set(key, value),
    };
    store = new AppStore({ client: api, storage, embedded });
    return store;
  };
  const sources = () => api.loads.map(({ args }) => args.source);
  const load = async (source: Parameters<ModelLoader['load']>[0], weightBytes: number) => {
    void visit().model.load(source);
    await turn();
    await api.loads[0]!.answer({ ...MODEL, name: 'Mine', engine: { ...ENGINE, weightBytes } });
  };
  const reopen = async () => {
    void visit().model.openLast();
    await turn();
  };

  beforeEach(() => items.clear());

  test('is loaded at once, unless it was the one of the page or the note is broken', async () => {
    await load(stored, 1e6);
    await reopen();
    expect(sources()).toEqual([stored]);
    expect(store.model.storedId).toBe('a');
    await load(embedded, 1e6);
    await reopen();
    expect(sources()).toEqual([embedded]);
    for (const broken of ['{', '{"kind":"stored"}', '{"kind":"url","url":"x"}', '7']) {
      items.set('tiebreak.model', broken);
      await reopen();
      expect(sources()).toEqual([embedded]);
    }
  });

  test('is asked about where it is large, and nothing scores meanwhile', async () => {
    await load(stored, 4.7e9);
    await reopen();
    expect(state().model).toMatchObject({
      status: 'asking',
      last: { name: 'Mine', bytes: 4.7e9 },
    });
    void store.model.setWishes({ device: 'wasm' });
    await turn();
    expect(sources()).toEqual([]);
    void store.model.loadAsked();
    await turn();
    expect(sources()).toEqual([stored]);
    await reopen();
    void store.model.load(store.model.embedded);
    await turn();
    expect(sources()).toEqual([embedded]);
  });

  test('that is gone is said to be, and the one of the page takes its place', async () => {
    await load(stored, 1e6);
    await reopen();
    await api.loads[0]!.fail({ code: 'packages/unknown', message: 'There is no such model.' });
    await turn();
    expect(sources()).toEqual([stored, embedded]);
    await api.loads[1]!.answer(MODEL);
    expect(state()).toMatchObject({
      model: { status: 'ready' },
      lastModel: { kind: 'lost', name: 'Mine', error: { code: 'packages/unknown' } },
    });
    // A fault of the computer must not make the demo model score instead.
    await load(stored, 1e6);
    await reopen();
    await api.loads[0]!.fail({ code: 'gpu/none', message: 'No GPU.' });
    await turn();
    expect(sources()).toEqual([stored]);
    expect(state().model.status).toBe('failed');
  });

  test('that was a folder cannot be found again', async () => {
    await load({ kind: 'files', label: 'folder', files: [] }, 1e6);
    await reopen();
    expect(sources()).toEqual([embedded]);
    expect(state().lastModel).toEqual({ kind: 'folder', name: 'Mine' });
    void store.model.load(stored);
    await turn();
    expect(state().lastModel).toBeNull();
  });
});
