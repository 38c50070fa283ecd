import AxeBuilder from '@axe-core/playwright';
import type { Page } from '@playwright/test';
import { toKaggleCsv } from '../src/data/csv/kaggle.ts';
import { chooseCsv, download, expect, modelReady, test } from '../testing/browser/page.ts';
import { shifted, watchShifts } from '../testing/browser/shifts.ts';
import { makeRows } from '../testing/runs.ts';

const DECIMALS = 9;

/** Shows the explorer, and waits for its first score. */
async function explore(page: Page): Promise<void> {
  await page.getByRole('tab', { name: 'Explore a pair' }).click();
  await scored(page);
}

/** Waits until the screen shows the score of the pair. */
async function scored(page: Page): Promise<void> {
  await expect(page.getByText(/^Scored in/)).toBeVisible({ timeout: 60_000 });
}

/** Fails if axe finds a violation. */
async function expectNoViolations(page: Page): Promise<void> {
  const { violations } = await new AxeBuilder({ page })
    .withTags(['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'])
    .analyze();
  expect(violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`)).toEqual([]);
}

/** The three numbers of a column of the result, with all digits. */
async function column(page: Page, order: 'A first' | 'B first' | 'Mean'): Promise<number[]> {
  const place = ['A first', 'B first', 'Mean'].indexOf(order);
  const table = page.getByRole('table', { name: /^Probabilities in both orders/ });
  const cells = await table
    .locator(`tbody tr td:nth-child(${place + 2}) .p-value`)
    .evaluateAll((all) => all.map((cell) => Number(cell.getAttribute('title'))));
  expect(cells).toHaveLength(3);
  return cells;
}

test('a pair is scored as one types, in both orders, and an edit changes the number', async ({
  app,
}) => {
  await modelReady(app);
  await explore(app);
  await watchShifts(app);
  await expect(app.getByText(/^Demo model:/).first()).toBeVisible();
  const before = await column(app, 'Mean');
  expect(before.reduce((sum, p) => sum + p, 0)).toBeCloseTo(1, DECIMALS);
  const [forward, exchanged] = [await column(app, 'A first'), await column(app, 'B first')];
  for (const c of [0, 1, 2])
    expect(before[c]).toBeCloseTo((forward[c]! + exchanged[c]!) / 2, DECIMALS);
  const gap = Math.max(...forward.map((p, c) => Math.abs(p - exchanged[c]!)));
  await expect(app.locator('.gap-value')).toHaveText(gap.toFixed(3));

  // Every key cancels the score before; only the last one counts.
  await app.getByLabel('Answer B', { exact: true }).fill('');
  await app
    .getByLabel('Answer B', { exact: true })
    .pressSequentially('No. <b>Never</b>.', { delay: 15 });
  await expect.poll(() => column(app, 'Mean')).not.toEqual(before);
  await scored(app);
  await expect(app.getByText('Edited: Answer B').first()).toBeVisible();

  // Nothing moves except by typing (the parts of a bar change their width).
  expect(await shifted(app)).toBeLessThan(0.01);

  // Returning to the opened pair gives the same numbers.
  await app.getByRole('button', { name: 'Return to: Opened' }).click();
  await expect.poll(() => column(app, 'Mean')).toEqual(before);

  // The headline is that of the mean. Identical answers have no winner, and without answers there is no headline.
  const headline = app.locator('.verdict-text');
  const [best, second] = [...before].sort((a, b) => b - a);
  const place = before.indexOf(best!);
  const agree = [forward, exchanged].every((p) => p[place] === Math.max(...p));
  await expect(headline).toHaveText(
    agree && best! - second! >= gap ? new RegExp(`: ${best!.toFixed(3)}$`) : 'Undecided',
  );
  await app.getByLabel('Answer A', { exact: true }).fill('The same.');
  await app.getByLabel('Answer B', { exact: true }).fill('The same.');
  await expect.poll(async () => (await column(app, 'Mean')).slice(0, 2)).not.toEqual(before);
  await scored(app);
  const [a, b] = await column(app, 'Mean');
  expect(a).toBe(b);
  await expect(headline).toHaveText(/^(Undecided|Tie: .*)$/);
  await app.getByRole('button', { name: 'Clear' }).click();
  await expect(headline).toHaveText('Type two answers');
  await expect(app.locator('.verdict-part')).toHaveCount(0);
});

test('a row of a scored file has the numbers of the run, and rows are stepped through by keyboard', async ({
  app,
}) => {
  const rows = makeRows(6, 21);
  rows[5]!.responseA = ['word '.repeat(45_000)];
  await modelReady(app);
  await chooseCsv(app, { name: 'test.csv', content: toKaggleCsv(rows) });

  // The screen opens with the file's row, and its keys work at once.
  await explore(app);
  await expect(app.getByText(`Row with id ${rows[0]!.id}.`)).toBeVisible();
  await app.keyboard.press('Alt+PageDown');
  await expect(app.getByText(`Row with id ${rows[1]!.id}.`)).toBeVisible();
  // Of a very long text only the beginning is shown, here and in the row's dialog.
  const row = app.getByRole('textbox', { name: 'Row of the file' });
  await row.fill('6');
  await row.press('Enter');
  await expect(app.getByText(/only the first 200,000 of 225,000 characters/)).toBeVisible();
  await expect(app.getByLabel(/^Answer A/).first()).toHaveValue('word '.repeat(40_000));
  await app.getByRole('tab', { name: 'Score a file' }).click();
  await app.getByRole('button', { name: 'Open row 6' }).click();
  const more = app.getByRole('button', { name: 'Show the next 50,000 of 205,000 characters' });
  await more.click();
  await expect(more).toBeHidden();
  await app.getByRole('dialog').getByRole('button', { name: 'Close' }).click();

  await app.getByRole('button', { name: 'Start' }).click();
  await expect(app.getByText(/^6 rows scored in/).first()).toBeVisible({ timeout: 120_000 });
  const { lines } = await download(app, 'Download submission.csv');
  const submitted = lines.slice(1).map((line) => line.split(',').slice(1).map(Number));

  await app.getByRole('button', { name: 'Open row 2' }).click();
  await app.getByRole('dialog').getByRole('button', { name: 'Explore' }).click();
  await expect(app).toHaveURL(/#explore\?row=2$/);
  for (const row of [1, 2, 3]) {
    await expect(app.getByText(`Row with id ${rows[row]!.id}.`)).toBeVisible();
    await expect
      .poll(async () => {
        const shown = await column(app, 'A first');
        return Math.max(...shown.map((p, c) => Math.abs(p - submitted[row]![c]!)));
      })
      .toBeLessThan(1e-6);
    if (row === 1) await app.keyboard.press('Alt+PageDown');
    if (row === 2) await app.getByRole('textbox', { name: 'Row of the file' }).press('ArrowUp');
  }
});

test('a pair is shared as a link that holds it, and opens without a server', async ({
  app,
  context,
}) => {
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  await modelReady(app);
  await explore(app);
  const text =
    'Only this answer. "Quotes", 日本語, <script>window.hacked = 1</script> **bold** ![cat](https://example.test/c.png)';
  await app.getByLabel('Answer A', { exact: true }).fill(text);
  await expect(app.getByText('Edited: Answer A').first()).toBeVisible();
  await scored(app);
  const mean = await column(app, 'Mean');
  await app.getByRole('button', { name: 'Copy link' }).click();
  await expect(app.getByText(/^Link copied/)).toBeVisible();
  const link = await app.evaluate(() => navigator.clipboard.readText());
  expect(link).toContain('#explore?d=');
  await app.getByRole('button', { name: 'Copy as JSON' }).click();
  await expect(app.getByText('Copied as JSON.')).toBeVisible();
  const json = await app.evaluate(() => navigator.clipboard.readText());

  await app.goto('about:blank');
  await app.goto(link);
  await scored(app);
  await expect(app.getByLabel('Answer A', { exact: true })).toHaveValue(text);
  await expect(app.getByText(/^From a link\./)).toBeVisible();
  await expect.poll(() => column(app, 'Mean')).toEqual(mean);
  expect(await app.evaluate(() => 'hacked' in window)).toBe(false);

  await app.goto(`${link.slice(0, -9)}`);
  await expect(app.getByRole('alert')).toContainText('This link cannot be opened');

  // The remedy of the message works.
  await app.getByRole('button', { name: 'Open JSON…' }).click();
  const dialog = app.getByRole('dialog');
  await dialog.getByLabel('JSON', { exact: true }).fill(json.slice(0, -30));
  await dialog.getByRole('button', { name: 'Open' }).click();
  await expect(dialog.getByRole('alert')).toContainText('This is not JSON');
  await expectNoViolations(app);
  await dialog.getByLabel('JSON', { exact: true }).fill(json);
  await dialog.getByRole('button', { name: 'Open' }).click();
  await expect(dialog).toBeHidden();
  await expect(app.getByRole('alert')).toBeHidden();
  await expect(app.getByLabel('Answer A', { exact: true })).toHaveValue(text);
  // Rendered Markdown loads nothing (the page's fixture watches every request) and runs nothing.
  await app.getByText('Rendered Markdown').click();
  const rendered = app.locator('.part-a .rendered');
  await expect(rendered.locator('strong')).toHaveText('bold');
  await expect(rendered).toContainText(
    '<script>window.hacked = 1</script> bold [Image: cat (https://example.test/c.png)]',
  );
  expect(await app.evaluate(() => 'hacked' in window)).toBe(false);
  await expectNoViolations(app);
  await expect(app.getByText(/^From JSON\. Its sender’s Tiebreak demo model said/)).toBeVisible();
});

test('why, counterfactuals, tokens and adapters', async ({ app }) => {
  await modelReady(app);
  await explore(app);
  await app.getByRole('button', { name: /Examples/ }).click();
  await app.getByRole('option', { name: 'A token spelled out' }).click();
  await scored(app);

  await app.getByRole('button', { name: 'Show tokens' }).click();
  await expect(app.locator('.token-literal')).toHaveText(['<eos>', '<eos>']);
  await app.getByText('Show ids').click();
  await expect(app.locator('.token-literal').first()).toHaveText('<eos>1');
  await expect(app.getByText('Nothing was cut.')).toBeVisible();

  await app.getByRole('button', { name: 'Explain' }).click();
  await expect(app.getByText('3 of 3 parts')).toBeVisible({ timeout: 60_000 });
  const mean = await column(app, 'Mean');
  const leave = app.getByRole('button', {
    name: /^Leave out “It is the end-of-sequence token: the model writes <eos>/,
  });
  const worth = Number((await leave.textContent())!.replace('−', '-').replace('+', ''));
  await leave.click();
  await expect(app.getByLabel('Answer A', { exact: true })).toHaveValue('');
  // Removing the sentence has the predicted effect on the observed class.
  const place = mean.indexOf(Math.max(...mean));
  await expect
    .poll(async () => (mean[place]! - (await column(app, 'Mean'))[place]!) * 100)
    .toBeCloseTo(worth, 1);
  await scored(app);

  await app.getByText('Score with every adapter').click();
  const compared = app.getByRole('table', { name: /^Each adapter/ });
  await expect(compared.getByRole('rowheader')).toHaveCount(2);
  await expect(compared.getByRole('row', { name: /^demo chosen/ })).toContainText(
    (await column(app, 'Mean'))[0]!.toFixed(3),
  );
});

for (const colorScheme of ['light', 'dark'] as const) {
  const tag = colorScheme === 'dark' ? ['@slow'] : [];
  test(`axe finds nothing, ${colorScheme}, on a phone, and nothing is wider than it`, {
    tag,
  }, async ({ app }) => {
    await app.emulateMedia({ colorScheme });
    await app.setViewportSize({ width: 375, height: 800 });
    await modelReady(app);
    await explore(app);
    await app.getByRole('button', { name: 'Show tokens' }).click();
    await app.getByText('Show ids').click();
    await app.getByText('Score with every adapter').click();
    await app.getByRole('button', { name: 'Explain' }).click();
    await expect(app.locator('.unit-worth').first()).toBeVisible({ timeout: 60_000 });
    await app.getByLabel('Answer A', { exact: true }).fill('Two minutes.');
    await scored(app);
    await expectNoViolations(app);
    expect(await app.evaluate(() => document.documentElement.scrollWidth)).toBe(375);
  });
}
