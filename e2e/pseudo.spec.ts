import type { Page } from '@playwright/test';
import { expect, test } from '../testing/browser/page.ts';
import { pseudoModule } from '../testing/browser/pseudo-module.ts';
import { shownTexts } from '../testing/browser/shown-texts.ts';
import { accented } from '../testing/pseudo-language.ts';

// The service worker would serve the real texts.
test.use({ locale: 'ja-JP', serviceWorkers: 'block' });

/** Names and versions, which no catalogue contains. */
const DATA = /^(Tiebreak|demo|model|demo-b|English|WebAssembly|dev\.[0-9a-z.-]+)$/;

/** Words of the page without accents. */
async function unaccented(page: Page): Promise<string[]> {
  await page.evaluate(() => {
    for (const fold of document.querySelectorAll('details')) fold.open = true;
  });
  const texts = await page.evaluate(shownTexts);
  const words = texts.flatMap((text) => text.match(/[A-Za-z][\w.-]*[A-Za-z]/g) ?? []);
  return [...new Set(words)].filter((word) => !DATA.test(word));
}

test('the page speaks a third language', async ({ page }) => {
  test.slow();
  const code = await pseudoModule();
  await page.route(/\/assets\/ja-[^/]*\.js$/, (route) =>
    route.fulfill({ contentType: 'text/javascript', body: code }),
  );
  await page.goto('./');
  const tab = (name: string) =>
    page.getByRole('tab', { name: accented(name), exact: true }).click();
  await expect(page.getByText(accented('Runs on'), { exact: true }).first()).toBeVisible({
    timeout: 60_000,
  });
  expect(await unaccented(page), 'score').toEqual([]);
  await tab('Report');
  await expect(page.getByText(accented('Score a file'), { exact: true }).first()).toBeVisible();
  expect(await unaccented(page), 'report').toEqual([]);
});
