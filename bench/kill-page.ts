/**
 * Measures the cost of killing the browser: scores a CSV in the page (Chromium, demo model, CPU), kills all processes
 * of the browser with SIGKILL at random moments, opens it again, continues, and so on until the submission is complete.
 * Prints for each submission if it equals an undisturbed one byte for byte, and the number of rows computed more than
 * once.
 *
 * `npx tsx bench/kill-page.ts [kills] [rows] [seed]` (50, 400, 1), after `npm run build`. Linux.
 */
import type { Page } from '@playwright/test';
import { toKaggleCsv } from '../src/data/csv/kaggle.ts';
import { KillableBrowser } from '../testing/browser/killable.ts';
import { chooseCsv, download } from '../testing/browser/page.ts';
import { makeRows } from '../testing/runs.ts';
import { random } from '../testing/synthetic.ts';
import { serveBuiltPage } from './built-page.ts';

const KILLS = Number(process.argv[2] ?? 50);
const ROWS = Number(process.argv[3] ?? 400);
const SEED = Number(process.argv[4] ?? 1);
const PORT = 4397;
const print = (line: string) => process.stdout.write(`${line}\n`);
const next = random(SEED);
const content = toKaggleCsv(makeRows(ROWS, 21));

/** Sequences of the batches begun since the latest start of the browser. */
let begun: number[] = [];
const COUNT = `addEventListener('message', ({ data }) => {
  if (data?.path?.[0] !== 'logits') return;
  const request = new XMLHttpRequest();
  request.open('POST', '/begun', false);
  request.send(String(data.argumentList[1].value.length));
});\n`;

// The built page, with an engine that reports each batch before computing it.
const server = await serveBuiltPage(PORT, {
  engineCode: COUNT,
  also: (request, response, pass) => {
    if (request.url !== '/begun') return pass();
    request.setEncoding('utf8').on('data', (text) => begun.push(Number(text)));
    request.on('end', () => response.end());
  },
});
const { url } = server;

const browser = new KillableBrowser('block');
try {
  let page = await browser.open(url);
  await begin(page);
  const started = Date.now();
  await finished(page, 600_000);
  const seconds = (Date.now() - started) / 1000;
  const undisturbed = await submission(page);
  const batches = begun.length;
  if (sum(begun) !== ROWS) throw new Error(`${sum(begun)} rows were begun instead of ${ROWS}`);
  print(
    `${new Date().toISOString().slice(0, 10)}, ${ROWS} rows in ${batches} batches, undisturbed in ${seconds.toFixed(0)} s, seed ${SEED}`,
  );

  const all = { kills: 0, early: 0, runs: 0, equal: 0, twice: 0, most: 0, lost: 0 };
  while (all.kills < KILLS) {
    await browser.kill();
    const sessions: number[][] = [];
    let shown = 0;
    for (let running = true; running; ) {
      begun = [];
      page = await browser.open(url);
      // One kill in eight hits the page while it opens; the others fall anywhere in the next third of the run.
      const early = next() < 1 / 8;
      const wait = next() * (early ? 3000 : (seconds * 1000) / 3);
      const work = early ? page.waitForTimeout(wait) : goOn(page).then(() => finished(page, wait));
      const kept = await keptRows(page, early);
      if (kept < shown) all.lost += shown - kept;
      const ended = await work;
      if (ended === true || all.kills >= KILLS) {
        if (ended !== true) await finished(page, 600_000);
        running = false;
        sessions.push(begun);
        continue;
      }
      shown = Math.max(shown, await shownRows(page));
      await browser.kill();
      sessions.push(begun);
      all.kills += 1;
      if (early) all.early += 1;
    }
    all.runs += 1;
    const isEqual = (await submission(page)) === undisturbed;
    if (isEqual) all.equal += 1;
    const twice = sum(sessions.flat()) - ROWS;
    const inFlight = sum(sessions.slice(0, -1).map((session) => session.at(-1) ?? 0));
    all.twice += twice;
    all.most = Math.max(all.most, ...sessions.slice(0, -1).map((session) => session.at(-1) ?? 0));
    print(
      `run ${all.runs}: ${sessions.length - 1} kills, ${isEqual ? 'equal' : 'DIFFERENT'}, ${twice} rows computed again (batches in flight had ${inFlight})`,
    );
    if (twice < 0 || twice > inFlight)
      throw new Error('more was computed again than was in flight');
  }
  print(
    `${all.kills} kills (${all.early} while the page opened) in ${all.runs} runs: ${all.equal} of ${all.runs} submissions equal byte for byte; ${all.twice} rows computed again, ${(all.twice / all.kills).toFixed(1)} a kill (largest batch in flight ${all.most}); ${all.lost} rows that were shown got lost`,
  );
} finally {
  await browser.remove();
  await server.close();
}

/** Chooses the file and starts. */
async function begin(page: Page): Promise<void> {
  await page.getByText('Runs on', { exact: true }).waitFor({ timeout: 60_000 });
  await chooseCsv(page, { name: 'test.csv', content });
  await page.getByRole('button', { name: /^Start/ }).click();
}

/** Continues the saved run, or starts one if there is none. */
async function goOn(page: Page): Promise<void> {
  await page.getByText('Runs on', { exact: true }).waitFor({ timeout: 60_000 });
  const button = page.getByRole('button', {
    name: /^(Continue|Show) the (run|results) of test\.csv$/,
  });
  if ((await button.count()) === 0) return begin(page);
  await button.click();
  const chooser = page.waitForEvent('filechooser');
  await page.getByRole('button', { name: 'Choose test.csv' }).click();
  await (await chooser).setFiles({
    name: 'test.csv',
    mimeType: 'text/csv',
    buffer: Buffer.from(content),
  });
}

/** Waits for the end of the run for at most `ms` milliseconds. @returns true if it ended. */
async function finished(page: Page, ms: number): Promise<boolean> {
  const end = page.getByText(new RegExp(`^${ROWS} rows scored in`)).first();
  return end.waitFor({ timeout: Math.max(1, ms) }).then(
    () => true,
    () => false,
  );
}

/** Number of finished rows in the list of saved runs. */
async function keptRows(page: Page, early: boolean): Promise<number> {
  if (early) return Number.POSITIVE_INFINITY;
  const text = page.getByText(new RegExp(`^\\d+ of ${ROWS} rows · `));
  return text
    .textContent({ timeout: 3000 })
    .then((found) => Number(/^\d+/.exec(found ?? '')?.[0]))
    .catch(() => 0);
}

async function shownRows(page: Page): Promise<number> {
  const text = page.getByText(new RegExp(`^\\d+ of ${ROWS} rows$`));
  if ((await text.count()) === 0) return 0;
  return Number(/^\d+/.exec((await text.textContent()) ?? '')?.[0]);
}

/** Downloads the submission, and waits until the run is no longer saved. */
async function submission(page: Page): Promise<string> {
  const { lines } = await download(page, 'Download submission.csv');
  const isGone = async () => {
    const storage = await navigator.storage.getDirectory();
    const runs = await storage.getDirectoryHandle('runs');
    return (await runs.keys().next()).done === true;
  };
  while (!(await page.evaluate(isGone))) await page.waitForTimeout(50);
  return lines.join('\n');
}

function sum(numbers: number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
