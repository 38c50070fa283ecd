import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { toKaggleCsv } from '../src/data/csv/kaggle.ts';
import { largestDifference, scoreInNode } from '../testing/browser/compare.ts';
import {
  chooseAdapter,
  chooseCsv,
  download,
  dropFile,
  dropPaths,
  expect,
  modelReady,
  openSettings,
  test,
} from '../testing/browser/page.ts';
import { makeRows } from '../testing/runs.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const kaggle = join(root, '../shared/data/kaggle/test.csv');
// Half a second on an idle machine (bench/page.ts prints it); a busy test machine gets more.
const CANCEL_MS = 4000;
const HEADER = 'id,winner_model_a,winner_model_b,winner_tie';

test('a file dropped beside its zone is opened, or the page says why not', async ({ app }) => {
  await modelReady(app);
  const beside = app.getByRole('heading', { name: 'Model', exact: true });
  await dropPaths(app, beside, ['docs']);
  await expect(app.getByText(/^Drop a single CSV file, not a folder/)).toBeInViewport();
  await dropFile(app, beside, toKaggleCsv(makeRows(400, 9)));
  await expect(app.getByText('Every row can be scored.')).toBeVisible();
  await expect(app.getByText(/^Drop a single CSV file/)).toHaveCount(0);
  await app.getByRole('button', { name: 'Start' }).click();
  await expect(app.getByText(/^[1-9]\d* of 400 rows$/)).toBeVisible({ timeout: 60_000 });
  const heading = app.getByRole('heading', { level: 1 });
  await heading.scrollIntoViewIfNeeded();
  await dropFile(app, heading, toKaggleCsv(makeRows(3)));
  const note = app.getByRole('alert').filter({ hasText: 'Nothing was opened' });
  await expect(note).toHaveText(/a run is in progress/);
  await app.getByRole('button', { name: 'Cancel' }).click();
  await expect(note).toHaveCount(0);
  // Until then the run is in progress.
  await expect(app.getByText(/^Cancelled/).first()).toBeVisible();
  await app.getByRole('tab', { name: 'Report' }).click();
  await dropFile(app, heading, toKaggleCsv(makeRows(3)));
  await expect(note).toHaveText(/the screen “Score a file”/);
});

test('from dropping a file to the downloaded submission, equal to the command line', async ({
  app,
}) => {
  const rows = makeRows(30, 5);
  const csv = toKaggleCsv(rows);
  await modelReady(app);
  await expect(app.getByText('WebGPU is not available here')).toBeVisible();
  await expect(app.getByText(/^Demo model:/).first()).toBeVisible();

  const zone = app.getByText('Drop test.csv here');
  await expect(app.getByRole('button', { name: 'Drop test.csv' })).toHaveCount(1);
  for (const names of [['docs'], ['README.md', 'LICENSE']]) {
    await dropPaths(
      app,
      zone,
      names.map((name) => join(root, name)),
    );
    await expect(app.getByRole('alert')).toHaveText(/^Drop a single CSV file/);
  }
  await dropFile(app, zone, csv);
  await expect(app.getByRole('alert')).toHaveCount(0);
  await expect(app.getByText('30 rows to score.')).toBeVisible();

  await app.getByRole('button', { name: 'Start' }).click();
  await expect(app.getByText(/^30 rows scored in/).first()).toBeVisible({ timeout: 120_000 });

  const { name, lines } = await download(app, 'Download submission.csv');
  expect(name).toBe('submission.csv');
  expect(lines[0]).toBe(HEADER);
  expect(lines.slice(1).map((line) => line.split(',')[0])).toEqual(rows.map((row) => row.id));
  const difference = largestDifference(lines, scoreInNode(csv));
  process.stdout.write(
    `  page and command line differ by at most ${difference.toExponential(1)}\n`,
  );
  expect(difference).toBeLessThan(1e-4);
});

test("the competition's test.csv, with TTA and clean text", async ({ app }) => {
  test.skip(!existsSync(kaggle), 'the competition files are not here');
  await modelReady(app);
  await chooseCsv(app, kaggle);
  await openSettings(app);
  await app.getByText('Clean', { exact: true }).click();
  await app.getByText('Score both orders', { exact: true }).click();
  await app.getByRole('button', { name: 'Start' }).click();
  await expect(app.getByText(/^3 rows scored in/).first()).toBeVisible({ timeout: 120_000 });
  const { lines } = await download(app, 'Download submission.csv');
  const csv = readFileSync(kaggle, 'utf8');
  expect(largestDifference(lines, scoreInNode(csv, '--tta', '--text', 'clean'))).toBeLessThan(1e-4);
  expect(lines.slice(1).map((line) => line.split(',')[0])).toEqual(['136060', '211333', '1233961']);
});

test('cancel takes effect at once; finished rows stay; a second run completes', async ({ app }) => {
  // More than are scored before the cancel, however busy the machine is.
  const rows = makeRows(1500, 9);
  await modelReady(app);
  await chooseCsv(app, { name: 'test.csv', content: toKaggleCsv(rows) });
  await app.getByRole('button', { name: 'Start' }).click();
  await expect(app.getByRole('button', { name: 'Download finished rows' })).toBeEnabled({
    timeout: 60_000,
  });
  const during = await download(app, 'Download finished rows');
  expect(during.name).toBe('submission.partial.csv');
  expect(during.lines.length).toBeGreaterThan(1);

  const pressed = Date.now();
  await app.getByRole('button', { name: 'Cancel' }).click();
  await expect(app.getByText(/^Cancelled: [\d,]+ of 1,500 rows scored/).first()).toBeVisible();
  expect(Date.now() - pressed).toBeLessThan(CANCEL_MS);
  const after = await download(app, 'Download finished rows');
  expect(after.lines.length).toBeGreaterThanOrEqual(during.lines.length);
  expect(after.lines.length).toBeLessThan(1501);

  // Rows that were finished before the cancel have their final numbers, whatever else is scored.
  const finished = new Map(after.lines.slice(1).map((line) => [line.split(',')[0]!, line]));
  const again = rows.filter(({ id }) => finished.has(id)).slice(0, 12);
  const others = makeRows(3, 4).map((row, i) => ({ ...row, id: String(i) }));
  await chooseCsv(app, { name: 'again.csv', content: toKaggleCsv([...again, ...others]) });
  const count = again.length + others.length;
  await app.getByRole('button', { name: 'Start', exact: true }).click();
  const scored = app.getByText(new RegExp(`^${count} rows scored in`)).first();
  await expect(scored).toBeVisible({ timeout: 60_000 });
  const { lines } = await download(app, 'Download submission.csv');
  expect(lines).toHaveLength(count + 1);
  const same = again.map(({ id }) => finished.get(id)!);
  const both = lines.slice(0, again.length + 1);
  expect(largestDifference(both, [HEADER, ...same])).toBeLessThan(1e-4);
});

test('rows that cannot be read are named, and the submission waits for a decision', async ({
  app,
}) => {
  const csv = [
    'id,prompt,response_a,response_b',
    '7,"[""<script>window.hacked = 1</script>""]","[""a</script>""]","[""<img src=x onerror=alert(1)>""]"',
    '8,"[""p""]","[""<b>cut off","[""b""]"',
    '9,"[""p""]"',
    '',
  ].join('\n');
  await modelReady(app);
  await chooseCsv(app, { name: 'bad.csv', content: csv });
  await expect(app.getByText('2 rows cannot be scored')).toBeVisible();
  await expect(app.getByText('1 row to score.')).toBeVisible();
  await app.getByRole('button', { name: 'Start' }).click();
  await expect(app.getByText(/^1 row scored in/).first()).toBeVisible({ timeout: 60_000 });

  const button = app.getByRole('button', { name: 'Download submission.csv' });
  await expect(button).toBeDisabled();
  await app.getByText('leave these 2 rows out').click();
  expect((await download(app, 'Download submission.csv')).lines).toHaveLength(2);
  await app.getByText('give each one third for A, B and tie').click();
  const { lines } = await download(app, 'Download submission.csv');
  expect(lines.map((line) => line.split(',')[0])).toEqual(['id', '7', '8', '9']);
  expect(lines[2]).toBe('8,0.333333333,0.333333333,0.333333333');

  // The content of a row is text, whatever it looks like.
  await app.getByRole('button', { name: 'Open row 1' }).click();
  await expect(app.getByRole('dialog')).toContainText('<script>window.hacked = 1</script>');
  await expect(app.getByRole('dialog')).toContainText('<img src=x onerror=alert(1)>');
  expect(await app.evaluate(() => 'hacked' in window)).toBe(false);

  // A row that cannot be scored shows the reason and its raw cells.
  await app.getByRole('button', { name: 'Next row' }).click();
  await expect(app.getByRole('dialog')).toContainText('The list of turns is broken');
  await expect(app.getByRole('dialog')).toContainText('["<b>cut off');
  await app.getByRole('button', { name: 'Next row' }).click();
  await expect(app.getByRole('dialog')).toContainText('The row ends early');
  await expect(app.getByRole('dialog')).toContainText('["p"]');
});

test('a file that is not a CSV gets a clear answer, and a good one can follow', async ({ app }) => {
  await modelReady(app);
  await chooseCsv(app, { name: 'page.html', content: '<!doctype html><p>hello</p>' });
  await expect(app.getByRole('alert')).toBeVisible();
  await chooseCsv(app, { name: 'head.csv', content: 'id,prompt,response_a\n1,a,b\n' });
  await expect(app.getByRole('alert')).toContainText('response_b');
  await chooseCsv(app, { name: 'test.csv', content: toKaggleCsv(makeRows(3)) });
  await expect(app.getByText('3 rows to score.')).toBeVisible();
});

test('how the model is run is kept for the next visit, shown, and reset by one button', {
  tag: '@slow',
}, async ({ app }) => {
  await modelReady(app);
  const kept = app.getByText(/^Your choices, kept for the next visit/);
  await expect(kept).toBeHidden();
  await app.getByText('Advanced', { exact: true }).first().click();
  await app.getByRole('button', { name: /Run on/ }).click();
  await app.getByRole('option', { name: 'CPU' }).click();
  await app.getByRole('button', { name: /Executor/ }).click();
  await app.getByRole('option', { name: 'ONNX Runtime' }).click();
  await app.reload();
  await expect(kept).toHaveText(/: CPU, ONNX Runtime\./);
  await modelReady(app);
  // The test asks for no GPU, so none is reported missing.
  await expect(app.getByText('WebGPU is not available here')).toBeHidden();
  await app.getByRole('button', { name: 'Choose automatically' }).click();
  await expect(app.getByText('WebGPU is not available here')).toBeVisible({ timeout: 60_000 });
  await app.reload();
  await modelReady(app);
  await expect(kept).toBeHidden();
});

test('the example can be scored with either adapter, and they differ', async ({ app }) => {
  await modelReady(app);
  await app.getByRole('button', { name: 'Try the example' }).click();
  await app.getByRole('button', { name: 'Start' }).click();
  await expect(app.getByText(/rows scored in/).first()).toBeVisible({ timeout: 60_000 });
  const first = await download(app, 'Download submission.csv');
  await chooseAdapter(app, 'demo-b');
  await app.getByRole('button', { name: 'Start again' }).click();
  await expect(app.getByText(/rows scored in/).first()).toBeVisible({ timeout: 60_000 });
  const second = await download(app, 'Download submission.csv');
  expect(second.lines).toHaveLength(first.lines.length);
  expect(second.lines.slice(1)).not.toEqual(first.lines.slice(1));
});
