import { beforeEach, describe, expect, test } from 'vitest';
import type { FileOrigin, RunFiles } from '../../../../src/app/page/run-files.ts';
import { AppStore } from '../../../../src/app/page/store.ts';
import {
  earlierRun,
  isComparable,
  isOnPage,
  matchingRun,
  shortSpace,
  unfinishedRun,
} from '../../../../src/app/runs/state/runs-state.ts';
import { RunsStore } from '../../../../src/app/runs/state/runs-store.ts';
import { DEFAULT_SETTINGS } from '../../../../src/domain/settings.ts';
import type { StoredRun } from '../../../../src/scoring/journal/run-archive.ts';
import { errorOf } from '../../../../testing/errors.ts';
import {
  csvSummary,
  FakeApi,
  MODEL,
  resultsEvent,
  rowsEvent,
  runSummary,
  turn,
} from '../../../../testing/fake-api.ts';

const settings = { ...DEFAULT_SETTINGS, maxLength: 512 };
const kept: StoredRun = {
  id: 'aa',
  state: 'waiting',
  error: null,
  header: {
    numbers: 1,
    csv: { name: 'test.csv', bytes: 100, sha256: 'c'.repeat(64), rows: 4, sequences: 4 },
    model: { name: 'fake', sha256: 'f'.repeat(64) },
    adapters: ['two'],
    settings,
    created: '2026-01-02T03:04:05.000Z',
    source: { kind: 'url', url: 'http://localhost/models/demo/' },
  },
  engine: null,
  rowsDone: 2,
  bytes: 1000,
  notes: {},
};
/** A file with the length of the run's. */
const sameSize = 'x'.repeat(100);

let api: FakeApi;
let app: AppStore;
let runs: RunsStore;
let origins: Map<string, FileOrigin>;
let readable: boolean;
const example = { kind: 'example', name: 'example.csv' } as const;
const note = () => runs.getState().notes.aa;

beforeEach(() => {
  api = new FakeApi();
  api.runs = [kept];
  origins = new Map();
  readable = true;
  const files: RunFiles = {
    remember: async (id, origin) => void origins.set(id, origin),
    find: async (id) => origins.get(id) ?? null,
    forget: async (id) => void origins.delete(id),
    open: async ({ kind }) => (readable ? new File(['x'], `${kind}.csv`) : null),
  };
  const client = api;
  app = new AppStore({
    client,
    storage: null,
    embedded: { kind: 'url', url: 'http://localhost/models/demo/' },
    remember: files.remember,
  });
  runs = new RunsStore({ client, app, files });
});

async function ready(model = MODEL): Promise<void> {
  await runs.list.refresh();
  void app.model.load();
  await turn();
  await api.loads[0]!.answer(model);
}

/** Answers the n-th reading of a file. */
async function read(n: number, sha256 = 'c'.repeat(64)): Promise<void> {
  await turn();
  api.opens[n]!.send([rowsEvent(0, 4)]);
  await api.opens[n]!.answer(csvSummary(4, { sha256 }));
  await turn();
}

describe('continuing', () => {
  test('opens the file where it was, with the settings of the run, and starts', async () => {
    origins.set('aa', example);
    await ready();
    void runs.continuer.start(kept);
    expect(runs.getState().opening).toBe('aa');
    await read(0);
    expect(app.getState()).toMatchObject({ settings, adapters: ['two'] });
    expect(api.starts[0]!.args).toMatchObject({
      adapters: ['two'],
      settings,
      journal: { kind: 'continue', id: 'aa', otherEngine: false },
    });
    expect(api.loads).toHaveLength(1);
  });

  test('asks for the file where the page cannot find it, and takes no other one', async () => {
    origins.set('aa', example);
    readable = false;
    await ready();
    await runs.continuer.start(kept);
    expect(note()).toEqual({ kind: 'chooseFile' });
    // Another file is not even opened, even with the same length; the open one stays.
    api.hashes = { 'other.csv': 'd'.repeat(64) };
    const other = { file: new File([sameSize], 'other.csv'), origin: null };
    await runs.continuer.start(kept, { chosen: other });
    expect(note()).toEqual({ kind: 'chooseFile', wrong: 'other.csv' });
    expect(api.opens).toHaveLength(0);
    const chosen = { file: new File([sameSize], 'test.csv'), origin: null };
    void runs.continuer.start(kept, { chosen });
    // The file changed after it was checked.
    await read(0, 'd'.repeat(64));
    expect(note()).toMatchObject({ kind: 'chooseFile', wrong: 'test.csv' });
    expect(api.starts).toHaveLength(0);
    void runs.continuer.start(kept, { chosen });
    await read(1);
    expect(note()).toBeUndefined();
    expect(api.starts).toHaveLength(1);
  });

  test('loads the model of the run when another one is loaded', async () => {
    origins.set('aa', example);
    await ready({ ...MODEL, sha256: 'e'.repeat(64) });
    void runs.continuer.start(kept);
    await read(0);
    expect(api.loads[1]!.args.source).toEqual(app.model.embedded);
    await api.loads[1]!.answer(MODEL);
    await turn();
    expect(api.starts).toHaveLength(1);
  });

  test('names the missing model if its source is unknown', async () => {
    origins.set('aa', example);
    await ready({ ...MODEL, sha256: 'e'.repeat(64) });
    void runs.continuer.start({ ...kept, header: { ...kept.header!, source: null } });
    await read(0);
    expect(note()).toMatchObject({ kind: 'failed', error: { message: /model fake/ } });
  });

  test('on another device needs the word of the user', async () => {
    origins.set('aa', example);
    await ready();
    void runs.continuer.start(kept);
    await read(0);
    await api.starts[0]!.fail({ code: 'journal/engine', message: 'device was a and is b.' });
    await turn();
    expect(note()).toMatchObject({ kind: 'otherEngine' });
    expect(app.getState().run).toEqual({ status: 'idle' });
    void runs.continuer.start(kept, { otherEngine: true });
    await turn();
    expect(api.starts[1]!.args.journal).toMatchObject({ id: 'aa', otherEngine: true });
  });
});

describe('continuing over results that are not saved', () => {
  async function unsaved() {
    origins.set('aa', example);
    await ready();
    void app.file.open(new File(['x'], 'test.csv'));
    await read(0);
    void app.run.start();
    await turn();
    const error = { code: 'journal/unavailable', message: 'Nothing is kept.' };
    api.starts[0]!.send([resultsEvent([0, 1, 2, 3]), { type: 'unjournaled', error }]);
    await api.starts[0]!.answer(runSummary(4, DEFAULT_SETTINGS));
    await turn();
  }

  test('asks first, and leaves them where the user says no', async () => {
    await unsaved();
    const refused = runs.continuer.start(kept);
    expect(runs.getState()).toMatchObject({ asking: kept, opening: null });
    runs.continuer.decide(false);
    expect(await refused).toBe(false);
    expect(runs.getState().asking).toBeNull();
    expect(api.starts).toHaveLength(1);
    expect(app.getState().results?.complete).toBe(true);

    void runs.continuer.start(kept);
    runs.continuer.decide(true);
    await turn();
    await turn();
    expect(api.starts[1]!.args.journal).toMatchObject({ kind: 'continue', id: 'aa' });
  });

  test('answers the first of two questions with no', async () => {
    await unsaved();
    const first = runs.continuer.start(kept);
    const bb = { ...kept, id: 'bb' };
    void runs.continuer.start(bb);
    expect(await first).toBe(false);
    expect(runs.getState().asking).toBe(bb);
  });
});

describe('the list', () => {
  test('is read again when a run has ended; a download is noted and loses nothing', async () => {
    await ready();
    void app.file.open(new File(['x'], 'test.csv'), undefined, example);
    await read(0);
    void app.run.start();
    await turn();
    const { journal } = api.starts[0]!.args;
    expect(origins.get(journal!.id)).toEqual(example);
    const own: StoredRun = { ...kept, id: journal!.id, state: 'complete' };
    api.runs = [own, kept];
    api.starts[0]!.send([resultsEvent([0, 1, 2, 3])]);
    await api.starts[0]!.answer(runSummary(4, DEFAULT_SETTINGS));
    await turn();
    expect(runs.getState().runs).toHaveLength(2);
    expect([own, kept].map((run) => isOnPage(run, app.getState()))).toEqual([true, false]);
    expect(unfinishedRun(runs.getState().runs, app.getState())).toBe(kept);
    const { lists } = api;
    await runs.list.downloaded();
    // The journals have not changed, so they are not read again.
    expect(api.lists).toBe(lists);
    expect(runs.getState().runs).toMatchObject([
      { id: own.id, notes: { downloaded: expect.stringMatching(/^2\d{3}-.*Z$/) } },
      { id: 'aa', notes: {} },
    ]);
    expect(origins.size).toBe(1);
    await runs.list.judged(own.id, { value: 0.9, rows: 4 });
    await runs.list.judged(own.id, { value: Number.POSITIVE_INFINITY, rows: 4 });
    await runs.list.rename(own.id, '  first try ');
    expect(runs.getState().runs![0]!.notes).toMatchObject({
      name: 'first try',
      logLoss: { value: 0.9, rows: 4 },
    });
    await runs.list.remove(own.id);
    expect(runs.getState().runs).toEqual([kept]);
    expect(origins.size).toBe(0);
  });

  test('shows a note though an older list was on its way', async () => {
    await runs.list.refresh();
    const list = api.listRuns.bind(api);
    let answer: () => void = () => undefined;
    api.listRuns = async () => {
      const older = await list();
      await new Promise<void>((resolve) => {
        answer = resolve;
      });
      return older;
    };
    const reading = runs.list.refresh();
    await turn();
    api.listRuns = list;
    await runs.list.rename('aa', 'named');
    answer();
    await reading;
    expect(runs.getState().runs![0]!.notes.name).toBe('named');
  });

  test('gives the journal of a run, or says at the run why not', async () => {
    await runs.list.refresh();
    expect(await (await runs.list.exportJournal('aa'))!.text()).toBe('journal of aa');
    api.exportRun = () => Promise.reject(errorOf('storage/read', 'Gone.'));
    expect(await runs.list.exportJournal('aa')).toBeNull();
    expect(note()).toMatchObject({ kind: 'failed', error: { code: 'storage/read' } });
  });

  test('compares a run with results of the same file only, and none with itself', async () => {
    await ready();
    void app.file.open(new File(['x'], 'test.csv'));
    await read(0);
    expect(isComparable(kept, app.getState())).toBe(false);
    void app.run.start();
    await turn();
    api.starts[0]!.send([resultsEvent([0, 1, 2, 3])]);
    await api.starts[0]!.answer(runSummary(4, DEFAULT_SETTINGS));
    const { results } = app.getState();
    const csv = { ...kept.header!.csv, sha256: 'd'.repeat(64) };
    const runsOf = [
      kept,
      { ...kept, id: results!.runId },
      { ...kept, header: { ...kept.header!, csv } },
    ];
    expect(runsOf.map((run) => isComparable(run, app.getState()))).toEqual([true, false, false]);
  });

  test('offers what would be computed now, and nothing else', async () => {
    await ready();
    void app.file.open(new File(['x'], 'test.csv'));
    await read(0);
    const match = () => matchingRun(runs.getState().runs, app.getState());
    expect(match()).toBeNull();
    app.settings.set({ maxLength: 512 });
    app.model.setAdapters(['two']);
    expect(match()).toBe(kept);
    expect(earlierRun(runs.getState().runs, app.getState())).toBe(kept);
    app.settings.set({ tta: true });
    expect(match()).toBeNull();
    app.settings.set({ tta: false });
    api.runs = [{ ...kept, state: 'running' }];
    await runs.list.refresh();
    expect(match()).toBeNull();
  });

  test('knows whose file the page finds again, and when space is short', async () => {
    origins.set('aa', example);
    const client = api;
    const files: RunFiles = {
      remember: async () => undefined,
      find: async (id) => origins.get(id) ?? null,
      forget: async () => undefined,
      open: async () => null,
    };
    const estimate = async () => ({ usage: 90e6, quota: 100e6 });
    const other = new RunsStore({ client, app, files, estimate });
    api.runs = [kept, { ...kept, id: 'bb' }];
    await other.list.refresh();
    expect([...other.getState().findable]).toEqual(['aa']);
    expect(shortSpace(other.getState())).toBe(10e6);
    expect(shortSpace({ space: { usage: 0, quota: 1e9 } })).toBeNull();
    expect(shortSpace({ space: null })).toBeNull();
  });

  test('that cannot be read is empty', async () => {
    api.listRuns = () => Promise.reject(errorOf('journal/unavailable', ''));
    await runs.list.refresh();
    expect(runs.getState().runs).toEqual([]);
  });
});

describe('a pause', () => {
  async function running() {
    await ready();
    void app.file.open(new File(['x'], 'test.csv'));
    await read(0);
    void app.run.start();
    await turn();
  }
  const rest = () => {
    const { run } = app.getState();
    return run.status === 'running' ? run.rest : null;
  };

  test('shows when it was asked for and when it holds', async () => {
    await running();
    await app.run.pause();
    expect(rest()).toEqual({ status: 'asked' });
    api.starts[0]!.send([{ type: 'rest', error: null }]);
    expect(rest()).toEqual({ status: 'resting', error: null });
    await app.run.resume();
    expect(rest()).toEqual({ status: 'no' });
    // A late event of a pause that has ended.
    api.starts[0]!.send([{ type: 'rest', error: null }]);
    expect(rest()).toEqual({ status: 'no' });
    expect([api.pauses, api.resumes]).toEqual([1, [undefined]]);
  });

  test('for want of room waits for a decision, which stays visible', async () => {
    await running();
    const error = { code: 'storage/full', message: 'No more room.' };
    api.starts[0]!.send([{ type: 'rest', error }]);
    expect(rest()).toEqual({ status: 'resting', error });
    await app.run.resume('without');
    api.starts[0]!.send([{ type: 'unjournaled', error }]);
    expect(api.resumes).toEqual(['without']);
    expect(app.getState().results?.unjournaled).toEqual(error);
  });
});
