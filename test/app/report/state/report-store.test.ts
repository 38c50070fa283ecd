import { beforeEach, describe, expect, test, vi } from 'vitest';
import { RowColumns } from '../../../../src/app/page/rows.ts';
import { type AppState, initialState, type ResultsInfo } from '../../../../src/app/page/state.ts';
import type { ReportClient } from '../../../../src/app/report/state/report-client.ts';
import { ReportStore } from '../../../../src/app/report/state/report-store.ts';
import { DEFAULT_SETTINGS } from '../../../../src/domain/settings.ts';
import { FiguresService } from '../../../../src/report/figures-service.ts';
import { TableService } from '../../../../src/report/table-service.ts';
import { errorOf } from '../../../../testing/errors.ts';
import { ENGINE } from '../../../../testing/fake-api.ts';

const TEXT = `id,prompt,response_a,response_b,winner_model_a,winner_model_b,winner_tie
1,"[""red""]","[""a""]","[""b""]",1,0,0
2,"[""blue""]","[""a""]","[""""]",0,1,0
3,"[""red""]","[""c""]","[""d""]",0,0,1
`;

/** Runs the workers' services on this thread. */
function directClient(): ReportClient {
  const noRuns = { sink: () => Promise.reject(errorOf('journal/gone', 'It is gone.')) };
  return { table: new TableService(noRuns), figures: new FiguresService() };
}

const RESULTS: ResultsInfo = {
  fileName: 'train.csv',
  fileSha256: 'a'.repeat(64),
  modelSha256: 'b'.repeat(64),
  adapters: [null],
  settings: DEFAULT_SETTINGS,
  engine: { ...ENGINE, notice: 'Demo model: small.' },
  earlier: [],
  others: [],
  runId: 'run-1',
  unjournaled: null,
  complete: true,
  problemRows: 0,
  summary: null,
};

class FakeApp {
  readonly rows = new RowColumns();
  readonly file = { current: new File([TEXT], 'train.csv') };
  state: AppState = initialState(DEFAULT_SETTINGS);
  private readonly listeners = new Set<() => void>();
  readonly getState = () => this.state;
  readonly subscribe = (listener: () => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  set(change: Partial<AppState>) {
    this.state = { ...this.state, ...change };
    for (const listener of this.listeners) listener();
  }

  /** Finishes a run with these probabilities. */
  finish(
    probabilities: number[][] = [
      [0.7, 0.2, 0.1],
      [0.6, 0.3, 0.1],
      [0.1, 0.1, 0.8],
    ],
    adapters?: { names: (string | null)[]; each: number[][][] },
  ) {
    const length = probabilities.length;
    this.rows.clearResults();
    this.rows.addRows({
      type: 'rows',
      first: 0,
      ids: probabilities.map((_, row) => String(row + 1)),
      excerpts: probabilities.map(() => 'p'),
      flags: new Uint8Array(length),
    });
    this.rows.addResults({
      type: 'results',
      rows: Uint32Array.from({ length }, (_, row) => row),
      probabilities: Float64Array.from(probabilities.flat()),
      ...(adapters && {
        adapters: Float32Array.from(
          probabilities.flatMap((_, row) => adapters.each.flatMap((of) => of[row]!)),
        ),
      }),
      tokens: new Uint32Array(length).fill(9),
      flags: new Uint8Array(length),
    });
    const names = adapters?.names ?? RESULTS.adapters;
    this.set({
      results: { ...RESULTS, adapters: names },
      run: { status: 'ended', outcome: 'complete' },
    });
  }
}

let app: FakeApp;
let client: ReportClient;
let store: ReportStore;
const state = () => store.getState();
const settled = () =>
  vi.waitFor(() => {
    expect(state().phase).toBe('ready');
    expect(state().finding).toBe(false);
    expect(state().figures.quality).not.toBeNull();
    expect(state().figures.roughly).toBe(false);
  });

beforeEach(() => {
  app = new FakeApp();
  client = directClient();
  store = new ReportStore(app, client);
});

describe('following the page', () => {
  test('there is no report without results, nor while a run goes on', async () => {
    await store.sync();
    expect(state().phase).toBe('none');
    app.finish();
    app.set({ run: { status: 'running', progress: null, rest: { status: 'no' } } });
    await store.sync();
    expect(state().phase).toBe('running');
    expect(state().view).toBeNull();
  });

  test('the end of a run makes one', async () => {
    const stop = store.follow();
    app.finish();
    await settled();
    expect(state().figures.quality!.rows).toBe(3);
    expect([...state().view!.rows]).toEqual([0, 1, 2]);
    stop();
  });

  test('results that are taken already are not taken again; new ones of the same file are, without reading it', async () => {
    const open = vi.spyOn(client.table, 'open');
    const take = vi.spyOn(client.table, 'setResults');
    app.finish();
    await store.sync();
    await settled();
    await store.sync();
    expect(take).toHaveBeenCalledTimes(1);
    app.finish([
      [0.2, 0.2, 0.6],
      [0.6, 0.3, 0.1],
      [0.1, 0.1, 0.8],
    ]);
    await store.sync();
    await settled();
    expect(open).toHaveBeenCalledTimes(1);
    expect(state().figures.quality!.worst[0]!.row).toBe(0);
  });

  test('an unreadable file is reported, and tried again with the next change', async () => {
    app.file.current = new File(['no csv'], 'train.csv');
    app.finish();
    await store.sync();
    expect(state().phase).toBe('failed');
    expect(state().error?.code).toBe('csv/not-csv');
    app.file.current = new File([TEXT], 'train.csv');
    await store.sync();
    await settled();
  });
});

describe('the rows', () => {
  beforeEach(async () => {
    app.finish();
    await store.sync();
    await settled();
  });

  test('a filter is switched on and off, and several together', async () => {
    const label = { kind: 'label', label: 1 } as const;
    store.finder.toggle(label);
    await vi.waitFor(() => expect([...state().view!.rows]).toEqual([1]));
    expect(store.finder.has(label)).toBe(true);
    store.finder.toggle(label, { kind: 'predicted', label: 0 });
    await vi.waitFor(() => expect(state().query.filters).toHaveLength(2));
    store.finder.toggle(label, { kind: 'predicted', label: 0 });
    expect(state().query.filters).toEqual([]);
    await settled();
    expect([...state().view!.rows]).toEqual([0, 1, 2]);
  });

  test('a text is looked for when the user has typed it', async () => {
    store.finder.setText('re');
    store.finder.setText('red');
    expect(state().query.text).toBe('red');
    await vi.waitFor(() => expect([...state().view!.rows]).toEqual([0, 2]));
    store.finder.clearFilters();
    await vi.waitFor(() => expect(state().view!.rows).toHaveLength(3));
  });

  test('an export has the shown rows, and its manifest describes them', async () => {
    store.finder.toggle({ kind: 'label', label: 2 });
    await settled();
    await store.choices.setPost({ temperature: 1.5 });
    await settled();
    const { csv, manifest } = (await store.exporter.shown())!;
    expect((await csv.text()).trimEnd().split('\n')).toHaveLength(2);
    expect(JSON.parse(await manifest.text())).toMatchObject({
      format: 'tiebreak-report',
      notice: 'Demo model: small.',
      file: { name: 'train.csv', sha256: RESULTS.fileSha256, rows: 3, labelled: 3 },
      model: { sha256: RESULTS.modelSha256, adapters: [null] },
      settings: DEFAULT_SETTINGS,
      engine: { computesOn: 'CPU (fake)' },
      postProcessing: { text: 'temperature 1.5', steps: { temperature: 1.5 } },
      figures: {
        quality: { rows: 3, all: { logLoss: state().figures.quality!.assessment.all.logLoss } },
        predictions: { rows: 3 },
      },
      rows: { exported: 1, filters: [{ kind: 'label', label: 2 }] },
      export: { bytes: csv.size, sha256: expect.stringMatching(/^[0-9a-f]{64}$/) },
    });
  });
});

describe('post-processing and comparison', () => {
  const other = new File(
    ['id,winner_model_a,winner_model_b,winner_tie\n1,0.7,0.2,0.1\n2,0.1,0.8,0.1\n'],
    'other.csv',
  );

  beforeEach(async () => {
    app.finish();
    await store.sync();
    await settled();
  });

  test('is off by default, and an active step changes every figure', async () => {
    const before = state().figures.quality!.assessment.all.logLoss.value;
    await store.choices.setPost({ empty: [0, 1, 0] });
    await settled();
    const after = state().figures.quality!.assessment.all.logLoss.value;
    expect(after).not.toBe(before);
    expect(state().figures.effects.map(({ step }) => step)).toEqual(['empty']);
    await store.choices.setPost({ empty: null });
    await settled();
    expect(state().figures.quality!.assessment.all.logLoss.value).toBe(before);
    expect(state().figures.effects).toEqual([]);
  });

  test('runs are averaged with, weighted and left out again', async () => {
    await store.choices.averageWith({ file: other }, 'other.csv');
    // 0.6 of this run and 0.1 of the other, with equal weights.
    expect(state().probabilities![3]).toBeCloseTo(0.35, 12);
    await store.choices.averageWith({ file: other }, 'again.csv');
    expect(state().post.average!.members.map(({ name }) => name)).toEqual([
      'other.csv',
      'again.csv',
    ]);
    expect(state().probabilities![3]).toBeCloseTo((0.6 + 2 * 0.1) / 3, 12);
    const members = [
      { name: 'other.csv', weight: 1 },
      { name: 'again.csv', weight: 2 },
    ];
    await store.choices.setPost({ average: { of: 'probabilities', weight: 7, members } });
    expect(state().probabilities![3]).toBeCloseTo((7 * 0.6 + 3 * 0.1) / 10, 12);
    await store.choices.dropMember(0);
    expect(state().probabilities![3]).toBeCloseTo((7 * 0.6 + 2 * 0.1) / 9, 12);
    await vi.waitFor(() => expect(state().figures.effects[0]?.step).toBe('average'));
    expect(state().figures.effects[0]!.difference!.low).not.toBeNull();
    await store.choices.dropMember(0);
    expect(state()).toMatchObject({ members: [], post: { average: null } });
    expect(state().probabilities![3]).toBe(0.6);
    // An unreadable run changes nothing.
    await store.choices.averageWith({ run: 'gone' }, 'gone');
    expect(state()).toMatchObject({
      members: [],
      reading: { average: { busy: false, error: { code: 'journal/gone' } } },
    });
  });

  test('another run is compared with, and let go with all that hangs on it', async () => {
    await store.choices.compareWith({ file: other }, 'other.csv');
    await vi.waitFor(() => expect(state().figures.comparison).not.toBeNull());
    expect(state().figures.comparison!.changed[0]!.row).toBe(1);
    store.finder.setSort({ field: 'change', descending: true });
    await store.choices.stopComparing();
    await settled();
    expect(state().other).toBeNull();
    expect(state().query.sort.field).toBe('row');
    expect(state().figures.comparison).toBeNull();
    expect(state().probabilities![3]).toBe(0.6);
  });

  test('an unreadable run is reported, and changes nothing', async () => {
    await store.choices.compareWith({ run: 'gone' }, 'gone');
    expect(state().reading.compare.error?.code).toBe('journal/gone');
    expect(state().phase).toBe('ready');
    expect(state().other).toBeNull();
  });
});

describe('the adapters of a run', () => {
  const one = [
    [0.5, 0.25, 0.25],
    [0.25, 0.5, 0.25],
    [0.125, 0.25, 0.625],
  ];
  const two = [
    [0.75, 0.125, 0.125],
    [0.25, 0.25, 0.5],
    [0.375, 0.25, 0.375],
  ];
  const mean = one.map((row, i) => row.map((p, c) => (p + two[i]![c]!) / 2));
  const adapters = { names: ['one', null], each: [one, two] };
  const choose = (...weights: number[]) => {
    const members = adapters.names.map((name, a) => ({ name, weight: weights[a]! }));
    return store.choices.setPost({ adapters: { of: 'probabilities', members } });
  };

  /** The figures of a run with that adapter alone. */
  async function alone(probabilities: number[][]) {
    const other = new FakeApp();
    const report = new ReportStore(other, directClient());
    other.finish(probabilities);
    await report.sync();
    await vi.waitFor(() => expect(report.getState().figures.done).toBe(true));
    return report.getState();
  }

  beforeEach(async () => {
    app.finish(mean, adapters);
    await store.sync();
    await vi.waitFor(() => expect(state().figures.done).toBe(true));
  });

  test('are each compared with their mean, whatever is chosen', async () => {
    const [first, second] = state().figures.adapters!;
    expect(first!.judged!.logLoss).toBe(
      (await alone(one)).figures.quality!.assessment.all.logLoss.value,
    );
    expect(second!.changed[0]).toEqual({ row: 0, change: 0.125 });
    const compute = vi.spyOn(client.figures, 'adapters');
    await choose(1, 0);
    await vi.waitFor(() => expect(state().figures.done).toBe(true));
    expect(state().figures.adapters).toEqual([first, second]);
    expect(compute).not.toHaveBeenCalled();
  });

  test('one of them in place of the mean has the figures of a run with it alone', async () => {
    for (const [a, of] of [one, two].entries()) {
      await choose(...adapters.each.map((_, i) => (i === a ? 1 : 0)));
      await vi.waitFor(() => expect(state().figures.done).toBe(true));
      const expected = await alone(of);
      expect(state().probabilities).toEqual(expected.probabilities);
      expect(state().figures.quality).toEqual(expected.figures.quality);
    }
    const { csv, manifest } = (await store.exporter.shown())!;
    expect(await csv.text()).toContain('adapter none');
    expect(JSON.parse(await manifest.text()).postProcessing).toEqual({
      text: 'adapter none',
      steps: {
        adapters: {
          of: 'probabilities',
          members: [
            { name: 'one', weight: 0 },
            { name: null, weight: 1 },
          ],
        },
      },
    });
  });

  test('are compared with each other and with their mean', async () => {
    await store.choices.compare(1);
    await store.choices.compareWith({ adapter: 0 }, 'one');
    await vi.waitFor(() => expect(state().figures.comparison).not.toBeNull());
    const [onesLoss, twosLoss] = [one, two].map(
      (of) => -(Math.log(of[0]![0]!) + Math.log(of[1]![1]!) + Math.log(of[2]![2]!)) / 3,
    );
    const { judged, changed } = state().figures.comparison!;
    expect(judged!.difference.value).toBeCloseTo(twosLoss! - onesLoss!, 12);
    // Rows 0, 1 and 2 change by the same amount; the order of the file decides.
    expect(changed.map(({ row, change }) => [row, change])).toEqual([
      [0, 0.25],
      [1, 0.25],
      [2, 0.25],
    ]);
    await store.choices.compare(null);
    await vi.waitFor(() =>
      expect(state().figures.comparison!.changed[0]).toEqual({ row: 0, change: 0.125 }),
    );
    const { manifest } = (await store.exporter.shown())!;
    expect(JSON.parse(await manifest.text())).toMatchObject({
      comparedWith: { name: 'one', adapterOfThisRun: true },
      comparedAdapter: null,
    });
  });

  test('are forgotten with all that was chosen of them when another run has ended', async () => {
    await store.choices.compareWith({ adapter: 1 }, 'base');
    store.finder.setSort({ field: 'change', descending: true });
    await choose(1, 3);
    await store.choices.setPost({ temperature: 2 });
    app.finish(one);
    await store.sync();
    await vi.waitFor(() => expect(state().figures.done).toBe(true));
    expect(state()).toMatchObject({
      post: { adapters: null, temperature: 2 },
      one: null,
      other: null,
      query: { sort: { field: 'row' } },
      figures: { adapters: null, comparison: null },
    });
  });
});
