import { copyFileSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromium } from '@playwright/test';
import { preview } from 'vite';
import { toKaggleCsv } from '../src/data/csv/kaggle.ts';
import type { Pair } from '../src/domain/settings.ts';
import { chromiumArgs, chromiumPath } from '../testing/browser/chromium.ts';
import { validationPairs } from '../testing/preference-pairs.ts';

// Takes the pictures of the README from the built page: `npx tsx scripts/screenshots.ts`, after `npm run build`.

const REPORT_ROWS = 200;
const REPORT_CHARACTERS = 2000;

/** Short rows with their labels, in the columns of the competition's train.csv. */
function labelledCsv(judged: { pair: Pair; label: number }[]): Buffer {
  const short = judged
    .filter(({ pair }) => Object.values(pair).flat().join('').length < REPORT_CHARACTERS)
    .slice(0, REPORT_ROWS);
  const rows = short.map(({ pair }, i) => ({ id: String(i + 1), ...pair }));
  const [header, ...lines] = toKaggleCsv(rows).trimEnd().split('\n');
  const marks = ['1,0,0', '0,1,0', '0,0,1'];
  const labelled = lines.map((line, i) => `${line},${marks[short[i]!.label]}`);
  const names = 'winner_model_a,winner_model_b,winner_tie';
  return Buffer.from(`${[`${header},${names}`, ...labelled].join('\n')}\n`);
}

const root = fileURLToPath(new URL('..', import.meta.url));
const demo = join(root, '.cache/demo');
const images = join(root, 'docs/images');

const server = await preview({ root, preview: { port: 4399, strictPort: true } });
const browser = await chromium.launch({
  executablePath: chromiumPath(),
  args: chromiumArgs('none'),
});
const folder = mkdtempSync(join(tmpdir(), 'tiebreak-pictures-'));
try {
  const page = await browser.newPage({ viewport: { width: 1280, height: 900 } });
  await page.addInitScript(() => Reflect.deleteProperty(window, 'showDirectoryPicker'));
  await page.goto('http://localhost:4399/');
  await page.getByText('Runs on', { exact: true }).waitFor();
  await page.getByRole('button', { name: 'Try the example' }).click();
  await page.getByRole('button', { name: 'Start' }).click();
  await page
    .getByText(/rows scored in/)
    .first()
    .waitFor({ timeout: 300_000 });
  await page.screenshot({ path: join(images, 'page.png'), fullPage: true });

  // Human judgements of prompts that the demo model never saw; a user's clone has none.
  const judged = await validationPairs('human').catch(() => []);
  if (judged.length > 0) {
    const reportPage = await browser.newPage({ viewport: { width: 1280, height: 1180 } });
    await reportPage.addInitScript(() => Reflect.deleteProperty(window, 'showOpenFilePicker'));
    await reportPage.goto('http://localhost:4399/');
    await reportPage.getByText('Runs on', { exact: true }).waitFor();
    const chooser = reportPage.waitForEvent('filechooser');
    await reportPage.getByRole('button', { name: 'Choose a file' }).click();
    const csv = { name: 'train.csv', mimeType: 'text/csv', buffer: labelledCsv(judged) };
    await (await chooser).setFiles(csv);
    await reportPage.getByRole('button', { name: 'Start' }).click();
    await reportPage
      .getByText(/rows scored in/)
      .first()
      .waitFor({ timeout: 300_000 });
    await reportPage.getByRole('tab', { name: 'Report' }).click();
    await reportPage.getByText('1,000 bootstrap draws').waitFor({ timeout: 60_000 });
    await reportPage.screenshot({ path: join(images, 'report.png') });
    await reportPage.close();
  }

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
  // High enough that the bar of the run, which sticks to the window's edge, covers nothing.
  await page.setViewportSize({ width: 1280, height: 2600 });
  await page
    .getByRole('region', { name: 'Your own model' })
    .screenshot({ path: join(images, 'import.png') });
} finally {
  await browser.close();
  await server.close();
  rmSync(folder, { recursive: true });
}
process.exit(0);
