import AxeBuilder from '@axe-core/playwright';
import type { Page } from '@playwright/test';
import { toKaggleCsv } from '../src/data/csv/kaggle.ts';
import { chooseAdapter, chooseCsv, expect, modelReady, test } from '../testing/browser/page.ts';
import { looksOther } from '../testing/browser/pixels.ts';
import { moved, shifted, watchShiftsOfLoad } from '../testing/browser/shifts.ts';
import { makeRows } from '../testing/runs.ts';

/** The rules about colours, which are all that a theme can break. */
const OF_COLOURS = ['color-contrast', 'link-in-text-block'];
const TAGS = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'];

for (const colorScheme of ['light', 'dark'] as const) {
  test.describe(colorScheme, () => {
    test.use({ colorScheme });

    const tag = colorScheme === 'dark' ? ['@slow'] : [];
    test(`every screen keeps WCAG 2.2 AA, as far as axe can tell (${colorScheme})`, {
      tag,
    }, async ({ app }) => {
      const check = async (what: string) => {
        const axe = new AxeBuilder({ page: app });
        // The dark theme differs in its colours alone, and not where the user's replace them.
        if (colorScheme === 'dark') axe.withRules(OF_COLOURS);
        else axe.withTags(TAGS);
        const { violations } = await axe.analyze();
        const found = violations.map(
          ({ id, nodes }) => `${what}: ${id} at ${nodes.map(({ target }) => target).join(' ')}`,
        );
        expect(found).toEqual([]);
        if (colorScheme === 'dark') return;
        await app.emulateMedia({ forcedColors: 'active' });
        const forced = await new AxeBuilder({ page: app }).withRules(OF_COLOURS).analyze();
        expect([what, ...forced.violations.map(({ id }) => id)]).toEqual([what]);
        await app.emulateMedia({ forcedColors: 'none' });
      };
      const [header, ...lines] = toKaggleCsv(makeRows(12, 6)).trimEnd().split('\n');
      const labels = ['1,0,0', '0,1,0', '0,0,1'];
      const rows = lines.map((line, i) => `${line},x${i % 3},y,${labels[i % 3]}`);
      const names = 'model_a,model_b,winner_model_a,winner_model_b,winner_tie';
      await modelReady(app);
      await check('score, empty');
      await app.getByRole('tab', { name: 'Report' }).click();
      await expect(app.getByText('There are no results yet.')).toBeVisible();
      await check('report, empty');
      await app.getByRole('tab', { name: 'Score a file' }).click();
      const content = `${[`${header},${names}`, ...rows].join('\n')}\n`;
      await chooseCsv(app, { name: 'train.csv', content });
      await chooseAdapter(app, /^Average of/);
      await app.getByRole('button', { name: 'Start' }).click();
      await expect(app.getByText(/^12 rows scored in/).first()).toBeVisible({ timeout: 60_000 });
      await check('score, with results');
      await app.locator('summary', { hasText: 'Your own model' }).click();
      await expect(app.getByRole('heading', { name: 'Import', exact: true })).toBeVisible();
      await check('own model');
      await app.getByRole('button', { name: 'Open row 1', exact: true }).click();
      await expect(app.getByRole('dialog')).toBeVisible();
      await check('a row');
      await app.keyboard.press('Escape');
      await app.getByRole('tab', { name: 'Report' }).click();
      await expect(app.getByRole('heading', { name: 'Leaderboard' })).toBeVisible();
      await app.getByRole('button', { name: /Result to use/ }).click();
      await app.getByRole('option', { name: 'Weights' }).click();
      await app.getByRole('button', { name: 'Adapter: demo-b' }).click();
      await expect(app.getByText('Compared with demo-b of this run')).toBeVisible();
      await app
        .getByRole('group', { name: /^Probability: A wins/ })
        .getByRole('button')
        .first()
        .press('Enter');
      for (const fold of await app.locator('.report details').all()) {
        await fold.locator('summary').first().click();
      }
      await check('report');
      await app.getByRole('tab', { name: 'Explore a pair' }).click();
      await expect(app.getByRole('tabpanel').getByRole('textbox').first()).toBeVisible();
      await app.getByRole('switch', { name: 'Score with every adapter' }).click({ force: true });
      await app.getByRole('button', { name: 'Explain' }).click();
      await app.getByRole('button', { name: 'Show tokens' }).click();
      await expect(app.getByText('Nothing was cut.')).toBeVisible({ timeout: 60_000 });
      await expect(app.getByText(/^(\d+) of \1 parts$/)).toBeVisible({ timeout: 60_000 });
      await check('explore');
    });
  });
}

test('with forced colours, what a fill says is still seen', async ({ app }) => {
  await app.emulateMedia({ forcedColors: 'active' });
  await modelReady(app);
  const seen = async (what: string, place: string, change: (element: HTMLElement) => void) => {
    expect(await looksOther(app.locator(place).first(), change), what).toBe(true);
  };
  const content = toKaggleCsv(makeRows(6, 6));
  await chooseCsv(app, { name: 'test.csv', content });
  await app.getByRole('button', { name: 'Start' }).click();
  await expect(app.getByText(/^6 rows scored in/).first()).toBeVisible({ timeout: 60_000 });
  const full = (element: HTMLElement) => element.style.setProperty('--p', '1');
  await seen('a bar of the table', '.bar-under', full);
  const choose = (element: HTMLElement) => element.setAttribute('aria-selected', 'true');
  await seen('the selected tab', '.screen-tab[aria-selected="false"]', choose);

  await app.getByRole('tab', { name: 'Report' }).click();
  const chart = app.getByRole('group', { name: /^Probability: A wins/ });
  await expect(chart).toBeVisible();
  const hide = (element: Element) =>
    element.querySelectorAll<SVGElement>('.bar').forEach((bar) => {
      bar.style.visibility = 'hidden';
    });
  expect(await looksOther(chart, hide), 'the bars of a chart').toBe(true);
  await seen('a switch that is on', '.report .switch-track', ({ parentElement }) =>
    parentElement!.setAttribute('data-selected', 'true'),
  );
  const clear = ({ style }: HTMLElement) => {
    style.opacity = '0';
  };
  await seen('a switch that is off', '.report .switch:not([data-selected]) .switch-track', clear);

  await app.getByRole('tab', { name: 'Explore a pair' }).click();
  await expect(app.locator('.verdict-part').first()).toBeVisible();
  await seen('a small bar of the explorer', '.orders .p-bar', (bar) => bar.replaceChildren());
});

// 400 % of a window of 1,280 x 1,024, https://www.w3.org/TR/WCAG22/#reflow
test('every screen keeps it at 400 %, also with forced colours', {
  tag: '@slow',
}, async ({ app }) => {
  // Each run of axe on a long page takes seconds.
  test.setTimeout(400_000);
  await app.setViewportSize({ width: 320, height: 256 });
  const check = async (what: string) => {
    for (const forcedColors of ['none', 'active'] as const) {
      await app.emulateMedia({ forcedColors });
      const { violations } = await new AxeBuilder({ page: app }).withTags(TAGS).analyze();
      const place = `${what}, forced colours ${forcedColors}`;
      const found = violations.map(
        ({ id, nodes }) => `${place}: ${id} at ${nodes.map(({ target }) => target).join(' ')}`,
      );
      expect(found).toEqual([]);
      const overflow = await app.evaluate(
        () => document.documentElement.scrollWidth - window.innerWidth,
      );
      expect(overflow, place).toBeLessThanOrEqual(0);
    }
    await app.emulateMedia({ forcedColors: 'none' });
  };
  await modelReady(app);
  await app.locator('summary', { hasText: 'This computer' }).click();
  await app.locator('summary', { hasText: 'Your own model' }).click();
  await app.locator('summary', { hasText: 'Settings' }).click();
  await expect(app.getByRole('heading', { name: 'Import', exact: true })).toBeVisible();
  await check('score, opened');
  await app.getByRole('button', { name: 'Try the example' }).click();
  await app.getByRole('button', { name: 'Start', exact: true }).click();
  await expect(app.getByText(/^48 rows scored in/).first()).toBeVisible({ timeout: 60_000 });
  await check('score, with results');
  await app.getByRole('tab', { name: 'Report' }).click();
  await expect(app.getByRole('heading', { name: 'Compare with another run' })).toBeVisible();
  await check('report');
  await app.getByRole('tab', { name: 'Explore a pair' }).click();
  await app.getByRole('button', { name: 'Explain' }).click();
  await expect(app.getByText(/^(\d+) of \1 parts$/)).toBeVisible({ timeout: 60_000 });
  await check('explore');
});

test('a run keeps it while it goes on, rests and is kept', async ({ app }) => {
  const check = async (what: string) => {
    const { violations } = await new AxeBuilder({ page: app }).withTags(TAGS).analyze();
    expect([what, ...violations.map(({ id }) => id)]).toEqual([what]);
  };
  await modelReady(app);
  await chooseCsv(app, { name: 'test.csv', content: toKaggleCsv(makeRows(400, 9)) });
  await app.getByRole('button', { name: 'Start' }).click();
  await expect(app.getByText(/^[1-9]\d* of 400 rows$/)).toBeVisible({ timeout: 60_000 });
  await check('running');
  await app.getByRole('button', { name: 'Pause' }).click();
  // The pause follows the batch in flight, which takes a while on a busy machine.
  await expect(app.getByText('Paused. Nothing is computed.')).toBeVisible({ timeout: 60_000 });
  await check('paused');
  await app.getByRole('button', { name: 'Cancel' }).click();
  await expect(app.getByText(/^Cancelled/).first()).toBeVisible();
  await check('cancelled');
  await app.reload();
  await expect(app.getByText('Saved runs').first()).toBeVisible();
  await check('kept');
});

const ENGLISH = {
  computesOn: 'Runs on',
  example: 'Try the example',
  start: 'Start',
  scored: /rows scored in/,
  score: 'Score a file',
  report: 'Report',
  compare: 'Compare with another run',
  explore: 'Explore a pair',
  explain: 'Explain',
  explained: /^(\d+) of \1 parts$/,
  kept: 'Saved runs',
};
const JAPANESE: typeof ENGLISH = {
  computesOn: '実行デバイス',
  example: '例を試す',
  start: '開始',
  scored: /秒で採点しました/,
  score: '採点',
  report: 'レポート',
  compare: '別の実行と比較',
  explore: '1 組を詳しく見る',
  explain: '理由を調べる',
  explained: /^(\d+) か所中 \1 か所$/,
  kept: '保存された実行',
};

/**
 * Lets runs begin later than the half second in which movements count as answers to a press. They do so on a slow
 * machine.
 */
async function startLate(page: Page): Promise<void> {
  await page.addInitScript(() => {
    const send = Worker.prototype.postMessage as (message: unknown, options?: unknown) => void;
    Worker.prototype.postMessage = function (message: { path?: string[] }, options?: unknown) {
      if (message.path?.at(-1) === 'start')
        setTimeout(() => send.call(this, message, options), 700);
      else send.call(this, message, options);
    };
  });
}

for (const width of [390, 1280]) {
  for (const locale of ['en-US', 'ja-JP']) {
    test.describe(`${width} px wide, ${locale}`, () => {
      test.use({ viewport: { width, height: 900 }, locale });

      // A narrow page in one language and a wide one in the other, since each reserves other places.
      const isQuick = (width === 390) === (locale === 'ja-JP');
      const tag = isQuick ? ['@fonts'] : ['@fonts', '@slow'];
      test(`little moves by itself (${width} px, ${locale})`, { tag }, async ({ app }) => {
        const words = locale === 'ja-JP' ? JAPANESE : ENGLISH;
        const still = async (what: string) => {
          expect(await shifted(app), `${what}: ${await moved(app)}`).toBeLessThan(0.01);
        };
        await watchShiftsOfLoad(app);
        await startLate(app);
        await app.reload();
        const loaded = app.getByText(words.computesOn, { exact: true }).first();
        await expect(loaded).toBeVisible({ timeout: 120_000 });
        await still('loading');
        await app.getByRole('button', { name: words.example }).click();
        await app.getByRole('button', { name: words.start, exact: true }).click();
        await expect(app.getByText(words.scored).first()).toBeVisible({ timeout: 120_000 });
        await still('a run');
        await app.getByRole('tab', { name: words.report }).click();
        await expect(app.getByRole('heading', { name: words.compare })).toBeVisible();
        await still('the report');
        await app.getByRole('tab', { name: words.explore }).click();
        await app.getByRole('button', { name: words.explain }).click();
        await expect(app.getByText(words.explained)).toBeVisible({ timeout: 120_000 });
        await still('the explorer');
        // The run is saved, and listed above everything else.
        await app.getByRole('tab', { name: words.score }).click();
        await app.reload();
        await expect(app.getByRole('heading', { name: words.kept })).toBeVisible();
        await expect(loaded).toBeVisible({ timeout: 120_000 });
        await still('a kept run');
      });
    });
  }
}
