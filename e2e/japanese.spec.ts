import { expect, test } from './page.ts';

test.describe('in Japanese', () => {
  test.use({ locale: 'ja-JP' });

  test('every screen is Japanese', async ({ app }) => {
    await expect(app.locator('html')).toHaveAttribute('lang', 'ja');
    await expect(app.locator('meta[name=description]')).toHaveAttribute('content', /予測します/);
    await expect(app.getByRole('heading', { name: 'ファイル', exact: true })).toBeVisible();
    await expect(app.getByRole('button', { name: '例を使う' })).toBeVisible();
    await app.getByRole('tab', { name: 'レポート' }).click();
    await expect(app.getByText(/^まだ結果がありません。/)).toBeVisible();
    await app.getByRole('tab', { name: '1 組を詳しく見る' }).click();
    await expect(app.getByRole('heading', { name: '1 組の回答を詳しく見る' })).toBeVisible();
    const words = await app.locator('h1, h2, h3, button, label').allInnerTexts();
    // What has no other letters is a name.
    const english = words.filter((text) => /^[a-z]+( [a-z]+)*$/i.test(text.trim()));
    expect(english).toEqual(['Tiebreak']);
  });

  test('a file is scored in Japanese, and what is wrong with another one told', async ({ app }) => {
    const chooser = app.waitForEvent('filechooser');
    await app.getByRole('button', { name: 'ファイルを選ぶ' }).click();
    const buffer = Buffer.from('id,prompt,response_a\n1,p,a\n');
    await (await chooser).setFiles({ name: 'test.csv', mimeType: 'text/csv', buffer });
    const note = app.getByRole('alert').filter({ hasText: '列がありません：response_b。' });
    await expect(note).toContainText('1 行目に');
    await expect(note.getByText('Missing column: response_b.')).toBeHidden();
    await note.getByText('詳細（英語）').click();
    await expect(note.getByText('Missing column: response_b.')).toBeVisible();
    await app.getByRole('button', { name: '例を使う' }).click();
    await app.getByRole('button', { name: '開始', exact: true }).click();
    const scored = app.getByText(/^\d+ 行を .+秒で採点しました。/).first();
    await expect(scored).toBeVisible({ timeout: 60_000 });
    await app.getByRole('tab', { name: 'レポート' }).click();
    await expect(app.getByRole('heading', { name: '予測の内容' })).toBeVisible();
  });

  test('the address goes before the browser', async ({ app }) => {
    await app.goto('./?lang=en');
    await expect(app.locator('html')).toHaveAttribute('lang', 'en');
    await expect(app.getByRole('tab', { name: 'Report' })).toBeVisible();
  });
});

test.describe('in English', () => {
  test.use({ locale: 'en-US' });

  test('every screen is English', async ({ app }) => {
    await expect(app.locator('html')).toHaveAttribute('lang', 'en');
    for (const tab of ['Score a file', 'Report', 'Explore a pair']) {
      await app.getByRole('tab', { name: tab }).click();
      await expect(app.getByRole('tabpanel').first()).toBeVisible();
      const japanese = app.locator('#root').getByText(/[\p{Script=Hiragana}\p{Script=Katakana}]/u);
      await expect(japanese).toHaveCount(0);
    }
  });
});
