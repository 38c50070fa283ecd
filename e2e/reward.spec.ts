import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { toKaggleCsv } from '../src/data/csv/kaggle.ts';
import { chooseCsv, download, expect, modelReady, test } from '../testing/browser/page.ts';
import { writeDemoWithLabels } from '../testing/demo-heads.ts';
import { makeRows } from '../testing/runs.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const template = readFileSync(join(root, 'test/fixtures/chat/gemma2.jinja'), 'utf8');

test('a reward model scores conversations, which the page shows', async ({ app }) => {
  const folder = join(mkdtempSync(join(tmpdir(), 'tiebreak-reward-')), 'reward');
  writeDemoWithLabels(folder, 1, {}, template);
  await modelReady(app);
  const chooser = app.waitForEvent('filechooser');
  await app.getByRole('button', { name: 'Choose a package folder' }).first().click();
  await (await chooser).setFiles(folder);
  await expect(app.getByText('Reward model: one score for each answer')).toBeVisible({
    timeout: 60_000,
  });
  const rows = makeRows(3, 4);
  await chooseCsv(app, { name: 'test.csv', content: toKaggleCsv(rows) });
  await app.getByRole('button', { name: 'Start', exact: true }).click();
  await expect(app.getByText(/^3 rows scored in/).first()).toBeVisible({ timeout: 60_000 });
  const facts = app.getByText('in its chat template; today is 2024-07-26');
  await expect(facts).toBeVisible();
  const { lines } = await download(app, 'Download submission.csv');
  expect(lines.slice(1).map((line) => line.split(',')[3])).toEqual(rows.map(() => '0'));

  await app.getByRole('tab', { name: 'Explore a pair' }).click();
  await app.getByRole('textbox', { name: 'Row of the file' }).fill('1');
  await app.keyboard.press('Enter');
  await app.getByRole('button', { name: 'Show tokens' }).click();
  const tokens = app.getByRole('region', { name: 'What the model saw' });
  await expect(tokens.getByText(/^Answer A · \d+$/)).toBeVisible();
  await expect(tokens.getByText('<start_of_turn>')).toHaveCount(2);
  await tokens.getByText('Answer B', { exact: true }).click();
  await expect(tokens.getByText(/^Answer B · \d+$/)).toBeVisible();
  await expect(tokens.getByText(/^Answer A · \d+$/)).toHaveCount(0);
});
