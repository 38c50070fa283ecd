import { describe, expect, test } from 'vitest';
import { TiebreakError } from '../../src/domain/errors.ts';
import { RemoteWorker } from '../../src/rpc/remote.ts';

class SilentWorker extends EventTarget {
  terminated = false;
  postMessage(): void {}
  terminate(): void {
    this.terminated = true;
  }
}

function setUp() {
  const worker = new SilentWorker();
  const remote = new RemoteWorker<{ work(): void }>(
    worker as unknown as Worker,
    (why) => new TiebreakError('test/died', `It died${why ? `: ${why}` : ''}.`),
  );
  return { worker, remote };
}

const never = new Promise<never>(() => {});

describe('a worker that fails', () => {
  test('rejects what waits and every later call', async () => {
    const { worker, remote } = setUp();
    const calls = [remote.call(never), remote.settled(never)];
    worker.dispatchEvent(Object.assign(new Event('error'), { message: 'out of memory' }));
    for (const call of [...calls, remote.call(never), remote.settled(never)]) {
      await expect(call).rejects.toMatchObject({
        code: 'test/died',
        message: 'It died: out of memory.',
      });
    }
    expect([worker.terminated, remote.dead]).toEqual([true, true]);
  });

  test('does so without an uncaught error in the worker or page that started it', () => {
    const { worker } = setUp();
    const error = new Event('error', { cancelable: true });
    worker.dispatchEvent(error);
    expect(error.defaultPrevented).toBe(true);
  });
});

test('ending a worker rejects what waits as cancelled', async () => {
  const { worker, remote } = setUp();
  const call = remote.call(never);
  remote.end();
  await expect(call).rejects.toMatchObject({ code: 'run/cancelled' });
  expect(worker.terminated).toBe(true);
});

test('answers come as values, and their errors as TiebreakErrors', async () => {
  const { remote } = setUp();
  expect(await remote.call(Promise.resolve({ ok: true, value: 7 }))).toBe(7);
  expect(await remote.settled(Promise.resolve('plain'))).toBe('plain');
  const failed = { ok: false, error: { code: 'a/b', message: 'No.' } } as const;
  await expect(remote.call(Promise.resolve(failed))).rejects.toMatchObject({
    name: 'TiebreakError',
    code: 'a/b',
  });
  await expect(remote.call(Promise.reject(new Error('no')))).rejects.toMatchObject({
    code: 'internal/unexpected',
  });
});
