import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { planCpu, planRequest } from '../../src/run/plan-request.ts';
import { root } from '../cli/command.ts';
import { FAST } from '../engine/facts.ts';
import { sendFile, serve } from '../storage/http-server.ts';

const demo = join(root, 'public/models/demo');

test('a model that was read once is planned without its host, for any length and its own adapter', async () => {
  const server = await serve((request, response) => {
    sendFile(request, response, readFileSync(join(demo, request.url!)));
  });
  const source = { kind: 'url', url: server.url.href } as const;
  const plan = await planRequest({ source, maxLength: 512 }, [FAST]);
  expect(plan).toMatchObject({ maxLength: 512, layers: 6, lanes: 'one' });
  // Headers, not weights: of 21 MB nearly nothing is read.
  expect(server.requests.length).toBeGreaterThan(0);
  expect(server.requests.join()).not.toMatch(/tokenizer|onnx/);
  await server.close();
  expect(await planRequest({ source, maxLength: 1024 }, [FAST], ['demo'])).toMatchObject({
    maxLength: 1024,
    gpus: [{ adapterBytes: plan.gpus[0]!.adapterBytes }],
  });
  const cpu = await planCpu({ source }, ['demo']);
  expect(cpu).toEqual({ weightBytes: 841_728, adapterBytes: plan.gpus[0]!.adapterBytes });
});

test('a model that could not be read is tried again', async () => {
  let down = true;
  const server = await serve((request, response) => {
    if (down) response.writeHead(404).end();
    else sendFile(request, response, readFileSync(join(demo, request.url!)));
  });
  const source = { kind: 'url', url: server.url.href } as const;
  await expect(planRequest({ source }, [FAST])).rejects.toMatchObject({ code: /^storage/ });
  down = false;
  expect(await planRequest({ source }, [FAST])).toMatchObject({ layers: 6 });
  await server.close();
});
