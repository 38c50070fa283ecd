import { copyFileSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromium } from '@playwright/test';
import { preview } from 'vite';

// Takes the pictures of the README from the built page: `npx tsx scripts/screenshots.ts`, after `npm run build`.

const root = fileURLToPath(new URL('..', import.meta.url));
const demo = join(root, '.cache/demo');
const images = join(root, 'docs/images');

const server = await preview({ root, preview: { port: 4399, strictPort: true } });
const browser = await chromium.launch({
  executablePath: process.env.CHROME_PATH,
  args: ['--no-sandbox', '--disable-gpu'],
});
const folder = mkdtempSync(join(tmpdir(), 'tiebreak-pictures-'));
try {
  const page = await browser.newPage({ viewport: { width: 1280, height: 900 } });
  await page.addInitScript(() => Reflect.deleteProperty(window, 'showDirectoryPicker'));
  await page.goto('http://localhost:4399/');
  await page.getByText('Computes on').waitFor();
  await page.getByRole('button', { name: 'Take the example' }).click();
  await page.getByRole('button', { name: 'Start' }).click();
  await page
    .getByText(/rows scored in/)
    .first()
    .waitFor();
  await page.screenshot({ path: join(images, 'page.png'), fullPage: true });

  await page.getByRole('tab', { name: 'Explore a pair' }).click();
  await page.getByRole('button', { name: 'Explain' }).click();
  await page.getByText(/^(\d+) of \1 parts$/).waitFor();
  await page.getByRole('button', { name: 'Show tokens' }).click();
  await page.getByText('Nothing was cut.').waitFor();
  await page.screenshot({ path: join(images, 'explorer.png'), fullPage: true });
  await page.getByRole('tab', { name: 'Score a file' }).click();

  const checkpoint = join(folder, 'gemma-2-demo');
  mkdirSync(checkpoint);
  for (const file of ['config.json', 'model.safetensors']) {
    copyFileSync(join(demo, 'base', file), join(checkpoint, file));
  }
  for (const file of ['tokenizer.json', 'tokenizer_config.json']) {
    copyFileSync(join(root, 'public/models/demo', file), join(checkpoint, file));
  }
  await page.locator('summary', { hasText: 'Your own model' }).click();
  for (const [button, path] of [
    ['Choose a folder: Checkpoint', checkpoint],
    ['Choose a folder: Adapter', join(demo, 'adapter-demo')],
  ] as const) {
    const chooser = page.waitForEvent('filechooser');
    await page.getByRole('button', { name: button }).first().click();
    await (await chooser).setFiles(path);
  }
  await page.getByText('Gemma2ForCausalLM').waitFor();
  await page
    .getByRole('region', { name: 'Your own model' })
    .screenshot({ path: join(images, 'import.png') });
} finally {
  await browser.close();
  await server.close();
  rmSync(folder, { recursive: true });
}
process.exit(0);
