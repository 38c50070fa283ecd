import { type Endpoint, expose } from 'comlink';
import { expect, test } from 'vitest';
import { createClient, WORKER_DEAD, type WorkerLike } from '../../src/app/client.ts';
import { DEFAULT_SETTINGS } from '../../src/core/settings.ts';
import type { RunEvent } from '../../src/run/events.ts';
import { FakeApi, runSummary, turn } from './fake-api.ts';

/** A worker on this thread, behind a real message channel. */
class FakeWorker extends EventTarget {
  readonly api = new FakeApi();
  terminated = false;
  private readonly channel = new MessageChannel();

  constructor() {
    super();
    expose(this.api, this.channel.port2 as Endpoint);
    this.channel.port1.onmessage = ({ data, ports }) =>
      this.dispatchEvent(new MessageEvent('message', { data, ports: [...ports] }));
  }

  postMessage(message: unknown, transfer: Transferable[] = []): void {
    this.channel.port1.postMessage(message, transfer);
  }

  terminate(): void {
    this.terminated = true;
    this.channel.port1.close();
  }
}

function setUp() {
  const workers: FakeWorker[] = [];
  const client = createClient(() => {
    const worker = new FakeWorker();
    workers.push(worker);
    return worker as unknown as WorkerLike;
  });
  return { client, workers };
}

const request = { adapter: null, settings: DEFAULT_SETTINGS };

test('values come back as values and errors as TiebreakErrors', async () => {
  const { client, workers } = setUp();
  expect(await client.readRow(7)).toMatchObject({ id: '7', prompt: ['p'] });
  const [worker] = workers;
  worker!.api.exported = {
    ok: false,
    error: { code: 'run/not-ready', message: 'No.', place: { row: 3 } },
  };
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

test('a worker that dies rejects what is pending, and the next call starts another', async () => {
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
