import { readFileSync } from 'node:fs';
import type { Page } from '@playwright/test';
import { toKaggleCsv } from '../src/data/csv/kaggle.ts';
import { readJournal, rowsDoneOf } from '../src/scoring/journal/journal.ts';
import { KillableBrowser } from '../testing/browser/killable.ts';
import {
  chooseAdapter,
  chooseCsv,
  continueButton,
  continueWith,
  download,
  dropFile,
  expect,
  modelReady,
  openSettings,
  startAgain,
  test,
} from '../testing/browser/page.ts';
import { makeRows } from '../testing/runs.ts';
import { random } from '../testing/synthetic.ts';

async function fetched(page: Page): Promise<string> {
  return (await download(page, 'Download submission.csv')).lines.join('\n');
}

test('a browser that is killed in the middle of a run goes on where it was, byte for byte', {
  tag: '@slow',
}, async ({ baseURL }) => {
  // bench/kill-page.ts does this 50 times.
  test.setTimeout(300_000);
  const rows = 300;
  const content = toKaggleCsv(makeRows(rows, 21));
  const scored = /^300 rows scored in/;
  const uniform = random(7);
  const browser = new KillableBrowser();
  try {
    let page = await browser.open(baseURL!);
    await modelReady(page);
    await chooseCsv(page, { name: 'test.csv', content });
    await page.getByRole('button', { name: 'Start' }).click();
    await expect(page.getByText(scored).first()).toBeVisible({ timeout: 120_000 });
    const undisturbed = await fetched(page);
    await startAgain(page);
    let before = 0;
    for (let kill = 0; kill < 3; kill += 1) {
      // The kill waits for rows, not for a time, since a fast machine would end the run before it.
      const wanted = before + (uniform() * rows) / 6;
      await expect
        .poll(() => rowsShown(page), { timeout: 60_000, intervals: [20] })
        .toBeGreaterThan(wanted);
      const shown = await rowsShown(page);
      await browser.kill();

      page = await browser.open(baseURL!);
      await expect(page.getByText(/^\d+ of 300 rows · unfinished$/)).toBeVisible();
      const kept = leadingNumber(await page.getByText(/ of 300 rows · unfinished/).textContent());
      // Every finished row that the page showed is saved.
      expect(kept).toBeGreaterThanOrEqual(shown);
      expect(kept).toBeGreaterThan(before);
      before = kept;
      await continueWith(page, content);
    }
    await expect(page.getByText(scored).first()).toBeVisible({ timeout: 120_000 });
    expect(await fetched(page)).toBe(undisturbed);
    await page.reload();
    await modelReady(page);
    await expect(page.getByText(/^300 rows · complete/)).toHaveCount(2);
    await expect(page.getByText(/^300 rows · complete · downloaded/)).toHaveCount(2);
  } finally {
    await browser.remove();
  }
});

function leadingNumber(text: string | null): number {
  return Number(/^\d+/.exec(text ?? '')?.[0]);
}

async function rowsShown(page: Page): Promise<number> {
  return leadingNumber(await page.getByText(/^\d+ of \d+ rows$/).textContent());
}

/** Starts a run of 1,500 rows and leaves the page after some of them. */
async function interrupted(app: Page, content: string): Promise<void> {
  await modelReady(app);
  await chooseCsv(app, { name: 'test.csv', content });
  await app.getByRole('button', { name: 'Start' }).click();
  await expect(app.getByText(/^[1-9][\d,]* of 1,500 rows$/)).toBeVisible({ timeout: 60_000 });
  app.on('dialog', (dialog) => void dialog.accept());
  await app.reload();
  await expect(app.getByText(/of 1,500 rows · unfinished$/)).toBeVisible();
}

test('only the same file with the same settings is continued; another is named', {
  tag: '@slow',
}, async ({ app }) => {
  const content = toKaggleCsv(makeRows(1500, 9));
  await interrupted(app, content);
  await continueWith(app, toKaggleCsv(makeRows(20, 1)));
  const differs = app.getByText('This file’s content differs from the one that was scored.');
  await expect(differs.first()).toBeVisible();
  await expect(app.getByRole('button', { name: 'Choose test.csv' }).first()).toBeVisible();
  await expect(app.getByText('Drop test.csv here')).toBeVisible();

  // With the file open but other settings, the run is offered in the list and not beside Start.
  await chooseCsv(app, { name: 'renamed.csv', content });
  await expect(
    app.getByText(/^1,500 rows to score\. .*[\d,]+ of 1,500 rows are saved/),
  ).toBeVisible({
    timeout: 30_000,
  });
  const offer = app.getByRole('button', { name: 'Continue', exact: true });
  await expect(offer).toHaveCount(1);
  await openSettings(app);
  await app.getByText('Score both orders', { exact: true }).click();
  await expect(offer).toHaveCount(0);
  await continueButton(app).click();
  await expect(app.getByText(/^[1-9][\d,]* of 1,500 rows$/)).toBeVisible({ timeout: 60_000 });
  await expect(app.getByLabel('Score both orders')).not.toBeChecked();
  await app.getByRole('button', { name: 'Cancel' }).click();
  await expect(app.getByText(/^Cancelled/).first()).toBeVisible();

  await app.getByRole('button', { name: 'Delete the run of test.csv' }).click();
  await app.getByRole('alertdialog').getByRole('button', { name: 'Delete' }).click();
  await expect(app.getByText('Saved runs')).toHaveCount(0);
});

test('saved runs are compared and exported from their list', async ({ app }) => {
  const content = toKaggleCsv(makeRows(12, 9));
  await modelReady(app);
  await chooseCsv(app, { name: 'test.csv', content });
  const compare = app.getByRole('button', { name: 'Compare the run of test.csv' });
  await app.getByRole('button', { name: 'Start', exact: true }).click();
  await expect(app.getByText(/^12 rows · complete/)).toHaveCount(1, { timeout: 60_000 });
  // The only run of its file cannot be compared.
  await expect(compare).toHaveCount(0);
  await chooseAdapter(app, 'demo-b');
  await app.getByRole('button', { name: 'Start again' }).click();
  await expect(app.getByText(/^12 rows · complete/)).toHaveCount(2, { timeout: 60_000 });
  // The later run, which is on the page, comes first.
  await compare.nth(1).click();
  const heading = app.getByRole('heading', { name: 'Compare with another run' });
  await expect(heading).toBeInViewport();
  await expect(app.getByText(/^Compared with Tiebreak demo model, demo, /)).toBeVisible();
  await expect(app).toHaveURL(/#report$/);

  await app.getByRole('tab', { name: 'Score a file' }).click();
  await compare.first().click();
  await expect(heading).toBeInViewport();
  await app.getByRole('tab', { name: 'Score a file' }).click();
  const waiting = app.waitForEvent('download');
  await app.getByRole('button', { name: 'Export the run of test.csv' }).nth(1).click();
  const journal = await waiting;
  expect(journal.suggestedFilename()).toBe('test.csv.journal');
  const { header, batches } = readJournal(readFileSync(await journal.path()));
  expect(header).toMatchObject({ csv: { name: 'test.csv', rows: 12 }, adapters: ['demo'] });
  expect(rowsDoneOf({ batches })).toBe(12);
});

test('a pause stops computing until it ends, and shows in the title', async ({ app }) => {
  await modelReady(app);
  await chooseCsv(app, { name: 'test.csv', content: toKaggleCsv(makeRows(60, 9)) });
  await app.getByRole('button', { name: 'Start' }).click();
  await expect(app.getByText(/^[1-9]\d* of 60 rows$/)).toBeVisible({ timeout: 60_000 });
  await expect(app).toHaveTitle(/^\d+ % – Tiebreak/);
  await app.getByRole('button', { name: 'Pause' }).click();
  // The pause follows the batch in flight, which takes a while on a busy machine.
  await expect(app.getByText('Paused. Nothing is computed.')).toBeVisible({ timeout: 60_000 });
  await expect(app).toHaveTitle(/^Paused, \d+ % – /);
  const rows = await rowsShown(app);
  await app.waitForTimeout(1500);
  expect(await rowsShown(app)).toBe(rows);
  await app.getByRole('button', { name: 'Resume' }).click();
  await expect(app.getByText(/^60 rows scored in/).first()).toBeVisible({ timeout: 120_000 });
  await expect(app).toHaveTitle(/^Done – /);
});

test('a run that goes on in one tab is shown in another and cannot be touched there', {
  tag: '@slow',
}, async ({ app }) => {
  await modelReady(app);
  await chooseCsv(app, { name: 'test.csv', content: toKaggleCsv(makeRows(1500, 9)) });
  await app.getByRole('button', { name: 'Start' }).click();
  await expect(app.getByText(/^[1-9][\d,]* of 1,500 rows$/)).toBeVisible({ timeout: 60_000 });
  const other = await app.context().newPage();
  await other.goto('./');
  await expect(other.getByText(/running in another tab$/)).toBeVisible();
  await expect(other.getByRole('button', { name: /the run of/ })).toHaveCount(0);
  await app.bringToFront();
  await app.getByRole('button', { name: 'Cancel' }).click();
  await expect(app.getByText(/^Cancelled/).first()).toBeVisible();
  await other.reload();
  await expect(continueButton(other)).toBeVisible();
  await other.close();
});

test('one click continues a file that was dropped, and the example', async ({ app }) => {
  await modelReady(app);
  await dropFile(app, app.getByText('Drop test.csv here'), toKaggleCsv(makeRows(1500, 9)));
  await expect(app.getByText('1,500 rows to score.')).toBeVisible();
  await app.getByRole('button', { name: 'Start' }).click();
  await expect(app.getByText(/^[1-9][\d,]* of 1,500 rows$/)).toBeVisible({ timeout: 60_000 });
  app.on('dialog', (dialog) => void dialog.accept());
  await app.reload();
  await continueButton(app).click();
  await expect(app.getByText(/^[1-9][\d,]* of 1,500 rows$/)).toBeVisible({ timeout: 60_000 });
  await app.getByRole('button', { name: 'Cancel' }).click();
  await expect(app.getByText(/^Cancelled/).first()).toBeVisible();

  await app.getByRole('button', { name: 'Try the example' }).click();
  await app.getByRole('button', { name: 'Start', exact: true }).click();
  await expect(app.getByText(/rows scored in/).first()).toBeVisible({ timeout: 60_000 });
  const submission = await fetched(app);
  await app.reload();
  await app.getByRole('button', { name: 'Show the results of example.csv' }).click();
  await expect(app.getByText(/rows scored in/).first()).toBeVisible({ timeout: 60_000 });
  expect(await fetched(app)).toBe(submission);
});

test('a finished run is lost by no key press, no download and no reload', async ({ app }) => {
  const content = toKaggleCsv(makeRows(20, 3));
  const list = app.getByRole('list', { name: 'Saved runs' });
  const complete = list.getByText(/^20 rows · complete/);
  await modelReady(app);
  await chooseCsv(app, { name: 'test.csv', content });
  await app.getByRole('button', { name: 'Start', exact: true }).click();
  await expect(app.getByText(/^20 rows scored in/).first()).toBeVisible({ timeout: 60_000 });
  await app.keyboard.press('Enter');
  await app.keyboard.press('Enter');
  await app.keyboard.press('Escape');
  await expect(complete).toHaveCount(1);
  const submission = await fetched(app);
  await expect(list.getByText(/ · downloaded /)).toHaveCount(1);

  // Starting again asks first, and cancelling keeps the previous run.
  const start = app.getByRole('button', { name: 'Start again' });
  const dialog = app.getByRole('alertdialog');
  await start.click();
  await expect(dialog).toContainText('20 rows are saved');
  await dialog.getByText('Delete it once the new run is complete').click();
  await dialog.getByRole('button', { name: 'Start again' }).click();
  await expect(app.getByText(/^20 rows scored in/).first()).toBeVisible({ timeout: 60_000 });
  await expect(complete).toHaveCount(1);
  await expect(list.getByText(/ · downloaded /)).toHaveCount(0);
  await startAgain(app);
  await expect(complete).toHaveCount(2, { timeout: 60_000 });

  await list
    .getByRole('button', { name: /^Rename/ })
    .last()
    .click();
  await app.getByLabel('Name of this run').fill('first try');
  await app.keyboard.press('Enter');
  await expect(list.getByText('first try')).toBeVisible();
  await app.reload();
  await modelReady(app);
  await app.getByRole('tab', { name: 'Report' }).click();
  const chooser = app.waitForEvent('filechooser');
  await list.getByRole('button', { name: 'Show the results of first try' }).click();
  await (await chooser).setFiles({
    name: 'renamed.csv',
    mimeType: 'text/csv',
    buffer: Buffer.from(content),
  });
  await expect(app.getByRole('heading', { name: 'Compare with another run' })).toBeVisible({
    timeout: 60_000,
  });
  await app.getByRole('tab', { name: 'Score a file' }).click();
  expect(await fetched(app)).toBe(submission);
  // The list can do so too, here for a run that is not on the page.
  const other = list.getByRole('button', { name: 'Download the submission of test.csv' });
  const waiting = app.waitForEvent('download');
  await other.click();
  expect(readFileSync(await (await waiting).path(), 'utf8').trimEnd()).toBe(submission);
});

test('damaged runs do no harm and can be deleted', async ({ app }) => {
  await app.evaluate(async () => {
    const root = await navigator.storage.getDirectory();
    const runs = await root.getDirectoryHandle('runs', { create: true });
    for (const [id, text] of [
      ['aa', 'tiebreak-journal 2 00000000 {}\n'],
      ['bb', ''],
      ['cc', 'tiebreak-journal 4 00000000 {}\n'],
    ] as const) {
      const folder = await runs.getDirectoryHandle(id, { create: true });
      const writable = await (
        await folder.getFileHandle('journal', { create: true })
      ).createWritable();
      await writable.write(text);
      await writable.close();
    }
    await runs.getDirectoryHandle('dd', { create: true });
  });
  await app.reload();
  await expect(app.getByText('cannot be read', { exact: true })).toHaveCount(3);
  await expect(app.getByText('A newer version of this app started this run.')).toBeVisible();
  await modelReady(app);
  for (let left = 3; left > 0; left -= 1) {
    await app
      .getByRole('button', { name: /^Delete the run/ })
      .first()
      .click();
    await app.getByRole('alertdialog').getByRole('button', { name: 'Delete' }).click();
    await expect(app.getByText('cannot be read', { exact: true })).toHaveCount(left - 1);
  }
  await expect(app.getByText('Saved runs')).toHaveCount(0);
});

test('a full disk pauses the run; with room it goes on, and nothing is lost', {
  tag: '@slow',
}, async ({ app }) => {
  const content = toKaggleCsv(makeRows(60, 22));
  await app.goto('./with-options.html?batch-tokens=512');
  await modelReady(app);
  await chooseCsv(app, { name: 'test.csv', content });
  await app.getByRole('button', { name: 'Start', exact: true }).click();
  await expect(app.getByText(/^60 rows scored in/).first()).toBeVisible({ timeout: 120_000 });
  const undisturbed = await fetched(app);

  const session = await app.context().newCDPSession(app);
  const { origin } = new URL(app.url());
  // With so little room Chromium does not even make a folder.
  await session.send('Storage.overrideQuotaForOrigin', { origin, quotaSize: 4500 });
  await startAgain(app);
  const note = app.getByText('Paused: finished rows cannot be saved.');
  await expect(note).toBeVisible({ timeout: 120_000 });
  await session.send('Storage.overrideQuotaForOrigin', { origin });
  await app.getByRole('button', { name: 'Try again' }).click();
  await expect(note).toHaveCount(0);
  await expect(app.getByText(/^60 rows scored in/).first()).toBeVisible({ timeout: 120_000 });
  expect(await fetched(app)).toBe(undisturbed);
});
