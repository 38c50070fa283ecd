import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import AxeBuilder from '@axe-core/playwright';
import type { Page } from '@playwright/test';
import { csvField } from '../src/data/csv/field.ts';
import { toKaggleCsv } from '../src/data/csv/kaggle.ts';
import {
  encodeBatch,
  encodeEngine,
  encodeHeader,
  type Piece,
  readJournal,
} from '../src/scoring/journal/journal.ts';
import { joinBytes } from '../src/storage/bytes.ts';
import { chooseAdapter, chooseCsv, expect, modelReady, test } from '../testing/browser/page.ts';
import { openScored } from '../testing/browser/scored-page.ts';
import { shifted, watchShifts } from '../testing/browser/shifts.ts';
import { makeRows, type TestRow } from '../testing/runs.ts';
import { journalOf, writeTrainCsv } from '../testing/scored-run.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const MODELS = ['alpha', 'beta', 'gamma'];

/** Rows with labels and models, in the columns of the competition's train.csv. */
function labelledCsv(count: number, seed: number): string {
  const [header, ...lines] = toKaggleCsv(makeRows(count, seed)).trimEnd().split('\n');
  const labels = ['1,0,0', '0,1,0', '0,0,1'];
  const rows = lines.map((line, i) => {
    const models = [MODELS[i % 3]!, MODELS[(i + 1 + (i % 2)) % 3]!].map(csvField);
    return `${line},${models.join(',')},${labels[(i * 7) % 3]}`;
  });
  const names = 'model_a,model_b,winner_model_a,winner_model_b,winner_tie';
  return `${[`${header},${names}`, ...rows].join('\n')}\n`;
}

async function scoreAndReport(page: Page, csv: string, rows: number): Promise<void> {
  await modelReady(page);
  await chooseCsv(page, { name: 'train.csv', content: csv });
  await page.getByRole('button', { name: 'Start' }).click();
  const scored = page.getByText(new RegExp(`^${rows} rows scored in`)).first();
  await expect(scored).toBeVisible({ timeout: 120_000 });
  await watchShifts(page);
  await page.getByRole('tab', { name: 'Report' }).click();
}

/** The output of `npm run evaluate` for the file. */
function evaluateInNode(csv: string) {
  const folder = mkdtempSync(join(tmpdir(), 'tiebreak-e2e-'));
  const file = join(folder, 'train.csv');
  const out = join(folder, 'figures.json');
  writeFileSync(file, csv);
  const run = join(root, 'scripts/run.mjs');
  execFileSync(process.execPath, [run, 'evaluate', file, '--json', out, '--device', 'wasm'], {
    stdio: 'pipe',
  });
  return JSON.parse(readFileSync(out, 'utf8'));
}

test('a labelled file: figures equal npm run evaluate, a bin filters, an export has the filtered rows', async ({
  app,
}) => {
  const csv = labelledCsv(45, 11);
  await scoreAndReport(app, csv, 45);
  await expect(app.getByText(/1,000 bootstrap draws of rows/)).toBeVisible({ timeout: 60_000 });

  await expect(app.getByText(/Bradley-Terry ratings/)).toBeVisible({ timeout: 60_000 });
  const shift = await shifted(app);
  process.stdout.write(`  layout shift while the report is made: ${shift.toFixed(3)}\n`);
  expect(shift).toBeLessThan(0.01);

  const figures = evaluateInNode(csv);
  const tile = app.locator('.tile').filter({ hasText: 'Log loss' });
  const { value, low, high } = figures.all.logLoss;
  await expect(tile).toContainText(value.toFixed(4));
  await expect(tile).toContainText(`${low.toFixed(4)} to ${high.toFixed(4)}`);
  const accuracy = app.locator('.tile').filter({ hasText: 'Accuracy' });
  await expect(accuracy).toContainText(`${(100 * figures.all.accuracy.value).toFixed(1)} %`);
  for (const cell of figures.confusion) {
    const name = `Label ${shown(cell.label)}, most likely ${shown(cell.predicted)}: ${cell.count} row`;
    await expect(app.getByRole('button', { name })).toBeVisible();
  }
  // The demo model's notice appears once.
  await expect(app.locator('.report').getByText(/^Demo model/)).toHaveCount(1);

  // The list at the top links to every part.
  const links = app.getByRole('navigation', { name: 'In this report' }).getByRole('link');
  for (const name of await links.allTextContents()) {
    await links.getByText(name, { exact: true }).click();
    await expect(app.getByRole('heading', { name, exact: true, level: 2 })).toBeFocused();
  }
  const { violations } = await new AxeBuilder({ page: app })
    .withRules(['landmark-unique', 'empty-table-header', 'heading-order'])
    .analyze();
  expect(violations.map(({ id }) => id)).toEqual([]);

  // A bin filters by keyboard alone.
  const chart = app.getByRole('group', { name: /^Probability: A wins/ });
  const bars = chart.getByRole('button');
  const names = await bars.evaluateAll((all) => all.map((bar) => bar.getAttribute('aria-label')!));
  const place = names.findIndex((name) => !/: 0 rows$/.test(name));
  const rows = Number(/: (\d+) rows?$/.exec(names[place]!)![1]);
  await bars.first().focus();
  for (let i = 0; i < place; i += 1) await app.keyboard.press('ArrowRight');
  await app.keyboard.press('Enter');
  await expect(bars.nth(place)).toHaveAttribute('aria-pressed', 'true');
  await expect(app.getByText(`${rows} of 45 rows`).first()).toBeVisible();
  await expect(app.locator('.report-table')).toHaveAttribute('aria-rowcount', String(rows + 1));

  const downloads: string[][] = [];
  const names_: string[] = [];
  app.on('download', async (file) => {
    names_.push(file.suggestedFilename());
    downloads.push(
      readFileSync(await file.path(), 'utf8')
        .trimEnd()
        .split('\n'),
    );
  });
  await app.getByRole('button', { name: 'Export these rows' }).click();
  await expect.poll(() => downloads.length).toBe(2);
  const table = downloads[names_.indexOf('train.report.csv')]!;
  expect(table).toHaveLength(rows + 1);
  expect(table[0]).toContain('model_a,model_b');
  const manifest = JSON.parse(downloads[names_.indexOf('train.report.manifest.json')]!.join('\n'));
  expect(manifest.rows).toMatchObject({ exported: rows, filters: [{ field: 'a' }] });
  expect(manifest.notice).toMatch(/^Demo model/);
  for (const [name, of] of Object.entries<{ value: number }>(figures.all)) {
    if (typeof of !== 'object') continue;
    for (const [end, number] of Object.entries<number | null>(of)) {
      const told = manifest.figures.quality.all[name][end];
      if (number === null) expect(told).toBeNull();
      else expect(told).toBeCloseTo(number, 6);
    }
  }
  const counts = ({ label, predicted, count }: Record<string, unknown>) => [
    label,
    predicted,
    count,
  ];
  expect(manifest.figures.quality.confusion.map(counts)).toEqual(figures.confusion.map(counts));
  expect(manifest.figures.leaderboard.models.map(({ name }: { name: string }) => name)).toEqual(
    expect.arrayContaining(MODELS),
  );
  expect(manifest.model.sha256).toMatch(/^[0-9a-f]{64}$/);

  // A search, and back to all rows.
  await app.getByRole('button', { name: 'Show all rows' }).first().click();
  const text = 'rain rain';
  const has = ({ prompt, responseA, responseB }: TestRow) =>
    [prompt, responseA, responseB].some((turns) => turns.join(' ').includes(text));
  const found = makeRows(45, 11).filter(has).length;
  expect(found).toBeGreaterThan(0);
  expect(found).toBeLessThan(45);
  await app.getByRole('searchbox').fill(text);
  await expect(app.getByText(`${found} of 45 rows`)).toBeVisible();
  await app.getByRole('button', { name: 'Clear the search' }).click();
  await expect(app.getByText('45 of 45 rows')).toBeVisible();

  // The keyboard reaches rows that are not in the page yet, and keeps its position while the mouse scrolls.
  const row = (number: number) =>
    app.locator('.report-table').getByRole('button', { name: `Open row ${number}`, exact: true });
  await row(1).focus();
  await app.keyboard.press('End');
  await expect(row(45)).toBeFocused();
  await expect(row(45)).toBeInViewport({ ratio: 1 });
  await expect(row(1)).toHaveCount(0);
  // Rows in reused elements show their own numbers.
  const numbers = await app
    .locator('.report-table .row')
    .evaluateAll((all) =>
      all.map((one) => [
        Number(one.ariaRowIndex) - 1,
        Number(one.querySelector('button')!.textContent),
      ]),
    );
  expect(numbers.map(([index]) => index)).toEqual(numbers.map(([, number]) => number));
  await app.keyboard.press('ArrowUp');
  await expect(row(44)).toBeFocused();
  await app.locator('.report-scroll').evaluate((element) => element.scrollTo({ top: 0 }));
  await expect(row(1)).toBeVisible();
  await expect(row(44)).toBeFocused();
  await app.keyboard.press('PageUp');
  await expect(app.locator('.report-table').locator(':focus')).toBeInViewport({ ratio: 1 });
  await app.keyboard.press('Home');
  await expect(row(1)).toBeFocused();
});

test('a phone shows what its table has no columns for, and no pixel is out of reach', async ({
  app,
}) => {
  await app.setViewportSize({ width: 390, height: 844 });
  await scoreAndReport(app, labelledCsv(12, 5), 12);
  await expect(app.getByText(/Bradley-Terry ratings/)).toBeVisible({ timeout: 60_000 });
  expect(await shifted(app)).toBeLessThan(0.01);
  expect(await app.evaluate(() => document.documentElement.scrollWidth)).toBe(390);
  await app.locator('.report-table').getByRole('button', { name: 'Open row 2' }).click();
  const facts = app.getByRole('dialog').locator('.facts');
  // See labelledCsv for the second row.
  await expect(facts).toContainText(/Models of A and Bbeta · alpha/);
  await expect(facts).toContainText(/LabelB/);
  const shown = await facts.locator('.fact', { hasText: 'Log loss' }).locator('dd').textContent();
  const p = await app.getByRole('dialog').locator('.big-bar .p-value').nth(1).textContent();
  expect(Number(shown)).toBeCloseTo(-Math.log(Number(p)), 3);
});

test('without labels nothing looks like a measured accuracy', async ({ app }) => {
  await scoreAndReport(app, toKaggleCsv(makeRows(20, 2)), 20);
  await expect(app.getByText('The file has no labels')).toBeVisible();
  await expect(app.getByRole('heading', { name: 'Compare with another run' })).toBeVisible();
  await expect(app.getByText(/log loss|accuracy|calibration/i)).toHaveCount(0);
});

test('post-processing is off, shows what it would change, and is named in the export', async ({
  app,
}) => {
  await scoreAndReport(app, labelledCsv(20, 4), 20);
  await expect(app.getByText('Nothing is on.')).toBeVisible();
  await app.getByRole('textbox', { name: 'Temperature' }).fill('2');
  await app.getByRole('button', { name: 'Apply' }).first().click();
  const effects = app.getByRole('region', { name: 'Post-processing' }).getByRole('table');
  await expect(effects).toContainText('Temperature');
  await expect(effects).toContainText(' to ');
  await expect(app.getByText('Post-processing is on (temperature 2)')).toBeVisible();
  const waiting = app.waitForEvent('download', (file) => file.suggestedFilename().endsWith('.csv'));
  await app.getByRole('button', { name: 'Export these rows' }).click();
  const text = readFileSync(await (await waiting).path(), 'utf8');
  expect(text.split('\n')[1]).toContain('temperature 2');
});

test('two runs of a file are compared and averaged: kept by the browser, or exported before', async ({
  app,
}) => {
  await scoreAndReport(app, labelledCsv(20, 8), 20);
  const saving = app.waitForEvent('download', (file) => file.suggestedFilename().endsWith('.csv'));
  await app.getByRole('button', { name: 'Export these rows' }).click();
  const earlier = await (await saving).path();

  await app.getByRole('tab', { name: 'Score a file' }).click();
  await chooseAdapter(app, 'demo-b');
  await app.getByRole('button', { name: 'Start again' }).click();
  await expect(app.getByText(/^20 rows scored in/).first()).toBeVisible({ timeout: 60_000 });
  await app.getByRole('tab', { name: 'Report' }).click();
  const card = app.getByRole('region', { name: 'Compare with another run' });
  await card.getByRole('button', { name: /^Saved run: .*demo,/ }).click();
  const difference = card.getByRole('row', { name: 'Log loss: This run minus Other run' });
  await expect(difference).toContainText(' to ');
  const cells = difference.getByRole('cell');
  const kept = await cells.allInnerTexts();

  await card.getByRole('button', { name: 'Stop comparing' }).click();
  await expect(difference).toBeHidden();
  const chooser = app.waitForEvent('filechooser');
  await card.getByRole('button', { name: 'Choose a results CSV' }).click();
  await (await chooser).setFiles(earlier);
  // The export has 9 digits, which cannot change four decimals.
  await expect(cells).toHaveText(kept);

  const post = app.getByRole('region', { name: 'Post-processing' }).first();
  await post.getByRole('button', { name: /^Saved run: .*demo,/ }).click();
  await post.getByRole('textbox', { name: 'Weight: This run' }).fill('3');
  await post.getByRole('button', { name: 'Apply weights' }).click();
  await expect(
    app.getByText(/on \(mean of probabilities: this run 3, .*demo,.* 1\)/),
  ).toBeVisible();
  await expect(post.getByRole('row', { name: /^Mean of the runs 20/ })).toContainText(' to ');
});

test('of a run of two adapters one is chosen, or they are weighted and compared: figures are those of runs with each', {
  tag: '@slow',
}, async ({ app }) => {
  const csv = labelledCsv(20, 9);
  await modelReady(app);
  await chooseAdapter(app, 'Average of both adapters (slower)');
  await scoreAndReport(app, csv, 20);
  const post = app.getByRole('region', { name: 'Post-processing' }).first();
  const each = post.getByRole('group', { name: 'Each adapter beside the mean' });
  const lossOf = async (name: string) =>
    Number(await each.getByRole('row', { name }).getByRole('cell').nth(2).textContent());
  await expect(each.getByRole('row', { name: /^demo-b/ })).toContainText(' to ', {
    timeout: 60_000,
  });
  const losses = { demo: await lossOf('demo '), 'demo-b': await lossOf('demo-b') };
  expect(await shifted(app)).toBeLessThan(0.01);

  // By keyboard alone.
  await post.getByRole('button', { name: /Result to use/ }).press('Enter');
  await app.getByRole('option', { name: 'demo-b', exact: true }).press('Enter');
  await expect(app.getByText('Post-processing is on (adapter demo-b)')).toBeVisible();
  await expect(post.getByRole('row', { name: /^Adapters 20/ })).toContainText(' to ');
  const loss = app.locator('.tile').filter({ hasText: 'Log loss' });
  await expect(loss).toContainText(losses['demo-b'].toFixed(4));
  const saving = app.waitForEvent('download', (file) => file.suggestedFilename().endsWith('.csv'));
  await app.getByRole('button', { name: 'Export these rows' }).click();
  const chosen = columns(readFileSync(await (await saving).path(), 'utf8'));

  await post.getByRole('button', { name: /Result to use/ }).click();
  await app.getByRole('option', { name: 'Weights' }).click();
  await post.getByRole('textbox', { name: 'Weight: demo-b' }).fill('0.5');
  await post.getByRole('button', { name: 'Apply weights' }).click();
  await expect(
    app.getByText('(mean of probabilities of the adapters: demo 1, demo-b 0.5)'),
  ).toBeVisible();

  const card = app.getByRole('region', { name: 'Compare with another run' });
  await card
    .getByRole('button', { name: /Compare/ })
    .first()
    .click();
  await app.getByRole('option', { name: 'demo', exact: true }).click();
  await card.getByRole('button', { name: 'Adapter: demo-b' }).click();
  const difference = card.getByRole('row', { name: 'Log loss: demo minus demo-b' });
  await expect(difference).toContainText(' to ');
  const value = (await difference.getByRole('cell').first().textContent())!.replace('−', '-');
  expect(Number(value)).toBeCloseTo(losses.demo - losses['demo-b'], 3);

  const { width, height } = app.viewportSize()!;
  await app.setViewportSize({ width: 390, height });
  // Charts follow the width a moment later.
  await expect.poll(() => app.evaluate(() => document.documentElement.scrollWidth)).toBe(390);
  await app.setViewportSize({ width, height });

  // The same file, scored with each adapter alone.
  for (const name of ['demo', 'demo-b'] as const) {
    await app.getByRole('tab', { name: 'Score a file' }).click();
    await chooseAdapter(app, name);
    await app.getByRole('button', { name: 'Start again' }).click();
    await expect(app.getByText(/^20 rows scored in/).first()).toBeVisible({ timeout: 60_000 });
    await app.getByRole('tab', { name: 'Report' }).click();
    await expect(loss).toContainText(losses[name].toFixed(4), { timeout: 60_000 });
    await expect(post.getByText('Adapters of this run')).toHaveCount(0);
  }
  const again = app.waitForEvent('download', (file) => file.suggestedFilename().endsWith('.csv'));
  await app.getByRole('button', { name: 'Export these rows' }).click();
  const alone = columns(readFileSync(await (await again).path(), 'utf8'));
  for (const name of ['winner_model_a', 'winner_model_b', 'winner_tie']) {
    for (const [row, p] of alone.get(name)!.entries()) {
      expect(Number(chosen.get(name)![row])).toBeCloseTo(Number(p), 6);
      expect(chosen.get(`adapter_demo-b_${name}`)![row]).toBe(chosen.get(name)![row]);
    }
  }
});

test('of a run that an earlier version began only the mean is known, and the report says so', {
  tag: '@slow',
}, async ({ app, baseURL }) => {
  const folder = mkdtempSync(join(tmpdir(), 'tiebreak-e2e-'));
  const [csv, journal] = [join(folder, 'train.csv'), join(folder, 'journal')];
  writeTrainCsv(csv, 20);
  const manifest = join(root, 'dist/models/demo/tiebreak.json');
  writeFileSync(journal, asVersion1(await journalOf(csv, manifest, ['demo', 'demo-b'])));
  await openScored(app, baseURL!, csv, journal);
  await app.getByRole('tab', { name: 'Report' }).click();
  const post = app.getByRole('region', { name: 'Post-processing' }).first();
  await expect(post.getByText(/^An earlier version of this app started this run/)).toBeVisible();
  await expect(post.getByRole('button', { name: /Result to use/ })).toHaveCount(0);
  const card = app.getByRole('region', { name: 'Compare with another run' });
  await expect(card.getByRole('button', { name: 'Choose a results CSV' })).toBeVisible();
  await expect(card.getByRole('button', { name: /^Adapter:/ })).toHaveCount(0);
});

/** Converts a journal to version 1 of its format, which has only the mean of the adapters. */
function asVersion1(bytes: Uint8Array): Uint8Array {
  const { header, engines, batches } = readJournal(bytes);
  const pieces = [encodeHeader(header)];
  const add = (encode: (check: number) => Piece) => pieces.push(encode(pieces.at(-1)!.check));
  for (const record of engines) add((check) => encodeEngine(record, check));
  for (const record of batches) add((check) => encodeBatch({ ...record, logits: null }, check));
  const all = joinBytes(pieces.map((piece) => piece.bytes));
  all.set(new TextEncoder().encode('tiebreak-journal 1'));
  return all;
}

/** The columns of a CSV without quotes, by name. */
function columns(csv: string): Map<string, string[]> {
  const [names, ...rows] = csv
    .trimEnd()
    .split('\n')
    .map((line) => line.split(','));
  return new Map(names!.map((name, c) => [name, rows.map((row) => row[c]!)]));
}

function shown(label: string): string {
  return label === 'tie' ? 'tie' : label.toUpperCase();
}
