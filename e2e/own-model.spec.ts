import { copyFileSync, mkdirSync, mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Page } from '@playwright/test';
import { chooseCsv, expect, modelReady, test } from './page.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const demo = join(root, '.cache/demo');
const example = join(root, 'public/example.csv');

/** Chooses a folder by the directory input, as browsers without File System Access do. */
async function chooseFolder(page: Page, button: string, folder: string): Promise<void> {
  const chooser = page.waitForEvent('filechooser');
  await page.getByRole('button', { name: button }).first().click();
  await (await chooser).setFiles(folder);
}

/** The submission of the example under the model that is loaded. */
async function scoreExample(page: Page): Promise<string> {
  await chooseCsv(page, example);
  const replace = page.getByRole('button', { name: 'Replace', exact: true });
  const start = page.getByRole('button', { name: 'Start' });
  await expect(replace.or(start).first()).toBeEnabled();
  if (await replace.isVisible()) await replace.click();
  await start.click();
  const download = page.waitForEvent('download');
  await page.getByRole('button', { name: /submission\.csv/ }).click({ timeout: 120_000 });
  return readFileSync((await (await download).path())!, 'utf8');
}

/** The demo model's checkpoint with the tokenizer beside it, as a hub has them. */
function checkpointFolder(): string {
  const folder = join(mkdtempSync(join(tmpdir(), 'tiebreak-checkpoint-')), 'my-gemma');
  mkdirSync(folder);
  for (const file of ['config.json', 'model.safetensors']) {
    copyFileSync(join(demo, 'base', file), join(folder, file));
  }
  for (const file of ['tokenizer.json', 'tokenizer_config.json']) {
    copyFileSync(join(root, 'public/models/demo', file), join(folder, file));
  }
  return folder;
}

test('a checkpoint and an adapter become a model that scores as the package made by the command line', async ({
  app: page,
}) => {
  await page.addInitScript(() => {
    // Playwright cannot drive the folder dialog of File System Access; the directory input is what other browsers have.
    Reflect.deleteProperty(window, 'showDirectoryPicker');
  });
  await page.reload();
  await modelReady(page);
  const expected = await scoreExample(page);

  await page.locator('summary', { hasText: 'Your own model' }).click();
  await chooseFolder(page, 'Choose a folder: Checkpoint', checkpointFolder());
  await chooseFolder(page, 'Choose a folder: Adapter', join(demo, 'adapter-demo'));
  await page.getByText('Advanced', { exact: true }).last().click();
  await page
    .getByRole('radiogroup', { name: 'Embedding' })
    .getByText('int4', { exact: true })
    .click();
  await expect(page.getByText('Gemma2ForCausalLM')).toBeVisible();
  await page.getByRole('button', { name: 'Import', exact: true }).click();
  await expect(page.locator('.card-title', { hasText: 'my-gemma' })).toBeVisible({
    timeout: 60_000,
  });
  await modelReady(page);
  expect(await scoreExample(page)).toBe(expected);

  // It outlives the page, is what was written, and goes when it is told to.
  await page.reload();
  await modelReady(page);
  await page.locator('summary', { hasText: 'Your own model' }).click();
  await page.getByRole('button', { name: 'Use my-gemma' }).click();
  await expect(page.locator('.card-title', { hasText: 'my-gemma' })).toBeVisible();
  await modelReady(page);
  await page.getByRole('button', { name: 'Verify my-gemma' }).click();
  await expect(page.getByText(/every file is as it was written/i)).toBeVisible({ timeout: 30_000 });
  await page.getByRole('button', { name: 'Delete my-gemma' }).click();
  await page.getByRole('alertdialog').getByRole('button', { name: 'Delete' }).click();
  // The embedded model is loaded in its place first.
  await expect(page.getByText('None in this browser yet.')).toBeVisible({ timeout: 60_000 });
});
