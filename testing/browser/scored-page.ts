import { readFileSync } from 'node:fs';
import type { Page } from '@playwright/test';
import { withoutFilePicker } from './page.ts';

const WAIT = { timeout: 240_000 };

/** Opens the built page with a file that a saved run has scored. @param journal path of that run's journal. */
export async function openScored(
  page: Page,
  url: string,
  csv: string,
  journal: string,
): Promise<void> {
  await page.addInitScript(withoutFilePicker);
  // tsx wraps named functions in this call, including those sent to the page.
  await page.addInitScript('globalThis.__name = (named) => named');
  await page.goto(url);
  await keepRun(page, journal);
  await page.reload();
  await page.getByText('Runs on', { exact: true }).waitFor();
  const chooser = page.waitForEvent('filechooser');
  await page.getByRole('button', { name: 'Choose a file', exact: true }).click();
  await (await chooser).setFiles(csv);
  await page.getByText('Every row can be scored.').waitFor(WAIT);
  await page.getByRole('button', { name: /^Show the results of/ }).click();
  await page
    .getByText(/rows scored in/)
    .first()
    .waitFor(WAIT);
}

/** Puts a journal among the saved runs of the page. */
async function keepRun(page: Page, journal: string): Promise<void> {
  const bytes = readFileSync(journal);
  await page.route('**/journal-for-bench', (route) => route.fulfill({ body: bytes }));
  await page.evaluate(async () => {
    const folder = await navigator.storage.getDirectory();
    const runs = await folder.getDirectoryHandle('runs', { create: true });
    const run = await runs.getDirectoryHandle('bench', { create: true });
    const file = await (await run.getFileHandle('journal', { create: true })).createWritable();
    await file.write(await (await fetch('journal-for-bench')).blob());
    await file.close();
  });
}
