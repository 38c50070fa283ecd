import { afterEach, beforeEach, expect, expectTypeOf, test } from 'vitest';
import { workerClient } from '../../src/rpc/client.ts';
import type { Client } from '../../src/rpc/methods.ts';
import type { WorkerLike } from '../../src/rpc/remote.ts';
import { errorOf } from '../../testing/errors.ts';
import { FakeWorker } from '../../testing/fake-worker.ts';

class Counter {
  private count = 0;
  stops = 0;

  async next(): Promise<number> {
    this.count += 1;
    return this.count;
  }

  never(_onNews: (news: string) => void): Promise<never> {
    return new Promise(() => {});
  }

  stop(): void {
    this.stops += 1;
  }
}

type CounterApi = Pick<Counter, 'next' | 'never' | 'stop'>;

let workers: FakeWorker<Counter>[];

beforeEach(() => {
  workers = [];
});

afterEach(() => {
  for (const worker of workers) worker.terminate();
});

const spawn = () => {
  const worker = new FakeWorker(new Counter());
  workers.push(worker);
  return worker as unknown as WorkerLike;
};
const died = (why: string | undefined) => errorOf('test/died', `It died: ${why}.`);
const kill = (worker: FakeWorker<Counter>) =>
  worker.dispatchEvent(Object.assign(new Event('error'), { message: 'out of memory' }));

test('the worker starts with the first call, and stays', async () => {
  const client = workerClient<CounterApi>(spawn, died);
  expect(workers).toHaveLength(0);
  expect([await client.next(), await client.next()]).toEqual([1, 2]);
  expect(workers).toHaveLength(1);
});

test('its death rejects what waits; the next call starts another, which knows nothing', async () => {
  const client = workerClient<CounterApi>(spawn, died);
  await client.next();
  const call = client.never(() => {});
  const failed = expect(call).rejects.toMatchObject({
    code: 'test/died',
    message: 'It died: out of memory.',
  });
  await expect.poll(() => workers.length).toBe(1);
  await new Promise((resolve) => setTimeout(resolve));
  kill(workers[0]!);
  await failed;
  expect(workers).toHaveLength(1);
  expect(await client.next()).toBe(1);
  expect(workers).toHaveLength(2);
});

test('without restarts every call after its death fails with it', async () => {
  const client = workerClient<CounterApi>(spawn, died, { restarts: false });
  await client.next();
  kill(workers[0]!);
  await expect(client.next()).rejects.toMatchObject({ code: 'test/died' });
  await expect(client.stop()).rejects.toMatchObject({ code: 'test/died' });
  expect(workers).toHaveLength(1);
});

test('a method that only ends work starts no worker', async () => {
  const client = workerClient<CounterApi>(spawn, died, { stops: ['stop'] });
  await client.stop();
  expect(workers).toHaveLength(0);
  await client.next();
  await client.stop();
  expect(workers[0]!.api.stops).toBe(1);
  kill(workers[0]!);
  await client.stop();
  expect(workers).toHaveLength(1);
});

test('a worker that cannot be started rejects the call', async () => {
  const client = workerClient<CounterApi>(() => {
    throw died('no memory');
  }, died);
  await expect(client.next()).rejects.toMatchObject({ message: 'It died: no memory.' });
});

test('a method is declared once: types follow the API', () => {
  type Calls = Client<CounterApi>;
  expectTypeOf<Calls['next']>().toEqualTypeOf<() => Promise<number>>();
  expectTypeOf<Calls['stop']>().toEqualTypeOf<() => Promise<void>>();
  expectTypeOf<Parameters<Calls['never']>>().toEqualTypeOf<[(news: string) => void]>();
  // @ts-expect-error the worker has no such method.
  expectTypeOf<Calls['previous']>();
});
