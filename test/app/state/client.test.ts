import { expect, test } from 'vitest';
import { createClient, WORKER_DEAD } from '../../../src/app/state/client.ts';
import { DEFAULT_SETTINGS } from '../../../src/domain/settings.ts';
import type { WorkerLike } from '../../../src/rpc/remote.ts';
import type { RunEvent } from '../../../src/scoring/events.ts';
import { errorOf } from '../../../testing/errors.ts';
import { FakeApi, runSummary, turn } from '../../../testing/fake-api.ts';
import { FakeWorker } from '../../../testing/fake-worker.ts';

function setUp() {
  const workers: FakeWorker<FakeApi>[] = [];
  const client = createClient(() => {
    const worker = new FakeWorker(new FakeApi());
    workers.push(worker);
    return worker as unknown as WorkerLike;
  });
  return { client, workers };
}

const request = { adapters: [null], settings: DEFAULT_SETTINGS };

test('values come back as values and errors as TiebreakErrors', async () => {
  const { client, workers } = setUp();
  expect(await client.readRow(7)).toMatchObject({ id: '7', prompt: ['p'] });
  const [worker] = workers;
  worker!.api.exportError = errorOf('run/not-ready', 'No.', { place: { row: 3 } });
  await expect(client.exportCsv('omit')).rejects.toMatchObject({
    name: 'TiebreakError',
    code: 'run/not-ready',
    place: { row: 3 },
  });
  worker!.terminate();
});

test('events come through', async () => {
  const { client, workers } = setUp();
  const seen: RunEvent[] = [];
  const running = client.start(request, (events) => seen.push(...events));
  await expect.poll(() => workers[0]?.api.starts.length).toBe(1);
  workers[0]!.api.starts[0]!.send([{ type: 'reading', bytes: 1, totalBytes: 2, rows: 3 }]);
  await expect.poll(() => seen.length).toBe(1);
  await workers[0]!.api.starts[0]!.answer(runSummary(1, DEFAULT_SETTINGS));
  expect((await running).complete).toBe(true);
  workers[0]!.terminate();
});

test('the death of a worker rejects pending calls, and the next call starts another', async () => {
  const { client, workers } = setUp();
  const running = client.start(request, () => {});
  const failed = expect(running).rejects.toMatchObject({ code: WORKER_DEAD });
  await expect.poll(() => workers[0]?.api.starts.length).toBe(1);
  workers[0]!.dispatchEvent(new Event('error'));
  await failed;
  expect(workers[0]!.terminated).toBe(true);
  expect(await client.readRow(1)).toMatchObject({ id: '1' });
  expect(workers).toHaveLength(2);
  await turn();
  workers[1]!.terminate();
});

test('so do a pending cancel, and a call after an unnoticed death', async () => {
  const { client, workers } = setUp();
  await client.cancel();
  expect(workers[0]!.api.cancels).toBe(1);
  workers[0]!.api.cancel = () => new Promise(() => {});
  const failed = expect(client.cancel()).rejects.toMatchObject({
    code: WORKER_DEAD,
    message: 'The scoring worker has crashed: out of memory.',
  });
  workers[0]!.dispatchEvent(Object.assign(new Event('error'), { message: 'out of memory.' }));
  await failed;
  await client.cancel();
  expect(workers).toHaveLength(2);
  workers[1]!.dispatchEvent(new Event('messageerror'));
  expect(await client.readRow(1)).toMatchObject({ id: '1' });
  expect(workers).toHaveLength(3);
  workers[2]!.terminate();
});
