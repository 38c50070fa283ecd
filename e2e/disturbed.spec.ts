import { writeFileSync } from 'node:fs';
import type { Page } from '@playwright/test';
import { toKaggleCsv } from '../src/data/csv/kaggle.ts';
import {
  chooseCsv,
  continueButton,
  download,
  dropFile,
  expect,
  modelReady,
  test,
} from '../testing/browser/page.ts';
import { makeRows } from '../testing/runs.ts';

// Disturbances of a run: files that change, a disk that fills up, other tabs, a model that is deleted.

const words = (page: Page) => page.getByText('Drop test.csv here');
const someRows = (page: Page) => page.getByText(/^[1-9][\d,]* of [\d,]+ rows$/);
const start = (page: Page) => page.getByRole('button', { name: 'Start', exact: true }).click();

async function cancelled(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Cancel' }).click();
  await expect(page.getByText(/^Cancelled/).first()).toBeVisible();
}

/** Reloads the page in the middle of a run. */
async function reloaded(page: Page): Promise<void> {
  page.once('dialog', (dialog) => void dialog.accept());
  await page.reload();
  await modelReady(page);
}

test('a file that changes between two sessions is not taken for the one that was', {
  tag: '@slow',
}, async ({ app }) => {
  const content = toKaggleCsv(makeRows(1500, 9));
  await modelReady(app);
  const path = await dropFile(app, words(app), content);
  await start(app);
  await expect(someRows(app)).toBeVisible({ timeout: 60_000 });
  await reloaded(app);
  // The same length, so that only the bytes differ.
  writeFileSync(path, content.replace('rain', 'snow'));
  await continueButton(app).click();
  const differs = app.getByText('This file’s content differs from the one that was scored.');
  await expect(differs.first()).toBeVisible({ timeout: 30_000 });
  writeFileSync(path, content);
  await continueButton(app).click();
  await expect(someRows(app)).toBeVisible({ timeout: 60_000 });
  await cancelled(app);
});

test('a file that changes during a run stops it by name, and finished rows are kept', {
  tag: '@slow',
}, async ({ app }) => {
  // The file is read a quarter of a million tokens ahead, so it must be long; a busy machine takes minutes.
  test.setTimeout(600_000);
  const content = toKaggleCsv(makeRows(3000, 9));
  await modelReady(app);
  const path = await dropFile(app, words(app), content);
  await start(app);
  await expect(someRows(app)).toBeVisible({ timeout: 60_000 });
  writeFileSync(path, content.replace('rain', 'snow'));
  await expect(app.getByText(/^test\.csv changed or became unreadable/).first()).toBeVisible({
    timeout: 500_000,
  });
  await expect(app.getByText(/^[1-9][\d,]* of 3,000 rows · unfinished$/)).toBeVisible();
  await expect(app.getByRole('button', { name: 'Download finished rows' })).toBeEnabled();
});

test('a disk that fills up in the middle of a run pauses it, and nothing is lost', async ({
  app,
}) => {
  const content = toKaggleCsv(makeRows(60, 22));
  await app.goto('./with-options.html?batch-tokens=512');
  await modelReady(app);
  await chooseCsv(app, { name: 'test.csv', content });
  await start(app);
  await expect(someRows(app)).toBeVisible({ timeout: 60_000 });
  const session = await app.context().newCDPSession(app);
  const { origin } = new URL(app.url());
  await session.send('Storage.overrideQuotaForOrigin', { origin, quotaSize: 1 });
  const note = app.getByText('Paused: finished rows cannot be saved.');
  await expect(note).toBeVisible({ timeout: 60_000 });
  await session.send('Storage.overrideQuotaForOrigin', { origin });
  await reloaded(app);
  await expect(app.getByText(/^[1-9]\d* of 60 rows · unfinished$/)).toBeVisible();
});

test('of two tabs that continue a run at once one does', { tag: '@slow' }, async ({ app }) => {
  const content = toKaggleCsv(makeRows(1500, 9));
  await modelReady(app);
  await dropFile(app, words(app), content);
  await start(app);
  await expect(someRows(app)).toBeVisible({ timeout: 60_000 });
  await reloaded(app);
  const other = await app.context().newPage();
  await other.goto('./');
  await modelReady(other);
  await Promise.all([continueButton(app).click(), continueButton(other).click()]);
  const pages = [app, other];
  const busy = (page: Page) => page.getByText('This run is in progress, perhaps in another tab.');
  await expect
    .poll(async () => Promise.all(pages.map((page) => busy(page).count())), { timeout: 60_000 })
    .toEqual(expect.arrayContaining([0, 1]));
  const winner = (await busy(app).count()) === 0 ? app : other;
  await winner.bringToFront();
  await expect(someRows(winner)).toBeVisible({ timeout: 60_000 });
  await cancelled(winner);
  await other.close();
});

test('storage that is cleared in the middle of a run stops it by name; without it the run goes on', {
  tag: '@slow',
}, async ({ app }) => {
  await app.goto('./with-options.html?batch-tokens=512');
  await modelReady(app);
  await chooseCsv(app, { name: 'test.csv', content: toKaggleCsv(makeRows(60, 22)) });
  await start(app);
  await expect(someRows(app)).toBeVisible({ timeout: 60_000 });
  const session = await app.context().newCDPSession(app);
  const { origin } = new URL(app.url());
  await session.send('Storage.clearDataForOrigin', { origin, storageTypes: 'all' });
  await expect(app.getByText('Paused: finished rows cannot be saved.')).toBeVisible({
    timeout: 60_000,
  });
  // A journal without its beginning is invalid, so there is nothing to continue.
  await app.getByRole('button', { name: 'Try again' }).click();
  await expect(app.getByText(/^journal cannot be written: .* could not be found/)).toBeVisible();
  await app.getByRole('button', { name: 'Continue without saving' }).click();
  await expect(app.getByText(/^60 rows scored in/).first()).toBeVisible({ timeout: 120_000 });
  expect((await download(app, 'Download submission.csv')).lines).toHaveLength(61);
});

test('a stored model cannot be deleted during a run, here or in another tab', {
  tag: '@slow',
}, async ({ app }) => {
  await modelReady(app);
  await storeDemo(app);
  await app.reload();
  await modelReady(app);
  const open = (page: Page) => page.locator('summary', { hasText: 'Your own model' }).click();
  await open(app);
  await app.getByRole('button', { name: /^Use Copy/ }).click();
  await expect(app.locator('.card-title', { hasText: /^Copy$/ })).toBeVisible({ timeout: 60_000 });
  await modelReady(app);
  await chooseCsv(app, { name: 'test.csv', content: toKaggleCsv(makeRows(1500, 9)) });
  await start(app);
  await expect(someRows(app)).toBeVisible({ timeout: 60_000 });
  await expect(app.getByRole('button', { name: /^Delete Copy/ })).toBeDisabled();
  const other = await app.context().newPage();
  await other.goto('./');
  await modelReady(other);
  await open(other);
  await other.getByRole('button', { name: /^Delete Copy/ }).click();
  await other.getByRole('alertdialog').getByRole('button', { name: 'Delete' }).click();
  await expect(other.getByText(/This model is in use, perhaps in another tab/)).toBeVisible({
    timeout: 60_000,
  });
  // That tab has the model of the last visit loaded, and keeps it.
  await expect(other.locator('.card-title', { hasText: /^Copy$/ })).toBeVisible();
  await expect(other.getByText('Runs on', { exact: true })).toBeVisible();
  await other.close();
  const before = await app.getByText(/ of 1,500 rows$/).textContent();
  await expect(app.getByText(/ of 1,500 rows$/)).not.toHaveText(before!, { timeout: 60_000 });
  await cancelled(app);
});

/** Stores the demo model as a package of the user, named `Copy`. */
async function storeDemo(page: Page): Promise<void> {
  await page.evaluate(async () => {
    const from = new URL('models/demo/', document.baseURI);
    const manifest = await (await fetch(new URL('tiebreak.json', from))).json();
    const root = await navigator.storage.getDirectory();
    const packages = await root.getDirectoryHandle('packages', { create: true });
    const folder = await packages.getDirectoryHandle('copy-00000000', { create: true });
    const write = async (path: string, content: ArrayBuffer | string) => {
      const parts = path.split('/');
      const name = parts.pop()!;
      let parent = folder;
      for (const part of parts) parent = await parent.getDirectoryHandle(part, { create: true });
      const writable = await (await parent.getFileHandle(name, { create: true })).createWritable();
      await writable.write(content);
      await writable.close();
    };
    for (const path of Object.keys(manifest.files)) {
      await write(path, await (await fetch(new URL(path, from))).arrayBuffer());
    }
    await write('tiebreak.json', JSON.stringify({ ...manifest, name: 'Copy' }));
    const known = [{ id: 'copy-00000000', name: 'Copy', complete: true }];
    localStorage.setItem('tiebreak.packages', JSON.stringify(known));
  });
}
