import type { Page } from '@playwright/test';
import { expect, test, withoutFilePicker } from '../testing/browser/page.ts';
import { pseudoModule } from '../testing/browser/pseudo-module.ts';
import { shownTexts } from '../testing/browser/shown-texts.ts';
import { accented, pseudo } from '../testing/pseudo-language.ts';

// The service worker would hand out the true texts.
test.use({ locale: 'ja-JP', serviceWorkers: 'block' });

/** Names, versions, files, columns and tokens: nothing that a catalogue words. */
const DATA =
  /^(Tiebreak|demo|model|demo-b|English|Chromium|WebAssembly|dev\.[0-9a-z.-]+|[0-9a-f]{40,64}|train\.csv|csv|response(_[ab])?|prompt|bos|eos)$/;

/** Rows with labels. Their texts have no letters, so that every letter on the page is one of the page. */
function rowsWithoutLetters(rows: number): string {
  const labels = ['1,0,0', '0,1,0', '0,0,1'];
  const lines = Array.from(
    { length: rows },
    (_, i) =>
      `${i},${i % 3},${3 + (i % 2)},${i} + ${i} = ?,${2 * i}. ${'12 '.repeat(i)},${2 * i + 1},${labels[(i * 7) % 3]}`,
  );
  const columns = 'prompt,response_a,response_b,winner_model_a,winner_model_b,winner_tie';
  return `id,model_a,model_b,${columns}\n${lines.join('\n')}\n`;
}

/**
 * Opens every fold, and returns the words on the page and in its title that stand there in plain letters. What is
 * marked as English is what an error itself says.
 */
async function unaccented(page: Page): Promise<string[]> {
  await page.evaluate(() => {
    for (const fold of document.querySelectorAll('details')) fold.open = true;
  });
  const texts = [...(await page.evaluate(shownTexts, '[lang=en]')), await page.title()];
  const words = texts.flatMap((text) => text.match(/[A-Za-z][\w.-]*[A-Za-z]/g) ?? []);
  return [...new Set(words)].filter((word) => !DATA.test(word));
}

async function chooseFile(page: Page, name: string, content: string): Promise<void> {
  const chooser = page.waitForEvent('filechooser');
  const { choose, chooseAnother } = pseudo.file;
  const button = (label: string) => page.getByRole('button', { name: label, exact: true });
  await button(choose).or(button(chooseAnother)).click();
  const buffer = Buffer.from(content);
  await (await chooser).setFiles({ name, mimeType: 'text/csv', buffer });
}

test('the page speaks a third language', async ({ page }) => {
  test.slow();
  const code = await pseudoModule();
  await page.addInitScript(withoutFilePicker);
  await page.route(/\/assets\/ja-[^/]*\.js$/, (route) =>
    route.fulfill({ contentType: 'text/javascript', body: code }),
  );
  await page.goto('./');
  const tab = (name: string) =>
    page.getByRole('tab', { name: accented(name), exact: true }).click();
  const press = (name: string) => page.getByRole('button', { name, exact: true }).first().click();
  const seen = (text: string | RegExp) =>
    expect(page.getByText(text, { exact: true }).first()).toBeVisible({ timeout: 60_000 });
  const check = async (what: string) => expect.soft(await unaccented(page), what).toEqual([]);

  await seen(accented('Runs on'));
  await expect(page.locator('html')).toHaveAttribute('lang', 'ja');
  await check('score: the beginning');

  await chooseFile(page, '1.csv', '1,2\n3,4\n');
  await expect(page.getByRole('alert').first()).toBeVisible();
  await check('score: a file that is refused');
  await page.getByLabel(pseudo.own.address, { exact: true }).first().fill('1 2');
  await press(pseudo.own.take);
  await check('models: an address that is refused');
  await tab('Report');
  await seen(accented('Score a file'));
  await check('report: nothing to judge');

  await tab('Score a file');
  await chooseFile(page, 'train.csv', rowsWithoutLetters(12));
  await seen(pseudo.file.labelled);
  await press(pseudo.run.start);
  await seen(pseudo.results.facts.scored);
  await check('score: a run that is finished');
  await tab('Report');
  await seen(pseudo.report.quality.heading);
  await expect(page.getByText(pseudo.report.computingIntervals)).toHaveCount(0, {
    timeout: 60_000,
  });
  await check('report: a labelled file');

  await tab('Explore a pair');
  const changes = page.getByRole('table', { name: pseudo.explorer.tries.caption });
  await expect(changes.getByText(pseudo.explorer.tries.waiting)).toHaveCount(0, {
    timeout: 60_000,
  });
  await press(pseudo.explorer.why.start);
  await seen(pseudo.explorer.why.strongest);
  await press(pseudo.explorer.tokens.show);
  await expect(page.getByText(pseudo.explorer.tokens.nothingCut)).toBeVisible();
  await check('explore: a scored pair');
});
