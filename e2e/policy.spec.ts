import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, type Page, test, type Worker as WorkerOfPage } from '@playwright/test';
import { serve, type TestServer } from '../test/storage/http-server.ts';

// What the built page and its workers can reach. The policy of a worker is that of its own script's answer.

const dist = fileURLToPath(new URL('../dist/', import.meta.url));

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

/** Run in the page or in a worker: what an address answers, or that it cannot be reached. */
function reach(url: string): Promise<string> {
  return fetch(url).then(
    (response) => response.text(),
    () => 'refused',
  );
}

/** Run in a worker: may text become code? In a timer, since what a test evaluates itself is exempt. */
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

/** Starts a built worker, as the page does. */
async function start(page: Page, name: string): Promise<WorkerOfPage> {
  const [folder, file] = name.split('/') as [string, string];
  const scripts = readdirSync(dist + folder).filter((script) => script.startsWith(`${file}-`));
  expect(scripts).toHaveLength(1);
  const starting = page.waitForEvent('worker', (worker) => worker.url().endsWith(scripts[0]!));
  await page.evaluate((url) => {
    new Worker(url, { type: 'module' });
  }, `/${folder}/${scripts[0]}`);
  return starting;
}

test('the page reaches no other host', async ({ page }) => {
  expect(await page.evaluate(reach, host.url.href)).toBe('refused');
  expect(host.requests).toEqual([]);
});

for (const [name, may] of [
  ['assets/run.worker', false],
  ['assets/engine.worker', false],
  ['assets/tokenizer.worker', false],
  ['import/packages.worker', true],
] as const) {
  test(`${name} reaches ${may ? 'the host that is named' : 'no other host'}`, async ({ page }) => {
    const worker = await start(page, name);
    expect(await worker.evaluate(reach, host.url.href)).toBe(may ? 'hello' : 'refused');
    expect(host.requests).toEqual(may ? ['GET /'] : []);
    expect(await worker.evaluate(reach, '/example.csv')).toContain('response_a');
    expect(await worker.evaluate(evaluateText)).toBe('EvalError');
  });
}

test('there are no other workers', () => {
  const workers = (folder: string) =>
    readdirSync(dist + folder).filter((script) => /\.worker-[^.]*\.js$/.test(script));
  expect(workers('assets')).toHaveLength(3);
  expect(workers('import')).toHaveLength(1);
});
