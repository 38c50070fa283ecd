/**
 * Measures the time until the explorer of the built page shows a pair's score, with the embedded model on WebAssembly
 * in Chromium: from the keystroke to the changed number, debouncing included (for long pairs the number of the forward
 * order, which comes first). Prints the first result and the median and maximum of 20 later ones, for pairs of about
 * 500 and 1,000 tokens.
 *
 * `npx tsx bench/explorer.ts`, after `npm run build`. `CHROME_PATH` names another browser.
 */
import { cpus } from 'node:os';
import { chromium, type Page } from '@playwright/test';
import { chromiumArgs, chromiumPath } from '../testing/browser/chromium.ts';
import { serveBuiltPage } from './built-page.ts';

const PORT = 4397;
const KEYSTROKES = 20;
const SENTENCE =
  'The answer depends on the season, the height of the place and how much rain has fallen in the days before. ';
const print = (line: string) => process.stdout.write(`${line}\n`);

const server = await serveBuiltPage(PORT);
const browser = await chromium.launch({
  executablePath: chromiumPath(),
  args: chromiumArgs('none'),
});
try {
  const page = await browser.newPage({ serviceWorkers: 'block', locale: 'en' });
  await page.goto(`${server.url}#explore`);
  await page.getByText(/^Scored in/).waitFor({ timeout: 60_000 });
  const [{ model }] = [cpus()[0]!];
  print(
    `${new Date().toISOString().slice(0, 10)}, Chromium ${browser.version()}, ${model}, ${cpus().length} threads`,
  );
  for (const sentences of [11, 22]) {
    const text = SENTENCE.repeat(sentences);
    // Two answers of about this length; the second one is entered at once.
    await page.getByLabel('Answer A', { exact: true }).fill(text);
    const first = await timed(page, 'Answer B', '.', `${text} No.`);
    const later: number[] = [];
    for (let i = 0; i < KEYSTROKES; i += 1) {
      later.push(await timed(page, 'Answer A', null, `${text} ${i}`));
    }
    later.sort((a, b) => a - b);
    await page.getByText(/^Scored in/).waitFor();
    const tokens = await page
      .locator('.facts')
      .getByText(/ of 2,048/)
      .last()
      .textContent();
    print(
      `${tokens} tokens: first result ${first.toFixed(0)} ms, later median ${later[KEYSTROKES / 2]!.toFixed(0)} ms, largest ${later.at(-1)!.toFixed(0)} ms`,
    );
  }
} finally {
  await browser.close();
  await server.close();
}
process.exit(0);

/** Milliseconds from an input to its score. `before` is entered first, outside the measurement. */
async function timed(page: Page, field: string, before: string | null, text: string) {
  if (before !== null) {
    await page.getByLabel(field, { exact: true }).fill(before);
    await page.waitForTimeout(3000);
  }
  // Background analyses of the previous pair must neither be measured nor awaited; they are cancelled.
  await page.waitForTimeout(150);
  const waiting = page.evaluate(
    () =>
      new Promise<number>((done) => {
        const cell = document.querySelector('.orders tbody .p-value')!;
        let began = 0;
        document.addEventListener('input', () => (began = performance.now()), {
          once: true,
          capture: true,
        });
        const observer = new MutationObserver(() => {
          if (began === 0) return;
          observer.disconnect();
          done(performance.now() - began);
        });
        observer.observe(cell, { attributes: true, attributeFilter: ['title'] });
      }),
  );
  await page.getByLabel(field, { exact: true }).fill(text);
  return waiting;
}
