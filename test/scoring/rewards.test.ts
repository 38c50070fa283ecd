import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { RowColumns } from '../../src/app/page/rows.ts';
import { toKaggleCsv } from '../../src/data/csv/kaggle.ts';
import { davidson } from '../../src/domain/probabilities.ts';
import { DEFAULT_SETTINGS } from '../../src/domain/settings.ts';
import { packedTokens } from '../../src/engine/planning/prefixes.ts';
import type { RunEvent } from '../../src/scoring/events.ts';
import { readJournal } from '../../src/scoring/journal/journal.ts';
import { RunArchive } from '../../src/scoring/journal/run-archive.ts';
import type { JournalRequest } from '../../src/scoring/journal/start-journal.ts';
import { scoreLabelled } from '../../src/scoring/score-labelled.ts';
import { RunService } from '../../src/scoring/worker/run-service.ts';
import { MemorySource } from '../../src/storage/byte-source.ts';
import { MemoryRuns } from '../../testing/memory-runs.ts';
import { familyCases } from '../../testing/reference-cases.ts';
import { makeRewardRun, RewardLane, rewardPool } from '../../testing/rewards.ts';
import { csvOf, makeRows, makeRun, type TestRow, toyTokenizer } from '../../testing/runs.ts';

const rows = makeRows(24, 5);
const swapped = (row: TestRow): TestRow => ({
  ...row,
  responseA: row.responseB,
  responseB: row.responseA,
});

/** Probabilities and rewards of each row, by id. */
async function scored(of: TestRow[], lane = new RewardLane()) {
  const columns = new RowColumns();
  const { run, index } = await makeRewardRun(csvOf(of), {
    lane,
    batchTokens: 3000,
    onResults: (event) => columns.addResults(event),
  });
  const summary = await run.score();
  const { probabilities } = run.results;
  const byId = new Map(
    of.map(({ id }, row) => [
      id,
      {
        p: [...probabilities.subarray(3 * row, 3 * row + 3)],
        rewards: [...run.results.rewardsOf(row)],
      },
    ]),
  );
  return { byId, run, index, lane, columns, summary };
}

describe('probabilities of rewards', () => {
  test.each(familyCases().filter(({ name }) => /qwen3|llama|gemma2-reward/.test(name)))(
    'of $name are Davidson’s, by a formula of its own',
    ({ expected }) => {
      for (const [, logits] of expected) {
        for (const [[a], [b]] of [
          [logits[0]!, logits[1]!],
          [logits[2]!, logits[3]!],
        ] as [[number], [number]][]) {
          const odds = Math.exp(a / 2) / Math.exp(b / 2);
          const [pA, pB, tie] = davidson(a, b);
          expect(pA).toBeCloseTo(odds / (odds + 1 / odds), 12);
          expect(pB).toBeCloseTo(1 / odds / (odds + 1 / odds), 12);
          expect(tie).toBe(0);
        }
      }
    },
  );

  test('swap with the rewards, bit by bit, sum to 1, and stay finite whatever the margin', () => {
    const reward = fc.float({ noNaN: true, noDefaultInfinity: true });
    fc.assert(
      fc.property(reward, reward, (a, b) => {
        const [pA, pB, tie] = davidson(a, b);
        expect(davidson(b, a)).toEqual([pB, pA, tie]);
        expect(Math.abs(pA + pB - 1)).toBeLessThan(1e-15);
        expect(pA >= 0.5).toBe(a >= b || pA === 0.5);
      }),
      {
        examples: [
          [3e38, -3e38],
          [-3e38, 3e38],
          [0, 0],
        ],
      },
    );
  });
});

describe('a run with a reward model', () => {
  test('gives rewards, and their probabilities', async () => {
    const { byId, columns, summary, lane } = await scored(rows);
    expect(summary).toMatchObject({ complete: true, scoredRows: rows.length });
    for (const [row, { id }] of rows.entries()) {
      const { p, rewards } = byId.get(id)!;
      expect(p).toEqual(davidson(rewards[0]!, rewards[1]!));
      expect([...columns.rewards!.subarray(2 * row, 2 * row + 2)]).toEqual(rewards);
    }
    expect(lane.batches.flat()).toHaveLength(2 * rows.length);
  });

  test('swapping the answers of every row swaps its classes, bit by bit', async () => {
    const [one, other] = await Promise.all([scored(rows), scored(rows.map(swapped))]);
    for (const [id, { p, rewards }] of one.byId) {
      const { p: q, rewards: exchanged } = other.byId.get(id)!;
      expect(q).toEqual([p[1], p[0], p[2]]);
      expect(exchanged).toEqual([rewards[1], rewards[0]]);
    }
  });

  test('the order of rows in the file changes no probability', async () => {
    const [one, other] = await Promise.all([scored(rows), scored(rows.toReversed())]);
    expect([...other.byId].sort()).toEqual([...one.byId].sort());
  });

  test('computes equal conversations once, in whichever row and answer they are', async () => {
    const [first, second] = rows as [TestRow, TestRow];
    const of: TestRow[] = [
      first,
      { ...swapped(first), id: 'exchanged' },
      { ...first, id: 'other B', responseB: ['another answer'] },
      { ...first, id: 'again' },
      { ...first, id: 'same', responseB: first.responseA },
      second,
    ];
    const { lane, byId, summary, index } = await scored(of);
    expect(lane.batches.flat()).toHaveLength(5);
    expect(index.sequences).toHaveLength(5);
    expect(summary.duplicateRows).toBe(1);
    expect(byId.get('same')!.p).toEqual([0.5, 0.5, 0]);
    const { p } = byId.get(first.id)!;
    expect(byId.get('exchanged')!.p).toEqual([p[1], p[0], 0]);
    expect(byId.get('other B')!.rewards[0]).toBe(byId.get(first.id)!.rewards[0]);
  });

  test('computes the prompt of a pair once: about p + a + b tokens', async () => {
    const long = rows.slice(0, 8).map((row, i) => ({
      ...row,
      prompt: [`${i} ${'a long question '.repeat(30)}`],
      responseA: [`yes ${'x'.repeat(50 + i)}`],
      responseB: [`no ${'y'.repeat(70 - i)}`],
    }));
    const { lane } = await scored(long);
    const ofPart = ([text]: string[]) => toyTokenizer.encode(text!).length;
    const marks = 2 + toyTokenizer.encode('[user][model]').length;
    let all = 0;
    let least = 0;
    for (const { prompt, responseA, responseB } of long) {
      all += 2 * (ofPart(prompt) + marks) + ofPart(responseA) + ofPart(responseB);
      least += ofPart(prompt) + marks + ofPart(responseA) + ofPart(responseB);
    }
    const computed = lane.batches.reduce((sum, batch) => sum + packedTokens(batch), 0);
    expect(lane.batches.flat().reduce((sum, ids) => sum + ids.length, 0)).toBe(all);
    // Shared beginnings are a multiple of 16 tokens.
    expect(computed).toBeGreaterThanOrEqual(least - marks * long.length);
    expect(computed).toBeLessThan(least + 16 * long.length);
  });

  test('averages the probabilities of adapters, not their rewards', async () => {
    const { byId, run, columns } = await scored(rows, new RewardLane(2));
    expect(run.results.adapters).toBe(2);
    expect(columns.adapters).not.toBeNull();
    for (const [row, { id }] of rows.entries()) {
      const { p, rewards } = byId.get(id)!;
      const [a0, b0, a1, b1] = rewards as [number, number, number, number];
      expect(run.results.ofAdapter(row, 1)).toEqual(davidson(a1, b1));
      expect(p[0]).toBeCloseTo((davidson(a0, b0)[0] + davidson(a1, b1)[0]) / 2, 14);
    }
  });

  test('gives labelled rows their rewards, and none to unreadable ones', async () => {
    const csv = `${toKaggleCsv(rows.slice(0, 3))}4,"[""p""]"\n`;
    const { index } = await makeRewardRun(new MemorySource('t', new TextEncoder().encode(csv)), {
      lane: new RewardLane(2),
    });
    const scoredRows = await scoreLabelled(index, {
      lanes: [new RewardLane(2)],
      pool: rewardPool,
      settings: DEFAULT_SETTINGS,
    });
    const rewards = [...scoredRows.rewards!];
    expect(rewards).toHaveLength(16);
    for (const row of [0, 1, 2]) {
      const [a, b] = rewards.slice(4 * row, 4 * row + 2);
      expect([...scoredRows.adapters[0]!.subarray(3 * row, 3 * row + 3)]).toEqual(davidson(a!, b!));
    }
    expect(index.problemRows).toBe(1);
    expect(rewards.slice(12)).toEqual(Array.from({ length: 4 }, () => Number.NaN));
  });

  test('marks a row as truncated if either conversation was cut, and counts the longer one', async () => {
    const of = [
      { ...rows[0]!, prompt: ['p'], responseA: ['short'], responseB: ['long '.repeat(80)] },
    ];
    const columns = new RowColumns();
    const { run } = await makeRewardRun(csvOf(of), {
      lane: new RewardLane(),
      settings: { ...DEFAULT_SETTINGS, maxLength: 128 },
      onResults: (event) => columns.addResults(event),
    });
    expect((await run.score()).truncatedRows).toBe(1);
    expect(columns.tokens[0]).toBe(128);
  });
});

describe('a saved run with a reward model', () => {
  const begin: JournalRequest = { kind: 'new', id: 'run' };
  const settings = { ...DEFAULT_SETTINGS, tta: true };

  async function page(runs: MemoryRuns, lane = new RewardLane(2)) {
    const service = new RunService(
      { lane: async () => lane, pool: async () => rewardPool },
      new RunArchive(runs),
    );
    await service.openCsv(new File([toKaggleCsv(rows)], 'test.csv'), settings, () => {});
    await service.loadModel({ source: { kind: 'url', url: 'http://x/' } }, () => {});
    const start = (journal: JournalRequest, onEvents: (events: RunEvent[]) => void = () => {}) =>
      service.start({ adapters: ['a', 'b'], settings, journal, batchTokens: 1500 }, onEvents);
    return { service, lane, start };
  }

  test('continues after a crash with the same bytes, computing nothing twice', async () => {
    const whole = await page(new MemoryRuns());
    const summary = await whole.start(begin);
    // The setting is for models of pairs, and has no effect here.
    expect(summary.settings.tta).toBe(false);
    const expected = await (await whole.service.exportCsv('omit')).text();
    expect(whole.lane.batches.length).toBeGreaterThan(3);

    let runs = new MemoryRuns();
    const dying = await page(runs);
    await new Promise<void>((resolve) => {
      dying.lane.onBatch = (batch) => {
        if (batch !== 2) return;
        runs = runs.crash();
        resolve();
      };
      dying.start(begin).catch(() => {});
    });
    const journal = readJournal(runs.bytes('run'));
    expect(journal).toMatchObject({ version: 3, header: { reading: 'reward' } });
    expect(journal.batches.length).toBeGreaterThan(0);

    const after = await page(runs);
    const columns = new RowColumns();
    await after.start({ kind: 'continue', id: 'run', otherEngine: false }, (events) => {
      for (const event of events) if (event.type === 'results') columns.addResults(event);
    });
    expect(await (await after.service.exportCsv('omit')).text()).toBe(expected);
    expect(after.lane.batches.length).toBe(whole.lane.batches.length - journal.batches.length);
    expect([...columns.rewards!].slice(0, 4 * rows.length)).not.toContain(Number.NaN);
  });

  test('foresees both conversations of each row, though the file was read before the model', async () => {
    const { service } = await page(new MemoryRuns());
    const { tokens } = await service.foresee(settings);
    const all = rows.flatMap((row) => [row, swapped(row)]);
    const jobs = all.map(({ prompt, responseA, responseB }) => ({
      pair: { prompt, responseA, responseB },
      swapped: false,
    }));
    const texts = await rewardPool.tokenize(jobs, settings);
    const exact = texts.reduce((sum, { ids }) => sum + ids.length, 0);
    // An estimate; one of p + a + b for each row would be a quarter too low.
    expect(Math.abs(tokens / exact - 1)).toBeLessThan(0.15);
  });

  test('refuses a journal whose version and reading contradict each other', async () => {
    const runs = new MemoryRuns();
    const { start } = await page(runs);
    await start(begin);
    const bytes = runs.bytes('run');
    const at = 'tiebreak-journal '.length;
    for (const digit of '12') {
      const other = bytes.slice();
      other[at] = digit.charCodeAt(0);
      expect(() => readJournal(other)).toThrow(
        expect.objectContaining({ code: 'journal/damaged' }),
      );
    }
  });
});

test('a model without ties gives both answers their shares, in both orders', async () => {
  const lane = new RewardLane();
  Object.assign(lane.info, { reading: 'pair-no-tie' });
  lane.logits = async (texts) =>
    Float32Array.from(texts.flatMap((ids) => [Math.sin(ids.length), Math.cos(ids[5]!)]));
  const { run } = await makeRun(csvOf(rows), {
    lanes: [lane],
    settings: { tta: true },
    reading: 'pair-no-tie',
  });
  await run.score();
  const { probabilities } = run.results;
  for (let row = 0; row < rows.length; row += 1) {
    const [a, b, tie] = probabilities.subarray(3 * row, 3 * row + 3);
    expect(a! + b!).toBeCloseTo(1, 14);
    expect(tie).toBe(0);
  }
});
