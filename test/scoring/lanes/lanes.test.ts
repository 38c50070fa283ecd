import { beforeEach, describe, expect, test } from 'vitest';
import type { TiebreakError } from '../../../src/domain/errors.ts';
import type { Lane } from '../../../src/scoring/lanes/lane.ts';
import type { Incident } from '../../../src/scoring/lanes/lane-events.ts';
import { PauseGate } from '../../../src/scoring/rows/pause.ts';
import type { RunOptions } from '../../../src/scoring/run.ts';
import { errorOf } from '../../../testing/errors.ts';
import { csvOf, FakeLane, makeRows, makeRun, parseSubmission } from '../../../testing/runs.ts';

const rows = makeRows(120);

type Fault = (rows: Int32Array[]) => TiebreakError | 'hang' | null;

/** True if lanes accept the next batch while computing one. */
let overlapping = false;

/** A lane that fails as the test demands, and can be restarted. */
class FaultyLane extends FakeLane {
  readonly overlaps = overlapping;
  rebuilds = 0;
  closed = false;
  calls = 0;
  /** The fault of a call, counted from 1; null for none. */
  fault: (call: number, rows: Int32Array[]) => TiebreakError | 'hang' | null = () => null;
  onRebuild: (rebuild: number, signal?: AbortSignal) => unknown = () => {};

  override async logits(batch: Int32Array[], signal?: AbortSignal): Promise<Float32Array> {
    this.calls += 1;
    const fault = this.fault(this.calls, batch);
    if (fault === 'hang') return new Promise(() => {});
    if (fault !== null) throw fault;
    return super.logits(batch, signal);
  }

  async rebuild(signal?: AbortSignal): Promise<void> {
    this.rebuilds += 1;
    await this.onRebuild(this.rebuilds, signal);
  }

  close(): void {
    this.closed = true;
  }
}

const lost = () => errorOf('gpu/lost', 'The GPU was lost.');
const memory = () => errorOf('gpu/out-of-memory', 'Too little memory.');
const notFinite = () => errorOf('engine/not-finite', 'NaN');
/** A fault for every batch with more than this many tokens. */
const above =
  (tokens: number): ((call: number, rows: Int32Array[]) => TiebreakError | null) =>
  (_, batch) =>
    batch.reduce((sum, ids) => sum + ids.length, 0) > tokens ? memory() : null;

async function score(lanes: Lane[], options: Partial<RunOptions> = {}) {
  const incidents: Incident[] = [];
  const { run } = await makeRun(csvOf(rows), {
    batchTokens: 2000,
    recovery: { rebuildWaits: [0, 0], hangMs: 40 },
    onIncident: (incident) => incidents.push(incident),
    ...options,
    lanes,
  });
  const result = await run.score().then(
    (summary) => ({ summary, error: undefined }),
    (error: TiebreakError) => ({ summary: undefined, error }),
  );
  return { ...result, incidents, csv: parseSubmission(run.results.csv('omit')).rows };
}

/** Tokens of the longest row that is not truncated. */
const LONGEST = 2048;

const undisturbed = (await score([new FakeLane()])).csv;

describe.each([
  ['batch after batch', false],
  ['with the next batch given ahead', true],
])('%s:', (_name, ahead) => {
  beforeEach(() => {
    overlapping = ahead;
  });

  describe('a lane that fails once', () => {
    const faults: [string, () => TiebreakError | 'hang'][] = [
      ['because the device is lost', lost],
      ['with NaN', notFinite],
      ['because its worker died', () => errorOf('engine/worker-died', 'It stopped.')],
      ['by never answering', () => 'hang'],
    ];
    test.each(faults)('%s is started anew, and the results are the same', async (_, fault) => {
      const lane = new FaultyLane();
      lane.fault = (call) => (call === 5 ? fault() : null);
      const { summary, incidents, csv } = await score([lane]);
      expect(summary).toMatchObject({ complete: true, incidents: 1 });
      expect(csv).toEqual(undisturbed);
      expect(lane.rebuilds).toBe(1);
      expect(incidents).toMatchObject([{ lane: 1, action: 'again', memory: false }]);
    });
  });

  describe('a lane that is short of memory', () => {
    test('takes halves until they fit, and smaller batches from then on', async () => {
      const lane = new FaultyLane();
      lane.fault = above(LONGEST);
      const { summary, incidents, csv } = await score([lane], { batchTokens: 4 * LONGEST });
      expect(summary?.complete).toBe(true);
      expect(csv).toEqual(undisturbed);
      expect(incidents.length).toBeLessThan(5);
      expect(incidents.every(({ action, memory: short }) => action === 'halve' && short)).toBe(
        true,
      );
      expect(lane.rebuilds).toBe(incidents.length);
    });

    test('for a single row stops the run and says so', async () => {
      const lane = new FaultyLane();
      lane.fault = (_, batch) => (batch.some((ids) => ids.length > LONGEST / 2) ? memory() : null);
      const { error, incidents } = await score([lane], { batchTokens: 4 * LONGEST });
      expect(error).toMatchObject({ code: 'gpu/out-of-memory' });
      expect(error?.message).toMatch(/last of \d+ failures/);
      expect(incidents.at(-1)).toMatchObject({ action: 'end', rows: 1 });
      expect(lane.closed).toBe(true);
    });
  });

  describe('a lane that keeps failing', () => {
    test('stops the run after three failures when it is the only one', async () => {
      const lane = new FaultyLane();
      lane.fault = (call) => (call > 4 ? notFinite() : null);
      const { error, incidents, csv } = await score([lane], { batchTokens: 3 * LONGEST });
      expect(error).toMatchObject({ code: 'engine/not-finite' });
      expect(incidents.map(({ action }) => action)).toEqual(['again', 'halve', 'end']);
      expect(lane.closed).toBe(true);
      expect(csv.length).toBeGreaterThan(0);
      expect(csv.length).toBeLessThan(rows.length);
    });

    test('leaves its work to the others', async () => {
      const bad = new FaultyLane();
      bad.fault = () => lost();
      const good = new FaultyLane();
      good.delayMs = 1;
      const { summary, csv } = await score([bad, good]);
      expect(summary?.complete).toBe(true);
      expect(csv).toEqual(undisturbed);
      expect(bad.closed).toBe(true);
      expect(good.closed).toBe(false);
    });

    test('with its last batch finds another lane that waited for it', async () => {
      const bad = new FaultyLane();
      const good = new FaultyLane();
      // The good lane has finished everything else long before this one gives up.
      bad.logits = async () => {
        await new Promise((resolve) => setTimeout(resolve, 30));
        throw lost();
      };
      const { summary, csv } = await score([bad, good], { recovery: { rebuildWaits: [0] } });
      expect(summary?.complete).toBe(true);
      expect(csv).toEqual(undisturbed);
    });

    test('on one batch, whichever lane takes it, stops the run', async () => {
      const poison: Fault = (batch) =>
        batch.some((ids) => ids.length % 7 === 3) ? notFinite() : null;
      const lanes = [new FaultyLane(), new FaultyLane(), new FaultyLane()];
      for (const lane of lanes) lane.fault = (_, batch) => poison(batch);
      const { error } = await score(lanes);
      expect(error).toMatchObject({ code: 'engine/not-finite' });
    });
  });

  describe('starting a lane anew', () => {
    test('is tried again when it fails', async () => {
      const lane = new FaultyLane();
      lane.fault = (call) => (call === 3 ? lost() : null);
      lane.onRebuild = (rebuild) => {
        if (rebuild === 1) throw errorOf('gpu/device', 'no device yet');
      };
      const { summary, incidents, csv } = await score([lane]);
      expect(summary?.complete).toBe(true);
      expect(csv).toEqual(undisturbed);
      expect(incidents.map(({ action }) => action)).toEqual(['again', 'reload']);
    });

    test('on a GPU that computes wrongly ends the lane', async () => {
      const lane = new FaultyLane();
      lane.fault = (call) => (call === 3 ? lost() : null);
      lane.onRebuild = () => {
        throw errorOf('engine/self-test', 'This GPU computes wrongly.');
      };
      const { error, incidents } = await score([lane]);
      expect(error).toMatchObject({ code: 'engine/self-test' });
      expect(incidents.map(({ action }) => action)).toEqual(['again', 'end']);
      expect(lane.rebuilds).toBe(1);
    });

    test('that never ends is given up, what it started is ended, and it is tried again', async () => {
      const lane = new FaultyLane();
      lane.fault = (call) => (call === 3 ? lost() : null);
      let given: AbortSignal | undefined;
      lane.onRebuild = (rebuild, signal) => {
        if (rebuild > 1) return undefined;
        given = signal;
        return new Promise(() => {});
      };
      const { summary, incidents, csv } = await score([lane], {
        recovery: { rebuildWaits: [0, 0], rebuildMs: 40 },
      });
      expect(summary?.complete).toBe(true);
      expect(csv).toEqual(undisturbed);
      expect(given?.aborted).toBe(true);
      expect(incidents.map(({ error, action }) => [error.code, action])).toEqual([
        ['gpu/lost', 'again'],
        ['engine/hung', 'reload'],
      ]);
    });

    test('can be cancelled', async () => {
      const lane = new FaultyLane();
      const stop = new AbortController();
      lane.fault = (call) => (call === 3 ? lost() : null);
      lane.onRebuild = () => {
        stop.abort();
        throw errorOf('run/cancelled', 'Cancelled.');
      };
      const { summary } = await score([lane], { signal: stop.signal });
      expect(summary?.complete).toBe(false);
    });
  });

  test('what is not the lane’s doing stops the run at once', async () => {
    const lane = new FaultyLane();
    lane.fault = (call) => (call === 3 ? errorOf('engine/tokens', 'beyond') : null);
    const { error, incidents } = await score([lane]);
    expect([error?.code, incidents.length, lane.rebuilds]).toEqual(['engine/tokens', 0, 0]);
  });

  test('lanes of any speed compute the same batches', async () => {
    const composition = async (delays: number[]) => {
      const lanes = delays.map((delayMs) => Object.assign(new FaultyLane(), { delayMs }));
      await score(lanes);
      return lanes
        .flatMap(({ batches }) => batches.map((batch) => batch.map((ids) => ids.join()).join('|')))
        .sort();
    };
    const one = await composition([0]);
    expect(await composition([0, 5])).toEqual(one);
    expect(await composition([3, 0, 1])).toEqual(one);
  });

  test('a journal that fails ends every lane', async () => {
    const lanes = [new FaultyLane(), new FaultyLane()];
    let kept = 0;
    const append = async () => {
      kept += 1;
      if (kept === 3) throw errorOf('storage/write', 'Cannot write.');
    };
    const { error } = await score(lanes, { journal: { append } });
    expect(error).toMatchObject({ code: 'storage/write' });
  });
});

describe('a lane that overlaps', () => {
  /** Counts the batches that it has received and not answered. */
  class Overlapping extends FaultyLane {
    under = 0;
    readonly seen: number[] = [];

    override async logits(batch: Int32Array[], signal?: AbortSignal): Promise<Float32Array> {
      this.under += 1;
      this.seen.push(this.under);
      try {
        await new Promise((resolve) => setTimeout(resolve, 2));
        return await super.logits(batch, signal);
      } finally {
        this.under -= 1;
      }
    }
  }
  beforeEach(() => {
    overlapping = true;
  });

  test('is given one batch ahead, never more, and none by itself when it does not', async () => {
    const lane = new Overlapping();
    const { csv } = await score([lane]);
    expect(csv).toEqual(undisturbed);
    expect(lane.seen[0]).toBe(1);
    expect(new Set(lane.seen.slice(1))).toEqual(new Set([2]));
    overlapping = false;
    const other = new Overlapping();
    await score([other]);
    expect(new Set(other.seen)).toEqual(new Set([1]));
  });

  test('computes again only the batches in flight, in the order of the queue', async () => {
    const lane = new Overlapping();
    lane.fault = (call) => (call === 5 ? lost() : null);
    const finished: number[] = [];
    const append = async ({ sequences }: { sequences: Uint32Array }) => {
      finished.push(...sequences);
    };
    const { csv, incidents } = await score([lane], { journal: { append } });
    expect(csv).toEqual(undisturbed);
    expect(incidents).toMatchObject([{ action: 'again' }]);
    expect(new Set(finished).size).toBe(finished.length);
    // The lost batch was not counted; at most the one behind it was.
    const keys = lane.batches.map((batch) => batch.map((ids) => ids.join()).join('|'));
    expect(keys.length - new Set(keys).size).toBeLessThanOrEqual(1);
  });

  test('rests when what it was given is done', async () => {
    const lane = new Overlapping();
    let rested = 0;
    const gate: PauseGate = new PauseGate(() => {
      rested += 1;
      expect(lane.under).toBe(0);
      setTimeout(() => gate.resume(), 5);
    });
    let batches = 0;
    const append = async () => {
      batches += 1;
      if (batches === 3) gate.pause();
    };
    const { csv } = await score([lane], { gate, journal: { append } });
    expect(csv).toEqual(undisturbed);
    expect(rested).toBe(1);
  });

  test('takes nothing ahead where other lanes could soon do it', async () => {
    const begun: number[] = [];
    class Logged extends Overlapping {
      override logits(batch: Int32Array[], signal?: AbortSignal): Promise<Float32Array> {
        const result = super.logits(batch, signal);
        begun.push(this.under);
        return result;
      }
    }
    const { csv } = await score([new Logged(), new Logged()]);
    expect(csv).toEqual(undisturbed);
    // Once both are timed they take batches ahead, except for the last three, which go to whichever lane is free first.
    expect(begun.slice(0, 2)).toEqual([1, 1]);
    expect(begun).toContain(2);
    expect(begun.slice(-3)).toEqual([1, 1, 1]);
  });
});
