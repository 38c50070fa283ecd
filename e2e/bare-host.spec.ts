import { createReadStream, existsSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { toKaggleCsv } from '../src/csv/kaggle.ts';
import { makeRows } from '../test/run/helpers.ts';
import { largestDifference, scoreInNode } from './compare.ts';
import { chooseCsv, download, expect, modelReady, test } from './page.ts';

const dist = fileURLToPath(new URL('../dist', import.meta.url));
const TYPES: Record<string, string> = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.wasm': 'application/wasm',
  '.json': 'application/json',
};

let server: Server;

/** The plainest of hosts: files with their types, under a path of its own; no headers of ours, no ranges. */
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

test('on a host without headers and ranges everything works, with one thread', async ({ app }) => {
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
