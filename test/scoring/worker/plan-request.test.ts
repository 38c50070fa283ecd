import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { planOnCpu, planRequest } from '../../../src/scoring/worker/plan-request.ts';
import { root } from '../../../testing/command.ts';
import { FAST } from '../../../testing/gpu-facts.ts';
import { sendFile, serve } from '../../../testing/http-server.ts';

const demo = join(root, 'public/models/demo');

test('a model that was read once is planned without its host, for any length and its own adapter', async () => {
  const server = await serve((request, response) => {
    sendFile(request, response, readFileSync(join(demo, request.url!)));
  });
  const source = { kind: 'url', url: server.url.href } as const;
  const load = 7;
  const plan = await planRequest({ source, load, maxLength: 512 }, [FAST]);
  expect(plan).toMatchObject({ maxLength: 512, layers: 6, lanes: 'one' });
  // Only headers are read, almost nothing of 21 MB.
  expect(server.requests.length).toBeGreaterThan(0);
  expect(server.requests.join()).not.toMatch(/tokenizer|onnx/);
  await server.close();
  expect(await planRequest({ source, load, maxLength: 1024 }, [FAST], ['demo'])).toMatchObject({
    maxLength: 1024,
    gpus: [{ adapterBytes: plan.gpus[0]!.adapterBytes }],
  });
  const cpu = await planOnCpu({ source, load }, ['demo']);
  expect(cpu).toMatchObject({
    weightBytes: plan.gpus[0]!.weightBytes,
    adapterBytes: plan.gpus[0]!.adapterBytes,
    batchTokens: 4096,
  });
});

test('a model that could not be read is tried again', async () => {
  let down = true;
  const server = await serve((request, response) => {
    if (down) response.writeHead(404).end();
    else sendFile(request, response, readFileSync(join(demo, request.url!)));
  });
  const source = { kind: 'url', url: server.url.href } as const;
  await expect(planRequest({ source, load: 8 }, [FAST])).rejects.toMatchObject({
    code: /^storage/,
  });
  down = false;
  expect(await planRequest({ source, load: 8 }, [FAST])).toMatchObject({ layers: 6 });
  await server.close();
});

test('a load reads the headers once, and the next load reads them again', async () => {
  const changed = new Map<string, Uint8Array>();
  const server = await serve((request, response) => {
    const path = request.url!;
    sendFile(request, response, changed.get(path) ?? readFileSync(join(demo, path)));
  });
  // A new object each time, as from postMessage.
  const request = (load: number) =>
    structuredClone({ source: { kind: 'url', url: server.url.href } as const, load });
  const first = await planRequest(request(1), [FAST]);
  const { length } = server.requests;
  const again = [planRequest(request(1), [FAST], ['demo']), planRequest(request(1), [FAST])];
  expect(await Promise.all(again)).toEqual([first, first]);
  await planOnCpu(request(1));
  expect(server.requests).toHaveLength(length);
  changed.set('/config.json', new TextEncoder().encode('{}'));
  expect(await planRequest(request(1), [FAST])).toEqual(first);
  await expect(planRequest(request(2), [FAST])).rejects.toMatchObject({
    code: 'model/unsupported',
  });
  await server.close();
});
