import { beforeEach, describe, expect, test } from 'vitest';
import { toKaggleCsv } from '../../../src/data/csv/kaggle.ts';
import { aborted } from '../../../src/domain/errors.ts';
import { DEFAULT_SETTINGS } from '../../../src/domain/settings.ts';
import type { ModelRequest } from '../../../src/scoring/lanes/model-request.ts';
import type { ModelLane } from '../../../src/scoring/lanes/start-lanes.ts';
import { RunService } from '../../../src/scoring/worker/run-service.ts';
import { inlinePool, type TokenizerPool } from '../../../src/tokens/pool/pool.ts';
import { errorOf } from '../../../testing/errors.ts';
import { FakeLane, makeRows, toyTokenizer } from '../../../testing/runs.ts';

class FakeModelLane extends FakeLane implements ModelLane {
  readonly model: ModelLane['model'];
  dead = false;

  constructor(name: string) {
    super();
    const sha256 = 'f'.repeat(64);
    this.model = {
      name,
      sha256,
      notice: null,
      adapters: [],
      baseHasHead: true,
      flops: { token: 1000, square: 10 },
      engine: this.info,
    };
  }

  async setAdapters(): Promise<void> {}

  close(): void {
    this.dead = true;
  }
}

/** A requested lane or pool, which the test delivers. */
interface Start<T> {
  signal?: AbortSignal;
  become(value: T): void;
}

let lanes: Start<ModelLane>[];
let pools: Start<TokenizerPool>[];
let service: RunService;
/** Addresses of the models whose files are held open. */
let held: string[];

beforeEach(() => {
  lanes = [];
  pools = [];
  held = [];
  service = new RunService({
    // Like a lane that became ready just before the signal could reach it.
    lane: (_request, _onProgress, signal) =>
      new Promise((become) => lanes.push({ signal, become })),
    pool: () => new Promise((become) => pools.push({ become })),
    hold: async (source) => {
      const url = source.kind === 'url' ? source.url : '';
      if (url === 'busy') throw errorOf('packages/busy', 'It is being deleted.');
      held.push(url);
      return () => void held.splice(held.indexOf(url), 1);
    },
  });
});

const request = (url: string): ModelRequest => ({ source: { kind: 'url', url } });
const load = (name: string) => service.loadModel(request(name), () => {});
const turn = () => new Promise((resolve) => setTimeout(resolve));

class FakePool {
  closed = false;
  private readonly pool = inlinePool(toyTokenizer);
  readonly size = 1;
  readonly tokenize: TokenizerPool['tokenize'] = (...args) => this.pool.tokenize(...args);
  close(): void {
    this.closed = true;
  }
}

/** Delivers the lane and pool of the n-th load. */
function become(n: number, name: string) {
  const started = { lane: new FakeModelLane(name), pool: new FakePool() };
  lanes[n]!.become(started.lane);
  pools[n]!.become(started.pool);
  return started;
}

function csv(text: string, name = 'test.csv'): File {
  return new File([text], name);
}

const open = (file: File) => service.openCsv(file, DEFAULT_SETTINGS, () => {});
const start = () => service.start({ adapters: [null], settings: DEFAULT_SETTINGS }, () => {});
const exported = async () => (await service.exportCsv('omit')).text();

async function loadAndScore(rows: number): Promise<void> {
  const loading = load('a');
  become(0, 'a');
  await loading;
  await open(csv(toKaggleCsv(makeRows(rows))));
  expect(await start()).toMatchObject({ complete: true, scoredRows: rows });
}

describe('model', () => {
  test('the latest load wins when the older one is ready first', async () => {
    const first = load('a');
    const second = load('b');
    const a = become(0, 'a');
    await expect(first).rejects.toMatchObject({ code: 'run/cancelled' });
    expect([a.lane.dead, a.pool.closed]).toEqual([true, true]);
    const b = become(1, 'b');
    expect((await second).name).toBe('b');
    expect([b.lane.dead, b.pool.closed]).toEqual([false, false]);
  });

  test('and when the older one is ready last', async () => {
    const first = load('a');
    const second = load('b');
    const b = become(1, 'b');
    expect((await second).name).toBe('b');
    const a = become(0, 'a');
    await expect(first).rejects.toMatchObject({ code: 'run/cancelled' });
    expect([a.lane.dead, a.pool.closed]).toEqual([true, true]);
    expect([b.lane.dead, b.pool.closed]).toEqual([false, false]);
  });

  test("a model's files are held while it is loaded, also when its lane has ended", async () => {
    const loading = load('a');
    const a = become(0, 'a');
    await loading;
    a.lane.close();
    expect(held).toEqual(['a']);
    const second = load('b');
    expect(held).toEqual(['b']);
    void load('c');
    become(1, 'b');
    await expect(second).rejects.toMatchObject({ code: 'run/cancelled' });
    expect(held).toEqual(['c']);
  });

  test('a model whose files cannot be held is not loaded', async () => {
    const loading = load('busy');
    const { lane, pool } = become(0, 'busy');
    await expect(loading).rejects.toMatchObject({ code: 'packages/busy' });
    expect([lane.dead, pool.closed]).toEqual([true, true]);
  });

  test('a load that another takes the place of hears of it at once', () => {
    void load('a');
    void load('b');
    expect(lanes.map(({ signal }) => signal!.aborted)).toEqual([true, false]);
    void service.cancel();
    expect(lanes[1]!.signal!.aborted).toBe(true);
  });

  test('a lane that is started again for a run ends when another model is loaded meanwhile', async () => {
    const loading = load('a');
    const a = become(0, 'a');
    await loading;
    await open(csv(toKaggleCsv(makeRows(3))));
    a.lane.close(); // as when cancelling took too long
    const run = start();
    await turn();
    expect(lanes).toHaveLength(2);
    const second = load('b');
    const again = new FakeModelLane('a');
    lanes[1]!.become(again);
    await expect(run).rejects.toMatchObject({ code: 'run/cancelled' });
    expect(again.dead).toBe(true);
    const b = new FakeModelLane('b');
    lanes[2]!.become(b);
    pools[1]!.become(new FakePool());
    expect((await second).name).toBe('b');
    expect(b.dead).toBe(false);
  });
});

describe('file', () => {
  const goodRow = '1,"[""p""]","[""a""]","[""b""]"\n';
  const header = 'id,prompt,response_a,response_b\n';

  test.each([
    ['without its columns', 'id,prompt\n1,a\n', 'csv/missing-column'],
    ['without rows', header, 'csv/header-only'],
  ])('%s leaves the one before and its results', async (_, text, code) => {
    await loadAndScore(4);
    const before = await exported();
    const row = await service.readRow(2);
    await expect(open(csv(text))).rejects.toMatchObject({ code });
    expect(await exported()).toBe(before);
    expect(await service.readRow(2)).toEqual(row);
    expect(await start()).toMatchObject({ complete: true, scoredRows: 4 });
  });

  test('whose reading is cancelled leaves the one before, whenever that is', async () => {
    await loadAndScore(4);
    const before = await exported();
    const opening = open(csv(toKaggleCsv(makeRows(9))));
    await service.cancel();
    await expect(opening).rejects.toMatchObject({ code: 'run/cancelled' });
    expect(await exported()).toBe(before);
  });

  test('that was read takes the place of the one before and its results', async () => {
    await loadAndScore(4);
    expect((await open(csv(header + goodRow))).rows).toBe(1);
    await expect(service.exportCsv('omit')).rejects.toMatchObject({ code: 'run/not-ready' });
    await expect(service.readRow(1)).rejects.toThrow();
  });

  test.each([
    ['UTF-8', (text: string) => new TextEncoder().encode(text)],
    ['UTF-8 with a byte order mark', (text: string) => new TextEncoder().encode(`\ufeff${text}`)],
    ['UTF-16', (text: string) => Buffer.from(`\ufeff${text}`, 'utf16le')],
  ])('in %s has the hash that its run will name, and is not opened for that', async (_, encode) => {
    const file = new File([encode(header + goodRow)], 'test.csv');
    const hash = await service.hashCsv(file);
    await expect(service.readRow(0)).rejects.toMatchObject({ code: 'run/not-ready' });
    expect(hash).toBe((await open(file)).sha256);
    const other = new File([encode(header + goodRow.replace('""a""', '""c""'))], 'test.csv');
    expect(await service.hashCsv(other)).not.toBe(hash);
  });

  test('while it is read, no row of the one before is given for one of it', async () => {
    await loadAndScore(4);
    const opening = open(csv(header + goodRow));
    await expect(service.readRow(0)).rejects.toMatchObject({ code: 'run/not-ready' });
    await opening;
    expect((await service.readRow(0)).id).toBe('1');
  });

  test('the latest one wins', async () => {
    const first = open(csv(toKaggleCsv(makeRows(50)), 'first.csv'));
    const second = open(csv(header + goodRow, 'second.csv'));
    await expect(first).rejects.toMatchObject({ code: aborted().code });
    expect((await second).name).toBe('second.csv');
    expect((await service.readRow(0)).id).toBe('1');
  });
});

describe('a row', () => {
  const problems = [
    'id,prompt,response_a,response_b',
    '1,"[""p""]","[""a""]","[""b"", ""two""]"',
    '2,"[""p <b>""]","[""cut off","[""b""]"',
    '3,only a prompt',
    '4,"[""not closed',
  ].join('\n');

  test('gives its turns', async () => {
    await open(csv(problems));
    expect(await service.readRow(0)).toEqual({
      id: '1',
      prompt: ['p'],
      responseA: ['a'],
      responseB: ['b', 'two'],
      problem: null,
    });
  });

  test('that cannot be scored gives its cells as they stand in the file, and why', async () => {
    const summary = await open(csv(problems));
    expect(summary.problems.map(({ index }) => index)).toEqual([1, 2, 3]);
    for (const { index, id, error } of summary.problems) {
      expect(await service.readRow(index)).toMatchObject({ id, problem: error });
    }
    expect(await service.readRow(1)).toMatchObject({
      prompt: ['["p <b>"]'],
      responseA: ['["cut off'],
      responseB: ['["b"]'],
      problem: { code: 'cell/broken-json', place: { row: 2, column: 'response_a' } },
    });
    expect(await service.readRow(2)).toMatchObject({
      prompt: ['only a prompt'],
      problem: { code: 'csv/too-few-fields' },
    });
  });
});
