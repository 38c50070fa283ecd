import { describe, expect, test, vi } from 'vitest';
import type { TiebreakError } from '../../src/domain/errors.ts';
import { DEFAULT_SETTINGS, type Pair } from '../../src/domain/settings.ts';
import { type TokenizedText, tokenizePair } from '../../src/domain/truncate.ts';
import { CHUNK_JOBS, dispatchPool, type TokenWorker } from '../../src/tokens/pool/dispatch.ts';
import { inlinePool, type TokenJob } from '../../src/tokens/pool/pool.ts';
import type { PairTextTokenizer } from '../../src/tokens/tokenizer.ts';
import { errorOf } from '../../testing/errors.ts';

const toyIds = (text: string) => Array.from(text, (character) => character.charCodeAt(0));
const toy: PairTextTokenizer = {
  bos: 1,
  eos: 2,
  pad: 0,
  vocabSize: 70_000,
  piece: (id) => String.fromCharCode(id),
  isSpecial: () => false,
  byteLength: () => 1,
  spell: (text) => text,
  encode: toyIds,
  encodeText: toyIds,
};

function jobs(count: number): TokenJob[] {
  return Array.from({ length: count }, (_, index) => {
    const pair: Pair = { prompt: [`p${index}`], responseA: ['a'], responseB: ['bb'] };
    return { pair, swapped: index % 2 === 1 };
  });
}

function expected(list: TokenJob[]): TokenizedText[] {
  return list.map(({ pair, swapped }) => tokenizePair(pair, swapped, DEFAULT_SETTINGS, toy));
}

const failed = () => errorOf('tokens/worker-failed', 'It died.');

/** A worker whose answers come when the test sends them. */
class FakeWorker implements TokenWorker {
  readonly ready: Promise<void>;
  readonly calls: TokenJob[][] = [];
  terminated = false;
  become!: () => void;
  die!: (error: TiebreakError) => void;
  private answers: { list: TokenJob[]; resolve(texts: TokenizedText[]): void }[] = [];
  private readonly death: Promise<never>;

  constructor() {
    this.death = new Promise((_, reject) => {
      this.die = reject;
    });
    this.death.catch(() => undefined);
    this.ready = Promise.race([
      new Promise<void>((resolve) => {
        this.become = resolve;
      }),
      this.death,
    ]);
  }

  tokenize(list: TokenJob[]): Promise<TokenizedText[]> {
    this.calls.push(list);
    const answer = new Promise<TokenizedText[]>((resolve) => this.answers.push({ list, resolve }));
    return Promise.race([answer, this.death]);
  }

  async answer(): Promise<void> {
    const { list, resolve } = this.answers.shift()!;
    resolve(expected(list));
    await settle();
  }

  terminate(): void {
    this.terminated = true;
    this.die(failed());
  }
}

function settle(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve));
}

/** A pool of fake workers, of which only the first is ready. */
async function fakePool(size: number) {
  const workers: FakeWorker[] = [];
  const opening = dispatchPool(() => {
    const worker = new FakeWorker();
    workers.push(worker);
    return worker;
  }, size);
  workers[0]!.become();
  return { pool: await opening, workers };
}

describe('inlinePool', () => {
  test('keeps the order', async () => {
    const list = jobs(40);
    expect(await inlinePool(toy).tokenize(list, DEFAULT_SETTINGS)).toEqual(expected(list));
    expect(await inlinePool(toy).tokenize([], DEFAULT_SETTINGS)).toEqual([]);
  });

  test('lets the page draw and notices the signal while it works', async () => {
    const slow = {
      ...toy,
      encode(text: string) {
        const until = performance.now() + 2;
        while (performance.now() < until);
        return toy.encode(text);
      },
    };
    const controller = new AbortController();
    setTimeout(() => controller.abort(), 30);
    const encode = vi.spyOn(slow, 'encode');
    const work = inlinePool(slow).tokenize(jobs(1000), DEFAULT_SETTINGS, controller.signal);
    await expect(work).rejects.toMatchObject({ code: 'run/cancelled' });
    expect(encode.mock.calls.length).toBeLessThan(100);
  });

  test('does nothing once closed', async () => {
    const pool = inlinePool(toy);
    pool.close();
    await expect(pool.tokenize(jobs(1), DEFAULT_SETTINGS)).rejects.toMatchObject({
      code: 'run/cancelled',
    });
  });
});

describe('dispatchPool', () => {
  test('starts the next worker when the one before is ready, and no more than asked for', async () => {
    const { workers } = await fakePool(3);
    expect(workers.length).toBe(2);
    await settle();
    expect(workers.length).toBe(2);
    workers[1]!.become();
    await settle();
    expect(workers.length).toBe(3);
    workers[2]!.become();
    await settle();
    expect(workers.length).toBe(3);
  });

  test('keeps the order, whichever worker is quicker', async () => {
    const { pool, workers } = await fakePool(2);
    workers[1]!.become();
    await settle();
    const list = jobs(CHUNK_JOBS * 3 + 5);
    const work = pool.tokenize(list, DEFAULT_SETTINGS);
    const [first, second] = workers as [FakeWorker, FakeWorker];
    expect([first.calls.length, second.calls.length]).toEqual([1, 1]);
    await second.answer();
    await second.answer();
    await second.answer();
    await first.answer();
    expect(await work).toEqual(expected(list));
    expect([...first.calls, ...second.calls].map((chunk) => chunk.length).sort()).toEqual(
      [5, CHUNK_JOBS, CHUNK_JOBS, CHUNK_JOBS].sort(),
    );
  });

  test('a call without jobs needs no worker', async () => {
    const { pool } = await fakePool(1);
    expect(await pool.tokenize([], DEFAULT_SETTINGS)).toEqual([]);
  });

  test('a cancelled call rejects at once and the pool goes on with others', async () => {
    const { pool, workers } = await fakePool(1);
    const controller = new AbortController();
    const work = pool.tokenize(jobs(CHUNK_JOBS * 5), DEFAULT_SETTINGS, controller.signal);
    const list = jobs(3);
    const other = pool.tokenize(list, DEFAULT_SETTINGS);
    controller.abort();
    await expect(work).rejects.toMatchObject({ code: 'run/cancelled' });
    await workers[0]!.answer();
    await workers[0]!.answer();
    expect(await other).toEqual(expected(list));
    expect(workers[0]!.calls.length).toBe(2);
    await expect(pool.tokenize(list, DEFAULT_SETTINGS, controller.signal)).rejects.toMatchObject({
      code: 'run/cancelled',
    });
  });

  test('the death of a worker rejects everything and ends all workers', async () => {
    const { pool, workers } = await fakePool(2);
    workers[1]!.become();
    await settle();
    const works = [1, 2, 3].map(() => pool.tokenize(jobs(CHUNK_JOBS * 2), DEFAULT_SETTINGS));
    workers[1]!.die(failed());
    for (const work of works) {
      await expect(work).rejects.toMatchObject({ code: 'tokens/worker-failed' });
    }
    expect(workers.every((worker) => worker.terminated)).toBe(true);
    await expect(pool.tokenize(jobs(1), DEFAULT_SETTINGS)).rejects.toMatchObject({
      code: 'tokens/worker-failed',
    });
  });

  test('a first worker that cannot start fails the pool, a later one the pending calls', async () => {
    const first = new FakeWorker();
    first.die(failed());
    await expect(dispatchPool(() => first, 2)).rejects.toMatchObject({
      code: 'tokens/worker-failed',
    });
    const cannot = () => {
      throw failed();
    };
    await expect(dispatchPool(cannot, 2)).rejects.toMatchObject({ code: 'tokens/worker-failed' });

    const { pool, workers } = await fakePool(2);
    const work = pool.tokenize(jobs(1), DEFAULT_SETTINGS);
    workers[1]!.die(failed());
    await expect(work).rejects.toMatchObject({ code: 'tokens/worker-failed' });
  });

  test('closing rejects pending calls as cancelled', async () => {
    const { pool, workers } = await fakePool(2);
    const work = pool.tokenize(jobs(CHUNK_JOBS * 2), DEFAULT_SETTINGS);
    pool.close();
    await expect(work).rejects.toMatchObject({ code: 'run/cancelled' });
    expect(workers.every((worker) => worker.terminated)).toBe(true);
    await expect(pool.tokenize(jobs(1), DEFAULT_SETTINGS)).rejects.toMatchObject({
      code: 'run/cancelled',
    });
    await settle();
    expect(workers.length).toBe(2);
  });
});
