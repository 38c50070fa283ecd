import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Page } from '@playwright/test';
import { chooseAdapter, chooseCsv, expect, modelReady, test } from '../testing/browser/page.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const demo = join(root, '.cache/demo');
const example = join(root, 'public/example.csv');

/** Chooses a folder through the directory input, as in browsers without File System Access. */
async function chooseFolder(page: Page, button: string, folder: string): Promise<void> {
  const chooser = page.waitForEvent('filechooser');
  await page.getByRole('button', { name: button }).first().click();
  await (await chooser).setFiles(folder);
}

/** Scores the example with the loaded model. @returns the submission. */
async function scoreExample(page: Page): Promise<string> {
  await chooseCsv(page, example);
  await page.getByRole('button', { name: 'Start' }).click();
  const download = page.waitForEvent('download');
  await page.getByRole('button', { name: /submission\.csv/ }).click({ timeout: 120_000 });
  return readFileSync((await (await download).path())!, 'utf8');
}

/** Reads the entries and bytes of a safetensors file. */
function safetensors(path: string): { entries: Record<string, Entry>; data: Buffer } {
  const bytes = readFileSync(path);
  const start = 8 + Number(bytes.readBigUInt64LE(0));
  return { entries: JSON.parse(bytes.toString('utf8', 8, start)), data: bytes.subarray(start) };
}

interface Entry {
  dtype: string;
  shape: number[];
  data_offsets: [number, number];
}

/** Gives the demo model's base the score head of an adapter, so that it can also score alone. */
function baseWithHead(): Buffer {
  const base = safetensors(join(demo, 'base/model.safetensors'));
  const adapter = safetensors(join(demo, 'adapter-demo-b/adapter_model.safetensors'));
  const head = adapter.entries['base_model.model.score.weight']!;
  const [start, end] = head.data_offsets;
  const size = base.data.length;
  const data_offsets = [size, size + end - start];
  const entries = { ...base.entries, 'score.weight': { ...head, data_offsets } };
  const json = Buffer.from(JSON.stringify(entries));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(json.length));
  return Buffer.concat([length, json, base.data, adapter.data.subarray(start, end)]);
}

/** The demo model's checkpoint with a score head and without the tokenizer, which the app has. */
function checkpointFolder(): string {
  const folder = join(mkdtempSync(join(tmpdir(), 'tiebreak-checkpoint-')), 'my-gemma');
  mkdirSync(folder);
  copyFileSync(join(demo, 'base/config.json'), join(folder, 'config.json'));
  writeFileSync(join(folder, 'model.safetensors'), baseWithHead());
  return folder;
}

test('a checkpoint and an adapter become a model that scores as the package made by the command line', {
  tag: '@slow',
}, async ({ app: page }) => {
  await page.addInitScript(() => {
    // Playwright cannot drive the folder dialog of File System Access; other browsers use the directory input.
    Reflect.deleteProperty(window, 'showDirectoryPicker');
  });
  await page.reload();
  await modelReady(page);
  const expected = await scoreExample(page);

  // Neither a damaged package nor a checkpoint, given as a package, replaces the loaded model.
  const folder = checkpointFolder();
  const pointer = 'version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 9\n';
  const cloned = join(dirname(folder), 'cloned');
  mkdirSync(cloned);
  writeFileSync(join(cloned, 'tiebreak.json'), pointer);
  await expect(page.getByText('What will be written')).toHaveCount(0);
  await chooseFolder(page, 'Choose a package folder', cloned);
  await expect(page.getByRole('alert')).toContainText('tiebreak.json is a Git LFS pointer');
  await expect(page.getByText('The current model stays loaded.')).toBeVisible();
  await chooseFolder(page, 'Choose a package folder', folder);
  await expect(page.getByText('my-gemma is a Hugging Face checkpoint')).toBeVisible();
  await modelReady(page);
  await page.getByRole('button', { name: 'Import this checkpoint' }).click();
  await expect(page.getByRole('heading', { name: 'Import', exact: true })).toBeFocused();
  await expect(page.getByRole('group', { name: 'Checkpoint' })).toContainText('my-gemma');
  await expect(
    page.getByText('The Gemma-2 tokenizer that ships with Tiebreak is used.'),
  ).toBeVisible();
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

  // Each row of the comparison equals the model's answer with that adapter, or the base, alone.
  await page.getByRole('tab', { name: 'Explore a pair' }).click();
  await page.getByText('Score with every adapter').click();
  const compared = page.getByRole('table', { name: /^Each adapter/ });
  const base = compared.getByRole('row', { name: /^none \(base model\)/ });
  await expect(compared.getByRole('row', { name: /chosen/ })).toHaveCount(1);
  const alone = await base.getByRole('cell').allInnerTexts();
  expect(alone).not.toEqual(
    await compared
      .getByRole('row', { name: /chosen/ })
      .getByRole('cell')
      .allInnerTexts(),
  );
  await page.getByRole('tab', { name: 'Score a file' }).click();
  await chooseAdapter(page, 'No adapter (base model only)');
  await page.getByRole('tab', { name: 'Explore a pair' }).click();
  await expect(base.getByText('chosen')).toBeVisible();
  const result = page.getByRole('table', { name: /^Probabilities in both orders/ });
  for (const [c, text] of alone.slice(0, 3).entries()) {
    await expect(result.locator('tbody tr').nth(c).locator('td').last()).toHaveText(text);
  }
  await page.getByRole('tab', { name: 'Score a file' }).click();

  // It survives a reload, equals the written files, and can be deleted.
  await page.reload();
  await modelReady(page);
  const title = page.locator('.card-title').first();
  await expect(title).toHaveText('my-gemma');
  // The page asks before it loads a large one.
  await page.evaluate(() => {
    const key = 'tiebreak.model';
    const last = JSON.parse(localStorage.getItem(key)!);
    localStorage.setItem(key, JSON.stringify({ ...last, bytes: 4.7e9 }));
  });
  await page.reload();
  await expect(page.getByText('You last used my-gemma (4.7 GB).')).toBeVisible();
  await page.getByRole('button', { name: 'Load my-gemma' }).click();
  await modelReady(page);
  await expect(title).toHaveText('my-gemma');
  await page.locator('summary', { hasText: 'Your own model' }).click();
  const stored = page.getByRole('region', { name: 'Your own model' }).locator('.stored-item');
  await expect(stored).toContainText(
    `added ${new Date().toLocaleString('en', { dateStyle: 'medium' })}`,
  );
  await page.getByRole('button', { name: 'Verify my-gemma' }).click();
  await expect(page.getByText(/every file is intact/i)).toBeVisible({ timeout: 30_000 });
  await page.getByRole('button', { name: 'Delete my-gemma' }).click();
  await page.getByRole('alertdialog').getByRole('button', { name: 'Delete' }).click();
  // The embedded model replaces it first.
  await expect(page.getByText('None in this browser yet.')).toBeVisible({ timeout: 60_000 });
});
