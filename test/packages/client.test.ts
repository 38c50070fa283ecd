import { expect, test } from 'vitest';
import type { BuildProgress } from '../../src/import/build.ts';
import { createPackagesClient, PACKAGES_WORKER_DEAD } from '../../src/packages/client.ts';
import type { WorkerLike } from '../../src/rpc/remote.ts';
import { FakePackages, importPlan, storedPackage } from '../../testing/fake-packages.ts';
import { FakeWorker } from '../../testing/fake-worker.ts';

const SHIPPED = 'http://localhost/models/demo/';
const request = {
  name: 'gemma',
  base: { kind: 'remote', address: 'google/gemma-2-9b' } as const,
  adapters: [],
};

function setUp() {
  const workers: FakeWorker<FakePackages>[] = [];
  const client = createPackagesClient(() => {
    const worker = new FakeWorker(new FakePackages());
    workers.push(worker);
    return worker as unknown as WorkerLike;
  }, SHIPPED);
  return { client, workers };
}

test('no worker starts before it is needed, not even to cancel', async () => {
  const { client, workers } = setUp();
  await client.cancel();
  expect(workers).toHaveLength(0);
  expect(await client.list()).toEqual([]);
  await client.cancel();
  expect(workers).toHaveLength(1);
  expect(workers[0]!.api.cancels).toBe(1);
  workers[0]!.terminate();
});

test('values, errors and progress come through', async () => {
  const { client, workers } = setUp();
  const planning = client.plan(request, 'token');
  await expect.poll(() => workers[0]?.api.plans.length).toBe(1);
  const { api } = workers[0]!;
  // Every import may use the shipped tokenizer.
  expect(api.plans[0]!.args).toEqual({
    request: { ...request, shippedTokenizer: SHIPPED },
    token: 'token',
  });
  await api.plans[0]!.answer(importPlan());
  expect(await planning).toEqual(importPlan());

  const seen: BuildProgress[] = [];
  const importing = client.start(request, null, 'id-1', (progress) => seen.push(progress));
  await expect.poll(() => api.starts.length).toBe(1);
  api.starts[0]!.send({ step: 'weights', done: 1, total: 2, what: 'model.norm.weight' });
  await expect.poll(() => seen.length).toBe(1);
  await api.starts[0]!.answer(storedPackage('id-1'));
  expect(await importing).toMatchObject({ id: 'id-1' });

  const verifying = client.verify('id-1', () => undefined);
  const failed = expect(verifying).rejects.toMatchObject({
    name: 'TiebreakError',
    place: { file: 'model.onnx' },
  });
  await expect.poll(() => api.verifies.length).toBe(1);
  const place = { file: 'model.onnx' };
  await api.verifies[0]!.fail({ code: 'package/damaged', message: 'It differs.', place });
  await failed;
  workers[0]!.terminate();
});

test('the death of a worker rejects pending calls, and the next call starts another', async () => {
  const { client, workers } = setUp();
  const importing = client.start(request, null, null, () => undefined);
  const failed = expect(importing).rejects.toMatchObject({
    code: PACKAGES_WORKER_DEAD,
    message: 'The worker that stores models has crashed: out of memory.',
  });
  await expect.poll(() => workers[0]?.api.starts.length).toBe(1);
  workers[0]!.dispatchEvent(Object.assign(new Event('error'), { message: 'out of memory.' }));
  await failed;
  expect(workers[0]!.terminated).toBe(true);
  expect(await client.list()).toEqual([]);
  expect(workers).toHaveLength(2);
  workers[1]!.terminate();
});
