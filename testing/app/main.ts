import { startApp } from '../../src/app/start.tsx';
import { createClient, type RunClient, spawnRunWorker } from '../../src/app/state/client.ts';
import { findGpus } from '../../src/engine/device/gpus.ts';
import type { ModelRequest } from '../../src/scoring/lanes/model-request.ts';

// The page with options that browser tests need and users do not, read from the address: `two-gpus` (see
// two-gpus.worker.ts), `batch-tokens=N` for each batch of a run, `gpu-bytes=N` as the budget of each GPU.

const query = new URLSearchParams(location.search);
const batchTokens = numberOf('batch-tokens');
const gpuBytes = numberOf('gpu-bytes');

const client = createClient(query.has('two-gpus') ? spawnTwoGpus : spawnRunWorker);
const budgets =
  gpuBytes === undefined
    ? {}
    : Object.fromEntries((await findGpus(navigator.gpu)).map(({ name }) => [name, gpuBytes]));
const bounded = (request: ModelRequest) => ({
  ...request,
  budgets: { ...request.budgets, ...budgets },
});
const changed: Partial<RunClient> = {
  start: (request, onEvents) => client.start({ ...request, batchTokens }, onEvents),
  loadModel: (request, onProgress) => client.loadModel(bounded(request), onProgress),
  planModel: (request, adapters) => client.planModel(bounded(request), adapters),
};
startApp(
  new Proxy(client, {
    get: (methods, name) => Reflect.get(name in changed ? changed : methods, name),
  }),
);

function numberOf(name: string): number | undefined {
  const text = query.get(name);
  return text === null ? undefined : Number(text);
}

function spawnTwoGpus(): Worker {
  return new Worker(new URL('./two-gpus.worker.ts', import.meta.url), { type: 'module' });
}
