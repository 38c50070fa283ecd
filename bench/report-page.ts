/**
 * Measures the speed of a report of 100,000 rows: opens a scored file with labels and 60 models (generated, see
 * scored-run.ts) in the built page in Chromium and prints, for opening the report, sorting, filtering, typing a search,
 * dragging the scrollbar and fast wheel scrolling: the time until the rows appear, the longest task of the main thread
 * by wall clock and by processor time (other programs on the machine affect only the former), tasks over 50 ms, and the
 * intervals between frames; at the end the page's JavaScript heap.
 *
 * `npx tsx bench/report-page.ts [rows] [--profile]`, after `npm run build`. `--profile` also prints the functions that
 * took longest in each part, and what the task with the most processor time was made of. `CHROME_PATH` names another
 * browser.
 */
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Browser, type CDPSession, chromium, type Page } from '@playwright/test';
import { chromiumArgs, chromiumPath } from '../testing/browser/chromium.ts';
import { openScored } from '../testing/browser/scored-page.ts';
import { APP_PORT } from '../testing/browser/settings.ts';
import { journalOf, writeTrainCsv } from '../testing/scored-run.ts';
import { serveBuiltPage } from './built-page.ts';

declare const window: Omit<Window, 'frames'> & { frames: number[] };

const ROWS = Number(process.argv[2]?.startsWith('-') ? 100_000 : (process.argv[2] ?? 100_000));
const PROFILES = process.argv.includes('--profile');
const SCROLL_MS = 4000;
const LONG_MS = 50;
const WAIT = { timeout: 120_000 };
const print = (line: string) => process.stdout.write(`${line}\n`);
const ms = (value: number) => `${Math.round(value)} ms`;

const root = fileURLToPath(new URL('..', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'tiebreak-report-'));
const server = await serveBuiltPage(APP_PORT);
const browser = await chromium.launch({
  executablePath: chromiumPath(),
  args: chromiumArgs('none'),
});
try {
  const csv = join(folder, 'train.csv');
  const journal = join(folder, 'journal');
  writeTrainCsv(csv, ROWS);
  writeFileSync(journal, await journalOf(csv, join(root, 'dist/models/demo/tiebreak.json')));
  print(
    `${new Date().toISOString().slice(0, 10)}, Chromium ${browser.version()}, ${cpus()[0]!.model}, ${cpus().length} threads, load ${loadavg()[0]!.toFixed(1)}; ${ROWS} rows, ${Math.round(statSync(csv).size / 1e6)} MB`,
  );
  await drive(csv, journal);
} finally {
  await browser.close();
  await server.close();
  rmSync(folder, { recursive: true });
}
process.exit(0);

async function drive(csv: string, journal: string): Promise<void> {
  const page = await browser.newPage({ viewport: { width: 1280, height: 900 }, locale: 'en' });
  await openScored(page, server.url, csv, journal);
  await page.waitForTimeout(2000);

  const session = await page.context().newCDPSession(page);
  const part = measuring(browser, page, session);
  const shown = (is: (text: string) => boolean) =>
    until(page, '.rows-card .report-head .numbers', is);
  const all = `${ROWS.toLocaleString('en')} of ${ROWS.toLocaleString('en')} rows`;
  const scroller = page.locator('.report-scroll');

  await part('opening: table and first figures', async () => {
    await page.getByRole('tab', { name: 'Report' }).click();
    await until(page, '.report-table .row');
  });
  await part('until all intervals are there', () =>
    until(page, 'section[aria-label="Leaderboard"] tbody tr'),
  );
  await scroller.scrollIntoViewIfNeeded();
  // By the row twice: from the last one, then from the first.
  for (const column of ['loss', 'gap', 'tokens', 'row', 'row']) {
    const heading = page.locator(`.report-table th.cell-${column} button`);
    await part(`sorting by ${column}`, async () => {
      const before = await firstRow(page);
      await heading.click();
      await until(page, '.report-table .row', (text) => text !== before);
    });
  }
  const bar = page.getByRole('group', { name: /^Probability: A wins/ }).getByRole('button');
  await bar.nth(4).focus();
  await part('filtering by a bar', async () => {
    await page.keyboard.press('Enter');
    await shown((text) => text !== all);
  });
  await part('all rows again', async () => {
    await page.keyboard.press('Enter');
    await shown((text) => text === all);
  });
  await page.getByRole('searchbox').focus();
  await part('typing a search', async () => {
    for (const key of 'water weather') {
      await page.keyboard.press(key === ' ' ? 'Space' : key);
      await page.waitForTimeout(120);
    }
    await until(page, '.search-state', (text) => text !== '');
    await until(page, '.search-state', (text) => text === '');
  });
  await part('clearing it', async () => {
    await page.keyboard.press('Escape');
    await shown((text) => text === all);
  });
  await scroller.scrollIntoViewIfNeeded();
  await part('dragging the scrollbar', () =>
    scroller.evaluate(
      (element, limit) =>
        new Promise<void>((done) => {
          const began = performance.now();
          // Read once, since reading it in every frame would force a layout of what was just drawn.
          const { scrollHeight } = element;
          const step = () => {
            const share = (performance.now() - began) / limit;
            if (share >= 1) return done();
            // Down to the end and back, like a hand.
            element.scrollTop = Math.sin(Math.PI * share) * scrollHeight;
            requestAnimationFrame(step);
          };
          step();
        }),
      SCROLL_MS,
    ),
  );
  const box = (await scroller.boundingBox())!;
  await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
  await part('fast wheel scrolling', async () => {
    const until = performance.now() + SCROLL_MS;
    while (performance.now() < until) {
      await page.mouse.wheel(0, 1200);
      await page.waitForTimeout(16);
    }
  });
  await session.send('HeapProfiler.enable');
  await session.send('HeapProfiler.collectGarbage');
  const { usedSize } = await session.send('Runtime.getHeapUsage');
  print(`the page's JavaScript heap after garbage collection: ${(usedSize / 1e6).toFixed(1)} MB`);
}

function firstRow(page: Page): Promise<string | null> {
  return page.locator('.report-table .row').first().textContent();
}

/** Waits for an element with a text. It polls rarely and cheaply, since polling runs on the measured thread. */
async function until(
  page: Page,
  selector: string,
  is: (text: string) => boolean = () => true,
): Promise<void> {
  const expression = `document.querySelector(${JSON.stringify(selector)})?.textContent ?? null`;
  for (const began = performance.now(); performance.now() - began < WAIT.timeout; ) {
    const text: string | null = await page.evaluate(expression);
    if (text !== null && is(text)) return;
    await page.waitForTimeout(50);
  }
  throw new Error(`${selector} did not come`);
}

/** Runs parts of the work and prints their cost on the page's main thread. */
function measuring(of: Browser, page: Page, session: CDPSession) {
  return async (name: string, work: () => Promise<unknown>): Promise<void> => {
    await page.evaluate(() => {
      window.frames = [];
      const frame = (time: number) => {
        window.frames.push(time);
        requestAnimationFrame(frame);
      };
      if (!('watched' in window)) requestAnimationFrame(frame);
      Object.assign(window, { watched: true });
    });
    if (PROFILES) {
      await session.send('Profiler.enable');
      await session.send('Profiler.start');
    }
    await of.startTracing(page, {
      categories: ['disabled-by-default-devtools.timeline', 'devtools.timeline'],
    });
    const started = performance.now();
    await work();
    const took = performance.now() - started;
    // Work that follows at once belongs to this part.
    await page.waitForTimeout(300);
    const events = mainEvents(await of.stopTracing());
    const tasks = events.filter((event) => event.name === 'RunTask');
    const frames = await page.evaluate(() => window.frames);
    const apart = frames.slice(1).map((time, i) => time - frames[i]!);
    apart.sort((a, b) => a - b);
    const at = (share: number) => apart[Math.floor(share * (apart.length - 1))] ?? Number.NaN;
    const long = tasks.filter(({ wall }) => wall > LONG_MS).length;
    print(
      `${name}: ${ms(took)}; longest task ${ms(Math.max(...tasks.map(({ wall }) => wall)))} (processor ${ms(Math.max(...tasks.map(({ cpu }) => cpu)))}), ${long} over ${LONG_MS} ms; frames apart ${ms(at(0.5))} (median), ${ms(at(0.95))} (95 %), ${ms(at(1))} (most)`,
    );
    if (!PROFILES) return;
    const { profile } = await session.send('Profiler.stop');
    print(`${eventTimes(events)}\n${selfTimes(profile)}\n${longestTask(events)}`);
  };
}

interface TraceEvent {
  name: string;
  ph: string;
  pid: number;
  tid: number;
  ts: number;
  dur?: number;
  tdur?: number;
  args: { name?: string; data?: { type?: string } };
}

interface MainEvent {
  /** Kind of event, with its subject if the trace names it. */
  name: string;
  /** In milliseconds: start, duration by wall clock, processor time. */
  began: number;
  wall: number;
  cpu: number;
}

/** The events of the page's main thread in a trace. */
function mainEvents(trace: Buffer): MainEvent[] {
  const { traceEvents } = JSON.parse(trace.toString('utf8')) as { traceEvents: TraceEvent[] };
  const mains = new Set(
    traceEvents
      .filter(({ name, args }) => name === 'thread_name' && args.name === 'CrRendererMain')
      .map(({ pid, tid }) => `${pid} ${tid}`),
  );
  return traceEvents
    .filter(({ ph, pid, tid }) => ph === 'X' && mains.has(`${pid} ${tid}`))
    .map(({ name, ts, dur = 0, tdur = 0, args }) => ({
      name: args.data?.type === undefined ? name : `${name} ${args.data.type}`,
      began: ts / 1000,
      wall: dur / 1000,
      cpu: tdur / 1000,
    }));
}

/** The events of a millisecond and more, in order, in the task with the most processor time. */
function longestTask(events: readonly MainEvent[]): string {
  const [task] = events
    .filter(({ name }) => name === 'RunTask')
    .sort((one, other) => other.cpu - one.cpu);
  if (task === undefined) return '';
  const inside = events.filter(
    ({ began, wall, cpu }) =>
      cpu >= 1 && began >= task.began && began + wall <= task.began + task.wall,
  );
  return inside
    .sort((one, other) => one.began - other.began)
    .map(
      ({ name, began, cpu }) =>
        `    ${cpu.toFixed(1).padStart(8)} ms  after ${(began - task.began).toFixed(1).padStart(5)} ms  ${name}`,
    )
    .join('\n');
}

/** Processor time by kind of event; the time of a nested event counts for both. */
function eventTimes(events: readonly MainEvent[]): string {
  const times = new Map<string, { cpu: number; most: number; count: number }>();
  for (const { name, cpu } of events) {
    const of = times.get(name) ?? { cpu: 0, most: 0, count: 0 };
    times.set(name, { cpu: of.cpu + cpu, most: Math.max(of.most, cpu), count: of.count + 1 });
  }
  return [...times]
    .sort(([, a], [, b]) => b.cpu - a.cpu)
    .slice(0, 12)
    .map(
      ([name, { cpu, most, count }]) =>
        `    ${cpu.toFixed(1).padStart(8)} ms  ${name}: ${count}, most ${most.toFixed(1)} ms`,
    )
    .join('\n');
}

/** The functions with the most self time, in milliseconds. */
function selfTimes(profile: {
  nodes: { id: number; callFrame: { functionName: string; url: string; lineNumber: number } }[];
  samples?: number[];
  timeDeltas?: number[];
}): string {
  const nodes = new Map(profile.nodes.map((node) => [node.id, node]));
  const times = new Map<string, number>();
  for (const [i, id] of (profile.samples ?? []).entries()) {
    const { functionName, url, lineNumber } = nodes.get(id)!.callFrame;
    const key = `${functionName || '(anonymous)'} ${url.split('/').at(-1)}:${lineNumber + 1}`;
    times.set(key, (times.get(key) ?? 0) + profile.timeDeltas![i]! / 1000);
  }
  return [...times]
    .filter(([key]) => !key.startsWith('(idle)'))
    .sort(([, a], [, b]) => b - a)
    .slice(0, 12)
    .map(([key, time]) => `    ${time.toFixed(1).padStart(8)} ms  ${key}`)
    .join('\n');
}
