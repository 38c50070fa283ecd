import AxeBuilder from '@axe-core/playwright';
import { toKaggleCsv } from '../src/csv/kaggle.ts';
import { makeRows } from '../test/run/helpers.ts';
import { chooseCsv, expect, modelReady, test } from './page.ts';
import { shifted, watchShiftsOfLoad } from './shifts.ts';

const TAGS = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'];

for (const colorScheme of ['light', 'dark'] as const) {
  test.describe(colorScheme, () => {
    test.use({ colorScheme });

    test(`every screen keeps WCAG 2.2 AA, as far as axe can tell (${colorScheme})`, async ({
      app,
    }) => {
      const check = async (what: string) => {
        const { violations } = await new AxeBuilder({ page: app }).withTags(TAGS).analyze();
        const found = violations.map(
          ({ id, nodes }) => `${what}: ${id} at ${nodes.map(({ target }) => target).join(' ')}`,
        );
        expect(found).toEqual([]);
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
      await app.getByRole('button', { name: /Adapter/ }).click();
      await app.getByRole('option', { name: /^Mean of all/ }).click();
      await app.getByRole('button', { name: 'Start' }).click();
      await expect(app.getByText(/^12 rows scored in/).first()).toBeVisible({ timeout: 60_000 });
      await check('score, with results');
      await app.getByRole('tab', { name: 'Report' }).click();
      await expect(app.getByRole('heading', { name: 'Leaderboard' })).toBeVisible();
      await app.getByRole('button', { name: /What counts/ }).click();
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
      await check('explore');
    });
  });
}

test('little moves on a phone while the page and its model are loaded', async ({ app }) => {
  await app.setViewportSize({ width: 390, height: 844 });
  await watchShiftsOfLoad(app);
  await app.reload();
  await modelReady(app);
  expect(await shifted(app)).toBeLessThan(0.02);
});
