import { beforeEach, describe, expect, test } from 'vitest';
import { toKaggleCsv } from '../../../src/data/csv/kaggle.ts';
import { DEFAULT_SETTINGS, type RunSettings } from '../../../src/domain/settings.ts';
import type { RunEvent } from '../../../src/scoring/events.ts';
import { readJournal } from '../../../src/scoring/journal/journal.ts';
import { RunArchive } from '../../../src/scoring/journal/run-archive.ts';
import type { JournalRequest } from '../../../src/scoring/journal/start-journal.ts';
import { RunService } from '../../../src/scoring/worker/run-service.ts';
import { inlinePool } from '../../../src/tokens/pool/pool.ts';
import { MemoryRuns } from '../../../testing/memory-runs.ts';
import { makeRows, TellingLane, toyTokenizer } from '../../../testing/runs.ts';

const rows = makeRows(120, 3);
const content = toKaggleCsv(rows);
const settings = DEFAULT_SETTINGS;
let runs: MemoryRuns;
let events: RunEvent[];

beforeEach(() => {
  runs = new MemoryRuns();
  events = [];
});

/** A freshly opened page with model and file. */
async function page(lane = new TellingLane(), text = content, wanted: RunSettings = settings) {
  const service = new RunService(
    { lane: async () => lane, pool: async () => inlinePool(toyTokenizer) },
    new RunArchive(runs),
  );
  await service.loadModel({ source: { kind: 'url', url: 'http://x/' } }, () => {});
  await service.openCsv(new File([text], 'test.csv'), wanted, () => {});
  return { service, lane };
}

const begin = (service: RunService, journal?: JournalRequest, wanted = settings) =>
  service.start({ adapters: [null], settings: wanted, journal }, (some) => events.push(...some));
const anew: JournalRequest = { kind: 'new', id: 'run' };
const goOn: JournalRequest = { kind: 'continue', id: 'run', otherEngine: false };
const ids = async (service: RunService) => (await service.listRuns()).map(({ id }) => id).sort();
const exported = async (service: RunService) => (await service.exportCsv('omit')).text();

/** The result of an undisturbed run. */
async function undisturbed(wanted = settings) {
  const { service, lane } = await page(new TellingLane(), content, wanted);
  await begin(service, undefined, wanted);
  return { csv: await exported(service), batches: lane.batches };
}

/** A run whose browser dies while it computes a batch. It sends nothing afterwards. */
async function dies(atBatch: number, wanted = settings, request = anew): Promise<TellingLane> {
  const { service, lane } = await page(new TellingLane(), content, wanted);
  return new Promise((resolve, reject) => {
    lane.onBatch = (batch) => {
      if (batch !== atBatch) return;
      runs = runs.crash();
      resolve(lane);
    };
    // The service cannot really be killed, but its later events are ignored.
    const last = { adapters: [null], settings: wanted, journal: request };
    service.start(last, () => {}).then(reject, reject);
  });
}

test('a run that is exported goes on elsewhere from its journal, to the same bytes', async () => {
  const { csv } = await undisturbed();
  await dies(4);
  const { service } = await page();
  const journal = await service.exportRun('run');
  const elsewhere = new MemoryRuns();
  const bytes = new Uint8Array(await journal.arrayBuffer());
  (await elsewhere.sink('run')).files.files.set('journal', bytes);
  runs = elsewhere;
  const { service: other, lane } = await page();
  expect(await begin(other, goOn)).toMatchObject({ complete: true });
  expect(await exported(other)).toBe(csv);
  expect(lane.batches.length).toBeGreaterThan(0);
  await expect(service.exportRun('none')).rejects.toMatchObject({ code: 'storage/missing' });
});

test('a complete run that is shown took as long as it did, not as long as showing it', async () => {
  const { service } = await page();
  await begin(service, anew);
  const { seconds } = readJournal(runs.bytes('run')).batches.at(-1)!;
  const { service: later, lane } = await page();
  expect((await begin(later, goOn)).seconds).toBe(seconds);
  expect(lane.batches).toEqual([]);
});

describe('a run that is killed', () => {
  test.each([
    ['at every second batch', settings, 2],
    ['with TTA at every fifth', { ...settings, tta: true }, 5],
  ])('%s and continued gives the same bytes', { timeout: 60_000 }, async (_, wanted, step) => {
    const { csv, batches } = await undisturbed(wanted);
    expect(batches.length).toBeGreaterThan(8);
    for (let kill = 0; kill < batches.length; kill += step) {
      runs = new MemoryRuns();
      const killed = await dies(kill, wanted);
      const { service, lane } = await page(new TellingLane(), content, wanted);
      const summary = await begin(service, goOn, wanted);
      expect(await exported(service)).toBe(csv);
      expect(summary).toMatchObject({ complete: true, scoredRows: rows.length });
      // Only the batch in flight is computed twice, and with the same rows.
      expect([...killed.batches.slice(0, kill), ...lane.batches]).toEqual(batches);
      expect(summary.tokens).toBe(batches.flat().reduce((sum, ids) => sum + ids.length, 0));
    }
  });

  test('again and again', async () => {
    const { csv, batches } = await undisturbed();
    await dies(2);
    for (let kill = 0; kill < 4; kill += 1) await dies(1, settings, goOn);
    const { service, lane } = await page();
    await begin(service, goOn);
    expect(await exported(service)).toBe(csv);
    expect(lane.batches).toEqual(batches.slice(6));
  });

  test('with the end of its journal torn or flipped computes the lost rows', async () => {
    const { csv } = await undisturbed();
    await dies(5);
    const whole = runs.bytes('run');
    const start = whole.indexOf(0x0a) + 400; // behind the first record
    for (let cut = start; cut < whole.length; cut += 331) {
      const flipped = whole.slice();
      flipped[cut]! ^= 4;
      for (const bytes of [whole.slice(0, cut), flipped]) {
        runs.sinks.get('run')!.files.files.set('journal', bytes);
        const { service } = await page();
        await begin(service, goOn);
        expect(await exported(service)).toBe(csv);
      }
    }
  });

  test('shows every row once, finished rows first', async () => {
    await dies(3);
    const { rowsDone } = (await new RunArchive(runs).list())[0]!;
    events = [];
    const { service } = await page();
    await begin(service, goOn);
    const shown = events.flatMap((event) => (event.type === 'results' ? [...event.rows] : []));
    expect([...shown].sort((x, y) => x - y)).toEqual(rows.map((_, row) => row));
    expect(rowsDone).toBeGreaterThan(2);
  });

  test('is listed with what it was, and not any more once it is deleted', async () => {
    await dies(3);
    const { service } = await page();
    const [run, ...others] = await service.listRuns();
    expect(others).toEqual([]);
    expect(run).toMatchObject({
      id: 'run',
      state: 'waiting',
      header: { csv: { name: 'test.csv', rows: rows.length }, model: { name: 'fake' }, settings },
      engine: { engine: { computesOn: 'fake GPU' } },
    });
    expect(run!.rowsDone).toBeGreaterThan(2);
    await service.removeRun('run');
    expect(await service.listRuns()).toEqual([]);
    await expect(begin(service, goOn)).rejects.toThrow();
  });
});

describe('a run is continued only as what it was:', () => {
  beforeEach(() => dies(3));

  test.each<[string, () => ReturnType<typeof page>, RunSettings, RegExp]>([
    ['the file', () => page(undefined, toKaggleCsv(rows.slice(1))), settings, /file was test\.csv/],
    ['the model', () => page(new TellingLane('other')), settings, /model was fake .* is other/],
    ['max_length', () => page(), { ...settings, maxLength: 64 }, /max_length was 2048 and is 64/],
    ['text mode', () => page(), { ...settings, textMode: 'clean' }, /text mode was faithful/],
    ['TTA', () => page(), { ...settings, tta: true }, /\(TTA\) was off and is on/],
  ])('%s', async (_, open, wanted, text) => {
    const { service, lane } = await open();
    await expect(begin(service, goOn, wanted)).rejects.toMatchObject({
      code: 'journal/differs',
      message: expect.stringMatching(text),
    });
    expect(lane.batches).toEqual([]);
    // The run still waits, and nobody holds its lock.
    expect(await service.listRuns()).toMatchObject([{ state: 'waiting' }]);
  });

  test('the device, unless the user says otherwise; then it is noted', async () => {
    const elsewhere = () => {
      const lane = new TellingLane();
      lane.info.computesOn = 'another GPU';
      return lane;
    };
    const { service } = await page(elsewhere());
    await expect(begin(service, goOn)).rejects.toMatchObject({
      code: 'journal/engine',
      message: /device was fake GPU and is another GPU/,
    });
    const summary = await begin(service, { ...goOn, otherEngine: true } as JournalRequest);
    expect(summary).toMatchObject({
      complete: true,
      engine: { computesOn: 'another GPU' },
      earlier: [{ computesOn: 'fake GPU' }],
    });
    // From then on it continues on the other engine.
    const again = await page(elsewhere());
    expect((await begin(again.service, goOn)).complete).toBe(true);
  });
});

describe('the journal', () => {
  test('of a run that came to its end gives its results without computing', async () => {
    const { service } = await page();
    await begin(service, anew);
    expect(await service.listRuns()).toMatchObject([{ state: 'complete' }]);
    const other = await page();
    other.lane.info.computesOn = 'another GPU';
    const summary = await begin(other.service, goOn);
    expect(summary).toMatchObject({ complete: true, engine: { computesOn: 'fake GPU' } });
    expect(other.lane.batches).toEqual([]);
    expect(await exported(other.service)).toBe(await exported(service));
  });

  test('of a run that goes on in another tab is not touched', async () => {
    const first = await page();
    const second = await page();
    let answer: unknown;
    let removed: unknown;
    let listed: unknown;
    first.lane.onBatch = async (batch) => {
      if (batch !== 3) return;
      answer = await begin(second.service, goOn).catch((thrown) => thrown);
      removed = await second.service.removeRun('run').catch((thrown) => thrown);
      listed = await second.service.listRuns();
    };
    first.lane.delayMs = 5;
    await begin(first.service, anew);
    expect(answer).toMatchObject({ name: 'TiebreakError', code: 'journal/busy' });
    expect(removed).toMatchObject({ name: 'TiebreakError', code: 'journal/busy' });
    expect(listed).toMatchObject([{ id: 'run', state: 'running' }]);
  });

  test('that is damaged is listed as such and can only be deleted', async () => {
    await dies(2);
    runs.sinks.get('run')!.files.files.set('journal', new Uint8Array(5000));
    const { service } = await page();
    expect(await service.listRuns()).toMatchObject([
      { state: 'damaged', error: { code: 'journal/damaged' }, header: null },
    ]);
    await expect(begin(service, goOn)).rejects.toMatchObject({ code: 'journal/damaged' });
    await service.removeRun('run');
    expect(await service.listRuns()).toEqual([]);
  });

  test('a new one takes the place of an old one only when it is complete and the user wants that', async () => {
    await dies(2);
    let opened = await page();
    await begin(opened.service, { kind: 'new', id: 'beside' });
    expect(await ids(opened.service)).toEqual(['beside', 'run']);

    // A run that dies on the way, and continues later, keeps the wish.
    await dies(2, settings, { kind: 'new', id: 'second', replaces: 'run' });
    opened = await page();
    expect(await ids(opened.service)).toEqual(['beside', 'run', 'second']);
    await begin(opened.service, { kind: 'continue', id: 'second', otherEngine: false });
    expect(await ids(opened.service)).toEqual(['beside', 'second']);
  });

  test('in which nothing was computed is not kept', async () => {
    const { service, lane } = await page();
    lane.onBatch = async () => service.cancel();
    expect(await begin(service, anew)).toMatchObject({ complete: false });
    expect(await ids(service)).toEqual([]);
  });

  test('keeps notes beside its journal; torn or foreign ones are none', async () => {
    await dies(2);
    const { service } = await page();
    await service.noteRun('run', { name: 'first try', logLoss: { value: 1.1, rows: 3 } });
    await service.noteRun('run', { logLoss: undefined });
    expect(await service.listRuns()).toMatchObject([
      { id: 'run', state: 'waiting', notes: { name: 'first try' }, bytes: expect.any(Number) },
    ]);
    const { files } = runs.sinks.get('run')!.files;
    for (const notes of [
      '{"name":',
      '{"replaces":"../../x"}',
      `{"name":"${'x'.repeat(20_000)}"}`,
    ]) {
      files.set('notes.json', new TextEncoder().encode(notes));
      expect(await service.listRuns()).toMatchObject([{ state: 'waiting', notes: {} }]);
    }
  });

  test('a run that cannot be saved continues and says so', async () => {
    runs.unavailable = true;
    const { service } = await page();
    expect((await begin(service, anew)).complete).toBe(true);
    expect(events).toContainEqual({
      type: 'unjournaled',
      error: expect.objectContaining({ code: 'journal/unavailable' }),
    });
  });
});

describe('a full disk', () => {
  /** Starts a run whose disk becomes full, and waits until it pauses. */
  async function full(room: number) {
    const opened = await page();
    runs.room = room;
    const answer = begin(opened.service, anew);
    await expect.poll(() => events.some(({ type }) => type === 'rest')).toBe(true);
    return { ...opened, answer };
  }

  test.each([0, 500, 2500])('after %i bytes: the run rests until there is room', async (room) => {
    const { csv } = await undisturbed();
    const { service, lane, answer } = await full(room);
    expect(events.at(-1)).toMatchObject({ type: 'rest', error: { code: 'storage/full' } });
    const done = lane.batches.length;
    await new Promise((resolve) => setTimeout(resolve, 30));
    expect(lane.batches.length).toBe(done);
    // Still full, so it asks again.
    await service.resume('retry');
    await expect.poll(() => events.filter(({ type }) => type === 'rest').length).toBe(2);
    runs.room = Number.POSITIVE_INFINITY;
    await service.resume('retry');
    expect((await answer).complete).toBe(true);
    expect(await exported(service)).toBe(csv);
    runs = runs.crash();
    const again = await page();
    await begin(again.service, goOn);
    expect(await exported(again.service)).toBe(csv);
    expect(again.lane.batches).toEqual([]);
  });

  test.each([
    ['until there is room', 'retry'],
    ['and goes on without', 'without'],
  ] as const)('on which not even a folder can be made: the run waits %s', async (_, remedy) => {
    const { csv } = await undisturbed();
    runs.noFolders = true;
    const { service, lane, answer } = await full(Number.POSITIVE_INFINITY);
    expect(events.at(-1)).toMatchObject({ type: 'rest', error: { code: 'storage/full' } });
    expect(lane.batches).toEqual([]);
    runs.noFolders = false;
    await service.resume(remedy);
    expect((await answer).complete).toBe(true);
    expect(await exported(service)).toBe(csv);
    expect(events.some(({ type }) => type === 'unjournaled')).toBe(remedy === 'without');
    expect(await runs.ids()).toEqual(remedy === 'retry' ? ['run'] : []);
  });

  test('the user may continue without saving; the written part can be continued later', async () => {
    const { csv } = await undisturbed();
    const { service, answer } = await full(2500);
    await service.resume('without');
    expect((await answer).complete).toBe(true);
    expect(events).toContainEqual(expect.objectContaining({ type: 'unjournaled' }));
    expect(await exported(service)).toBe(csv);
    runs = runs.crash();
    const again = await page();
    await begin(again.service, goOn);
    expect(await exported(again.service)).toBe(csv);
    expect(again.lane.batches.length).toBeGreaterThan(0);
  });

  test('or cancel: finished rows can be downloaded', async () => {
    const { service, answer } = await full(2500);
    await service.cancel();
    const summary = await answer;
    expect(summary.complete).toBe(false);
    expect((await exported(service)).trimEnd().split('\n')).toHaveLength(summary.scoredRows + 1);
  });
});

describe('a pause', () => {
  test('lets the batch in flight end, begins no other, and does not count as time', async () => {
    const { csv } = await undisturbed();
    const { service, lane } = await page();
    lane.onBatch = (batch) => {
      if (batch === 2) void service.pause();
    };
    const began = performance.now();
    const answer = begin(service, anew);
    await expect.poll(() => events.some(({ type }) => type === 'rest')).toBe(true);
    expect(events.at(-1)).toEqual({ type: 'rest', error: null });
    expect(lane.batches).toHaveLength(3);
    const rested = performance.now();
    await new Promise((resolve) => setTimeout(resolve, 400));
    expect(lane.batches).toHaveLength(3);
    const pause = performance.now() - rested;
    await service.resume();
    const summary = await answer;
    expect(1000 * summary.seconds).toBeLessThanOrEqual(performance.now() - began - pause);
    expect(await exported(service)).toBe(csv);
  });

  test('can be cancelled', async () => {
    const { service, lane } = await page();
    lane.onBatch = () => void service.pause();
    const answer = begin(service, anew);
    await expect.poll(() => events.some(({ type }) => type === 'rest')).toBe(true);
    await service.cancel();
    expect(await answer).toMatchObject({ complete: false });
    // The next run does not pause.
    lane.onBatch = () => {};
    expect((await begin(service, goOn)).complete).toBe(true);
  });
});
