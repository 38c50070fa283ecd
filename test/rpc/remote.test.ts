import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { aborted, TiebreakError } from '../../src/domain/errors.ts';
import { RemoteWorker, type WorkerLike } from '../../src/rpc/remote.ts';
import { errorOf } from '../../testing/errors.ts';
import { FakeWorker } from '../../testing/fake-worker.ts';

/** A worker's service with an answer of every kind. */
class Service {
  readonly stopped: string[] = [];

  async double(n: number): Promise<number> {
    return 2 * n;
  }

  sum(...all: number[]): number {
    return all.reduce((a, b) => a + b, 0);
  }

  async count(to: number, onNumber: (n: number) => void): Promise<string> {
    for (let n = 1; n <= to; n += 1) await onNumber(n);
    return `counted to ${to}`;
  }

  async refuse(): Promise<never> {
    throw errorOf('csv/bad-cell', 'The cell is no list.', {
      place: { file: 'test.csv', row: 3, column: 'prompt', byte: 77 },
      action: 'Mend it.',
      params: { column: 'prompt' },
    });
  }

  throwNow(): number {
    throw new Error('not awaited');
  }

  never(): Promise<never> {
    return new Promise(() => {});
  }

  stop(why: string): void {
    this.stopped.push(why);
  }
}

let worker: FakeWorker<Service>;
let remote: RemoteWorker<Service>;

beforeEach(() => {
  worker = new FakeWorker(new Service());
  remote = new RemoteWorker<Service>(worker as unknown as WorkerLike, (why) =>
    errorOf('test/died', `It died${why ? `: ${why}` : ''}.`),
  );
});

afterEach(() => worker.terminate());

describe('calls', () => {
  test('take arguments and give values, also of methods that are not asynchronous', async () => {
    expect(await remote.api.double(21)).toBe(42);
    expect(await remote.api.sum(1, 2, 3, 4)).toBe(10);
    expect(await remote.api.stop('enough')).toBeUndefined();
    expect(worker.api.stopped).toEqual(['enough']);
  });

  test('call functions among their arguments back on this side', async () => {
    const seen: number[] = [];
    expect(await remote.api.count(3, (n) => seen.push(n))).toBe('counted to 3');
    expect(seen).toEqual([1, 2, 3]);
  });

  test('fail with code, place, action and parameters', async () => {
    const error = await remote.api.refuse().catch((thrown) => thrown);
    expect(error).toBeInstanceOf(TiebreakError);
    expect(error.toPlain()).toEqual({
      code: 'csv/bad-cell',
      message: 'The cell is no list.',
      place: { file: 'test.csv', row: 3, column: 'prompt', byte: 77 },
      action: 'Mend it.',
      params: { column: 'prompt' },
    });
  });

  test('wrap any other thrown value as unexpected, also before the first await', async () => {
    await expect(remote.api.throwNow()).rejects.toMatchObject({
      name: 'TiebreakError',
      code: 'internal/unexpected',
      message: 'not awaited',
    });
  });

  test('fail where an argument cannot be sent', async () => {
    const unsendable = { method: () => {} } as unknown as number;
    await expect(remote.api.double(unsendable)).rejects.toMatchObject({
      name: 'TiebreakError',
      code: 'internal/unexpected',
    });
    expect(await remote.api.double(1)).toBe(2);
  });

  test('of a worker can be awaited without calling anything', async () => {
    expect(await remote.api).toBe(remote.api);
  });
});

describe('a worker that fails', () => {
  test('rejects what waits and every later call', async () => {
    const waiting = [remote.api.never(), remote.api.never()];
    worker.dispatchEvent(Object.assign(new Event('error'), { message: 'out of memory' }));
    for (const call of [...waiting, remote.api.never(), remote.api.double(1)]) {
      await expect(call).rejects.toMatchObject({
        code: 'test/died',
        message: 'It died: out of memory.',
      });
    }
    expect([worker.terminated, remote.dead]).toEqual([true, true]);
  });

  test('does so without an uncaught error in the worker or page that started it', () => {
    const error = new Event('error', { cancelable: true });
    worker.dispatchEvent(error);
    expect(error.defaultPrevented).toBe(true);
  });

  test('does so too when a message cannot be read', async () => {
    const call = remote.api.never();
    worker.dispatchEvent(new MessageEvent('messageerror'));
    await expect(call).rejects.toMatchObject({ message: 'It died: a message was unreadable.' });
  });
});

test('ending a worker rejects what waits as cancelled', async () => {
  const call = remote.api.never();
  expect(remote.dead).toBe(false);
  remote.end();
  await expect(call).rejects.toMatchObject({ code: aborted().code });
  expect([worker.terminated, remote.dead]).toEqual([true, true]);
});
