import { createReadStream, existsSync, readdirSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { toKaggleCsv } from '../src/data/csv/kaggle.ts';
import { largestDifference, scoreInNode } from '../testing/browser/compare.ts';
import { chooseCsv, download, expect, modelReady, test } from '../testing/browser/page.ts';
import { makeRows } from '../testing/runs.ts';

const dist = fileURLToPath(new URL('../dist', import.meta.url));
const TYPES: Record<string, string> = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.wasm': 'application/wasm',
  '.json': 'application/json',
};

let server: Server;

/** The plainest of hosts: files with their types, under a subpath; without the app's headers, without ranges. */
test.use({
  // biome-ignore lint/correctness/noEmptyPattern: Playwright wants the pattern
  baseURL: async ({}, use) => {
    server = createServer((request, response) => {
      const path = request.url!.replace(/^\/some\/folder\//, '').split('?')[0] || 'index.html';
      const file = join(dist, decodeURIComponent(path));
      if (!existsSync(file)) {
        response.writeHead(404).end();
        return;
      }
      response.writeHead(200, { 'Content-Type': TYPES[extname(file)] ?? 'text/plain' });
      createReadStream(file).pipe(response);
    });
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    await use(`http://127.0.0.1:${(server.address() as AddressInfo).port}/some/folder/`);
    server.close();
  },
});

test('on a host without headers and ranges everything works, with one thread', {
  tag: '@slow',
}, async ({ app }) => {
  const csv = toKaggleCsv(makeRows(20, 3));
  await modelReady(app);
  expect(await app.evaluate(() => crossOriginIsolated)).toBe(false);
  await expect(app.getByText('CPU (WebAssembly, 1 thread)').first()).toBeVisible();
  await chooseCsv(app, { name: 'test.csv', content: csv });
  await app.getByRole('button', { name: 'Start' }).click();
  await expect(app.getByText(/^20 rows scored in/).first()).toBeVisible({ timeout: 120_000 });
  const { lines } = await download(app, 'Download submission.csv');
  expect(largestDifference(lines, scoreInNode(csv))).toBeLessThan(1e-4);
});

test.describe('with the service worker', () => {
  test.use({ serviceWorkers: 'allow' });

  test('threads from the second visit on; language, theme and texts from the footer', async ({
    app,
  }) => {
    await modelReady(app);
    await expect(app.getByText(/On this first visit the CPU uses one thread/)).toBeVisible();
    await app.evaluate(() => navigator.serviceWorker.ready);
    await app.reload();
    await modelReady(app);
    expect(await app.evaluate(() => crossOriginIsolated)).toBe(true);
    const script = readdirSync(join(dist, 'import'))[0]!;
    const policies = await app.evaluate(
      (url) => fetch(url).then(({ headers }) => headers.get('Content-Security-Policy')),
      `import/${script}`,
    );
    expect(policies).toContain('connect-src');

    // A reload would lose nothing on this page, so it reloads at once.
    await app.getByLabel('Theme').selectOption('Dark');
    await app.getByLabel('Language').selectOption('日本語');
    await expect(app).toHaveTitle('Tiebreak：人はどちらの回答を好むか');
    const ground = () =>
      app.evaluate(() => getComputedStyle(document.documentElement).backgroundColor);
    expect(await ground()).toBe('rgb(19, 21, 23)');
    await app.getByLabel('テーマ').selectOption('ライト');
    expect(await ground()).toBe('rgb(246, 246, 243)');
    for (const link of ['about/readme.txt', 'about/licence.txt', 'about/notice.txt']) {
      const answer = await app.request.get(link);
      expect([link, answer.status()]).toEqual([link, 200]);
    }
    const manifest = await (await app.request.get('manifest.webmanifest')).json();
    for (const { src } of manifest.icons) {
      expect((await app.request.get(src)).status()).toBe(200);
    }
  });
});
