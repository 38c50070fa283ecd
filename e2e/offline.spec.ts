import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test as base, expect, type Page } from '@playwright/test';
import { type AppHost, hostApp } from '../testing/browser/app-host.ts';
import { modelReady } from '../testing/browser/page.ts';
import { dist, reach, startWorker } from '../testing/browser/workers.ts';
import { serve } from '../testing/http-server.ts';

// The app with its service worker, on a host that can be stopped.

const test = base.extend<{ host: AppHost }>({
  // biome-ignore lint/correctness/noEmptyPattern: Playwright reads the pattern
  host: async ({}, use) => {
    const host = await hostApp();
    await use(host);
    await host.stop();
  },
});
test.use({ serviceWorkers: 'allow' });

/** Opens the app and waits until it can work without its host. */
async function visit(page: Page, host: AppHost): Promise<void> {
  await page.goto(host.url);
  await modelReady(page);
  await page.evaluate(() => navigator.serviceWorker.ready);
}

async function scoreExample(page: Page): Promise<string> {
  await page.getByRole('button', { name: 'Try the example' }).click();
  await page.getByRole('button', { name: 'Start' }).click();
  // Starting asks first if the run is already saved.
  const again = page.getByRole('alertdialog').getByRole('button', { name: 'Start again' });
  const pause = page.getByRole('button', { name: 'Pause' });
  await expect(again.or(pause).first()).toBeVisible();
  if (await again.isVisible()) await again.click();
  const download = page.waitForEvent('download');
  await page.getByRole('button', { name: 'Download submission.csv' }).click({ timeout: 120_000 });
  return readFileSync((await (await download).path())!, 'utf8');
}

/** The number of open pages, counted by the app itself. */
function openPages(page: Page): Promise<number> {
  return page.evaluate(async () => {
    const { held = [] } = await navigator.locks.query();
    return held.filter(({ name }) => name?.startsWith('tiebreak-page')).length;
  });
}

test('the app works with its server stopped, as isolated and as confined as before', async ({
  page,
  host,
}) => {
  const faults: string[] = [];
  page.on('pageerror', (error) => faults.push(error.message));
  await visit(page, host);
  const expected = await scoreExample(page);
  await host.stop();
  await page.reload();
  await modelReady(page);
  expect(await page.evaluate(() => crossOriginIsolated)).toBe(true);
  expect(await scoreExample(page)).toBe(expected);

  // The policy of a worker comes with its script, even from the cache.
  const other = await serve((_, response) => {
    response.setHeader('Access-Control-Allow-Origin', '*');
    response.writeHead(200).end('hello');
  });
  expect(await page.evaluate(reach, other.url.href)).toBe('refused');
  const runs = await startWorker(page, 'assets/run.worker');
  expect(await runs.evaluate(reach, other.url.href)).toBe('refused');
  const imports = await startWorker(page, 'import/packages.worker');
  expect(await imports.evaluate(reach, other.url.href)).toBe('hello');
  await other.close();
  // The browser takes a moment to drop the closed page.
  await page.waitForTimeout(1000);

  // Nothing of another origin is stored.
  const stored = await page.evaluate(async () => {
    const urls: string[] = [];
    for (const name of await caches.keys()) {
      for (const { url } of await (await caches.open(name)).keys()) urls.push(url);
    }
    return urls;
  });
  expect(stored.filter((url) => !url.startsWith(host.url))).toEqual([]);
  expect(stored).toContain(host.url);

  // Missing pages lead to the app.
  await page.goto(`${host.url}no/such/page`);
  await modelReady(page);
  expect(page.url()).toBe(host.url);
  expect(faults).toEqual([]);
  await host.start();
});

test('ranges are answered out of whole files', async ({ page, host }) => {
  await visit(page, host);
  await host.stop();
  await page.reload();
  const file = readFileSync(join(dist, 'models/demo/tokenizer_config.json'));
  const { length } = file;
  const ask = (range: string | null) =>
    page.evaluate(async (header) => {
      const headers = header === null ? undefined : { Range: header };
      const response = await fetch('models/demo/tokenizer_config.json', { headers });
      return {
        status: response.status,
        range: response.headers.get('content-range'),
        size: response.headers.get('content-length'),
        type: response.headers.get('content-type'),
        text: await response.text(),
      };
    }, range);
  const text = (start: number, end: number) => file.subarray(start, end).toString();
  const common = { type: 'application/json' };
  expect(await ask(null)).toMatchObject({ ...common, status: 200, text: text(0, length) });
  expect(await ask('bytes=0-1')).toEqual({
    ...common,
    status: 206,
    range: `bytes 0-1/${length}`,
    size: '2',
    text: text(0, 2),
  });
  expect(await ask(`bytes=10-${length + 99}`)).toMatchObject({
    status: 206,
    range: `bytes 10-${length - 1}/${length}`,
    text: text(10, length),
  });
  expect(await ask(`bytes=${length}-`)).toMatchObject({
    status: 416,
    range: `bytes */${length}`,
    text: '',
  });
  await host.start();
});

/** Publishes a new version: another page with its service worker. */
function publish(host: AppHost): void {
  const hash = (bytes: string) => createHash('sha256').update(bytes).digest('base64');
  const page = readFileSync(join(dist, 'index.html'), 'utf8');
  const next = page.replace('<title>', '<title>New ');
  const script = readFileSync(join(dist, 'sw.js'), 'utf8');
  const version = /version:`([^`]+)`/.exec(script)![1]!;
  host.replaced.set('index.html', Buffer.from(next));
  host.replaced.set(
    'sw.js',
    Buffer.from(script.replace(hash(page), hash(next)).replace(version, 'next')),
  );
}

test('a new version comes at the next load, and not while another tab is open', {
  tag: '@slow',
}, async ({ page, host, context }) => {
  await visit(page, host);
  await page.reload();
  const before = await page.title();
  publish(host);
  const installed = (at: Page) =>
    at.evaluate(async () => {
      const registration = (await navigator.serviceWorker.getRegistration())!;
      await registration.update();
      for (let i = 0; registration.waiting === null && i < 200; i += 1) {
        await new Promise((done) => setTimeout(done, 50));
      }
      return registration.waiting !== null;
    });
  expect(await installed(page)).toBe(true);
  expect(await page.title()).toBe(before);

  // This tab could be in the middle of a run.
  const other = await context.newPage();
  await other.goto(host.url);
  await modelReady(other);
  expect(await other.title()).toBe(before);
  await other.reload();
  await modelReady(other);
  expect(await other.title()).toBe(before);
  await other.close();
  // The browser takes a moment to drop the closed page.
  await expect.poll(() => openPages(page)).toBe(1);

  await page.reload();
  await expect(page).toHaveTitle(`New ${before}`);
  await modelReady(page);
  expect(await page.evaluate(() => caches.keys())).toEqual(['tiebreak / next']);
  await host.stop();
  await page.reload();
  await modelReady(page);
  expect(await page.title()).toBe(`New ${before}`);
  await host.start();
});

test('a version whose files do not fit together is not taken', { tag: '@slow' }, async ({
  page,
  host,
}) => {
  await visit(page, host);
  const before = await page.title();
  publish(host);
  host.replaced.delete('index.html');
  await page.evaluate(async () => {
    const registration = (await navigator.serviceWorker.getRegistration())!;
    await registration.update();
    const { installing } = registration;
    if (installing === null) return;
    await new Promise<void>((done) => {
      installing.addEventListener('statechange', () => {
        if (installing.state === 'redundant') done();
      });
    });
  });
  await page.reload();
  await modelReady(page);
  expect(await page.title()).toBe(before);
});
