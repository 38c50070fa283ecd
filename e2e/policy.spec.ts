import { readdirSync } from 'node:fs';
import { expect, test } from '@playwright/test';
import { dist, reach, startWorker } from '../testing/browser/workers.ts';
import { serve, type TestServer } from '../testing/http-server.ts';

// The hosts that the built page and its workers can reach. The policy of a worker is that of its own script's response.

let host: TestServer;
test.beforeAll(async () => {
  host = await serve((_, response) => {
    response.setHeader('Access-Control-Allow-Origin', '*');
    response.writeHead(200).end('hello');
  });
});
test.afterAll(() => host.close());
test.beforeEach(async ({ page }) => {
  host.requests.length = 0;
  await page.goto('/');
});

/** Runs in a worker: tries to turn text into code. In a timer, since the test's own evaluation is exempt. */
function evaluateText(): Promise<string> {
  return new Promise((resolve) => {
    setTimeout(() => {
      try {
        resolve(new Function('return "code"')());
      } catch (thrown) {
        resolve((thrown as Error).name);
      }
    });
  });
}

test('the page reaches no other host', async ({ page }) => {
  expect(await page.evaluate(reach, host.url.href)).toBe('refused');
  expect(host.requests).toEqual([]);
});

for (const [name, may] of [
  ['assets/run.worker', false],
  ['assets/engine.worker', false],
  ['assets/tokenizer.worker', false],
  ['assets/table.worker', false],
  ['assets/figures.worker', false],
  ['import/packages.worker', true],
] as const) {
  test(`${name} reaches ${may ? 'the host that is named' : 'no other host'}`, async ({ page }) => {
    const worker = await startWorker(page, name);
    expect(await worker.evaluate(reach, host.url.href)).toBe(may ? 'hello' : 'refused');
    expect(host.requests).toEqual(may ? ['GET /'] : []);
    expect(await worker.evaluate(reach, '/example.csv')).toContain('response_a');
    expect(await worker.evaluate(evaluateText)).toBe('EvalError');
  });
}

test('there are no other workers', () => {
  const workers = (folder: string) =>
    readdirSync(dist + folder).filter((script) => /\.worker-[^.]*\.js$/.test(script));
  expect(workers('assets')).toHaveLength(5);
  expect(workers('import')).toHaveLength(1);
});

test.describe('with the service worker', () => {
  test.use({ serviceWorkers: 'allow' });

  test('it reaches no other host, and what it does not answer keeps its policy', async ({
    page,
    context,
  }) => {
    const starting = context.serviceWorkers()[0] ?? context.waitForEvent('serviceworker');
    const worker = await starting;
    await page.evaluate(() => navigator.serviceWorker.ready);
    expect(await worker.evaluate(reach, host.url.href)).toBe('refused');
    expect(host.requests).toEqual([]);
    expect(await worker.evaluate(reach, '/example.csv')).toContain('response_a');
    // The page under the service worker reaches no more than before.
    await page.reload();
    expect(await page.evaluate(() => navigator.serviceWorker.controller !== null)).toBe(true);
    expect(await page.evaluate(reach, host.url.href)).toBe('refused');
    const runs = await startWorker(page, 'assets/run.worker');
    expect(await runs.evaluate(reach, host.url.href)).toBe('refused');
    expect(host.requests).toEqual([]);
    const imports = await startWorker(page, 'import/packages.worker');
    expect(await imports.evaluate(reach, host.url.href)).toBe('hello');
    expect(host.requests).toEqual(['GET /']);
  });
});
