import { existsSync, readFileSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { join } from 'node:path';
import { test as base, expect, type Page } from '@playwright/test';
import { chooseCsv, modelReady, withoutFilePicker } from '../testing/browser/page.ts';
import { dist } from '../testing/browser/workers.ts';
import { sendFile, serve, type TestServer } from '../testing/http-server.ts';

// Downloads a finished package from another origin into the built page: the demo model under another name.

const SLICE = 8 * 2 ** 20;
const SHARD = 'model-00001-of-00001.safetensors';
const example = join(dist, 'example.csv');
const NAME = 'Demo elsewhere';

/** Another origin with the package, and the test's control of it. */
interface Host extends TestServer {
  /** Answers a request instead of the host if it returns true. */
  mishap: ((request: IncomingMessage, response: ServerResponse) => boolean) | undefined;
}

const test = base.extend<{ host: Host; origins: Set<string>; app: Page }>({
  // biome-ignore lint/correctness/noEmptyPattern: Playwright reads the pattern
  host: async ({}, use) => {
    let host: Host | undefined;
    const files = join(dist, 'models/demo');
    const server = await serve((request, response) => {
      response.setHeader('Access-Control-Allow-Origin', '*');
      response.setHeader('Access-Control-Expose-Headers', 'Content-Range, ETag');
      if (host?.mishap?.(request, response)) return;
      const path = join(files, decodeURIComponent(request.url!.replace(/^\/a\/package/, '')));
      if (!request.url!.startsWith('/a/package/') || !existsSync(path)) {
        response.writeHead(404).end();
        return;
      }
      const bytes = readFileSync(path);
      if (!path.endsWith('tiebreak.json')) sendFile(request, response, bytes);
      else {
        const manifest = { ...JSON.parse(bytes.toString()), name: NAME };
        sendFile(request, response, Buffer.from(JSON.stringify(manifest)));
      }
    });
    host = { ...server, mishap: undefined };
    await use(host);
    await server.close();
  },
  /** Every origin from which the page and its workers requested something. */
  origins: async ({ context }, use) => {
    const origins = new Set<string>();
    context.on('request', (request) => {
      if (!request.url().startsWith('blob:')) origins.add(new URL(request.url()).origin);
    });
    await use(origins);
  },
  app: async ({ page, origins, baseURL }, use) => {
    await page.addInitScript(withoutFilePicker);
    // The test leaves the page in the middle on purpose.
    page.on('dialog', (dialog) => void dialog.accept());
    await page.goto('./');
    await modelReady(page);
    expect([...origins]).toEqual([new URL(baseURL!).origin]);
    await use(page);
  },
});

const open = (page: Page) => page.locator('summary', { hasText: 'Your own model' }).click();
const stored = (page: Page) =>
  page.getByRole('region', { name: 'Your own model' }).locator('.stored-item', { hasText: NAME });

/** Enters the address of the package and waits until the page recognises it. */
async function name(page: Page, host: Host): Promise<void> {
  await open(page);
  const field = page.getByLabel('Or a Hugging Face repository or web address').first();
  await field.fill(`${host.url.href}a/package`);
  await field.press('Enter');
  await expect(page.getByText('This address has a finished package.')).toBeVisible();
}

/** Scores the example with the loaded model. @returns the submission. */
async function scoreExample(page: Page): Promise<string> {
  await chooseCsv(page, example);
  await page.getByRole('button', { name: 'Start' }).click();
  const download = page.waitForEvent('download');
  await page.getByRole('button', { name: 'Download submission.csv' }).click({ timeout: 120_000 });
  return readFileSync((await (await download).path())!, 'utf8');
}

/** Changes a byte of a stored file without the page's knowledge, or removes the file. */
async function harm(page: Page, file: string, at: number | 'all'): Promise<void> {
  await page.evaluate(
    async ([path, byte]) => {
      const root = await navigator.storage.getDirectory();
      const packages = await root.getDirectoryHandle('packages');
      for await (const folder of packages.values()) {
        const directory = folder as FileSystemDirectoryHandle;
        if (byte === 'all') {
          await directory.removeEntry(path);
          continue;
        }
        const handle = await directory.getFileHandle(path);
        const old = new Uint8Array(
          await (await handle.getFile()).slice(byte, byte + 1).arrayBuffer(),
        );
        const writable = await handle.createWritable({ keepExistingData: true });
        await writable.write({
          type: 'write',
          position: byte,
          data: Uint8Array.of(old[0]! ^ 1),
        });
        await writable.close();
      }
    },
    [file, at] as const,
  );
}

test('a package is downloaded over a reload, scores, and is repaired by its damaged slices alone', {
  tag: '@slow',
}, async ({ app: page, host, origins, baseURL }) => {
  const expected = await scoreExample(page);
  await name(page, host);
  // The second slice of the weights stalls.
  const stalled = new Promise<void>((resolve) => {
    host.mishap = ({ url, headers }) => {
      const waits = url!.endsWith(SHARD) && headers.range?.startsWith(`bytes=${SLICE}-`) === true;
      if (waits) resolve();
      return waits;
    };
  });
  await page.getByRole('button', { name: 'Download', exact: true }).click();
  await stalled;
  await expect(page.getByText(`Downloading: ${SHARD}`)).toBeVisible();
  await page.reload();
  await modelReady(page);
  host.mishap = undefined;
  host.requests.length = 0;
  // Visible while the card is folded.
  await expect(
    page.getByText(/^A download of Demo elsewhere is waiting: \d+ % written$/),
  ).toBeVisible();
  await open(page);
  await page.getByRole('button', { name: `Continue with ${NAME}` }).click();
  await expect(stored(page).getByText('Downloaded and checked')).toBeVisible({ timeout: 60_000 });
  await modelReady(page);
  const again = host.requests.filter((line) => !line.includes('tiebreak.json'));
  // Received parts are not requested again: small files, and the first slice of the weights.
  expect(again.filter((line) => !line.includes(SHARD) && !line.includes('tokenizer.json'))).toEqual(
    [],
  );
  expect(again).not.toContain(`GET /a/package/${SHARD} bytes=0-${SLICE - 1}`);
  expect(again).toContain(`GET /a/package/${SHARD} bytes=${SLICE}-${2 * SLICE - 1}`);
  expect(await scoreExample(page)).toBe(expected);
  expect([...origins].sort()).toEqual([host.url.origin, new URL(baseURL!).origin].sort());

  await harm(page, SHARD, SLICE + 5);
  host.requests.length = 0;
  await page.getByRole('button', { name: `Verify ${NAME}` }).click();
  const error = stored(page).getByRole('alert');
  await expect(error).toContainText(
    `Damaged: ${SHARD} in 1 part (bytes ${SLICE} to ${2 * SLICE - 1})`,
  );
  expect(host.requests).toEqual([]);
  await error.getByRole('button', { name: `Repair ${NAME}` }).click();
  await expect(stored(page).getByText('Repaired: all files are intact now.')).toBeVisible({
    timeout: 60_000,
  });
  expect(host.requests.filter((line) => !line.includes('tiebreak.json'))).toEqual([
    `GET /a/package/${SHARD} bytes=0-1`,
    `GET /a/package/${SHARD} bytes=${SLICE}-${2 * SLICE - 1}`,
  ]);
  await page.getByRole('button', { name: `Verify ${NAME}` }).click();
  await expect(stored(page).getByText('Every file is intact.')).toBeVisible({
    timeout: 60_000,
  });

  // The list notices a file that the browser deleted, and fetches it again.
  await harm(page, 'tokenizer.json', 'all');
  await page.reload();
  await modelReady(page);
  await open(page);
  await expect(stored(page).getByText('tokenizer.json is missing or incomplete')).toBeVisible();
  await expect(page.getByRole('button', { name: `Use ${NAME}` })).toHaveCount(0);
  await page.getByRole('button', { name: `Repair ${NAME}` }).click();
  await expect(page.getByRole('button', { name: `Use ${NAME}` })).toBeVisible({ timeout: 60_000 });

  // A download in another tab appears without a reload.
  await page.evaluate(async () => {
    const root = await navigator.storage.getDirectory();
    const packages = await root.getDirectoryHandle('packages');
    await packages.getDirectoryHandle('begun-elsewhere', { create: true });
    new BroadcastChannel('tiebreak-packages').postMessage('changed');
  });
  await expect(page.locator('.stored-item', { hasText: 'begun-elsewhere' })).toBeVisible();

  // The loss of all files is reported once.
  await page.evaluate(async () => {
    const root = await navigator.storage.getDirectory();
    await root.removeEntry('packages', { recursive: true });
  });
  await page.reload();
  await open(page);
  await expect(page.getByText(`The browser has deleted ${NAME}.`)).toBeVisible();
});

test('a package without room is refused before anything is written, and a checkpoint is none', async ({
  app: page,
  host,
}) => {
  await name(page, host);
  const worker = page.workers().find((one) => one.url().includes('packages.worker'))!;
  // Chromium reports a quota that a test sets only when it is too late.
  await worker.evaluate(() => {
    navigator.storage.estimate = async () => ({ quota: 5_000_000, usage: 0 });
  });
  const address = page.getByLabel('Or a Hugging Face repository or web address').first();
  await address.fill(`${host.url.href}a/package/`);
  await address.press('Enter');
  await expect(page.getByText(/^Space: .* more than this browser may store/)).toBeVisible();
  await expect(page.getByRole('button', { name: 'Download', exact: true })).toBeDisabled();
  expect(host.requests.filter((line) => !line.includes('tiebreak.json'))).toEqual([]);

  // Without tiebreak.json the address is tried as a checkpoint, which is missing too.
  await address.fill(`${host.url.href}nothing`);
  await address.press('Enter');
  await expect(page.getByText('has no file config.json')).toBeVisible();

  // An unreachable host is named by the address that the user gave, not by a file.
  await address.fill('http://localhost:1/models/mine');
  await address.press('Enter');
  const error = page.getByRole('alert').filter({ hasText: 'cannot be reached' });
  await expect(error).toContainText(
    'localhost:1 cannot be reached, so http://localhost:1/models/mine/ cannot be read.',
  );
  await expect(error).not.toContainText('tiebreak.json');
});
