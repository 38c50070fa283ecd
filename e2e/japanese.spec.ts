import { toKaggleCsv } from '../src/data/csv/kaggle.ts';
import { expect, test } from '../testing/browser/page.ts';
import { shownTexts } from '../testing/browser/shown-texts.ts';

/** Rows without a Latin letter, with labels and models in the columns of the competition's train.csv. */
function japaneseCsv(): string {
  const rows = Array.from({ length: 9 }, (_, i) => ({
    id: String(i + 1),
    prompt: [`${i + 1} 番の質問：緑茶の入れ方は？`],
    responseA: ['七十度の湯で二分待ちます。'.repeat(i + 1)],
    responseB: ['1. 湯を冷まします。\n2. 茶葉を入れます。\n3. 二分待ちます。'],
  }));
  const [header, ...lines] = toKaggleCsv(rows).trimEnd().split('\n');
  const labels = ['1,0,0', '0,1,0', '0,0,1'];
  const models = ['甲,乙', '乙,丙', '丙,甲'];
  const names = 'model_a,model_b,winner_model_a,winner_model_b,winner_tie';
  const labelled = lines.map((line, i) => `${line},${models[i % 3]},${labels[(i * 2) % 3]}`);
  return `${[`${header},${names}`, ...labelled].join('\n')}\n`;
}

/** Latin words in Japanese texts: names, formats, fields of files and settings, units. */
const NAMES = new Set(
  [
    'Tiebreak demo model demo-b Apache Gemma Google Hugging Face Llama Mistral Qwen Kaggle Python Enter Alt Page Up Down',
    'ONNX Runtime Web WebAssembly WebGPU CPU GPU Transformers PEFT LoRA QLoRA GPTQ SDPA TTA test-time augmentation softmax',
    'Bradley-Terry Elo Markdown ID URL https CSV JSON HTML SHA kB MB GB bit NF float bfloat int bitsandbytes safetensors',
    'LMSYS Chatbot Human Preference Predictions English',
    'Arena H2O GPT LFQA LLMBar MT-Bench PandaLM Vicuna MIT CC-BY',
    // Files, columns, settings and input.
    'test.csv train.csv submission.csv tiebreak.json config.json adapter_config.json adapter_model.safetensors',
    'id prompt response_a response_b max_length spread_max_length load_in_4bit eval lu npm run evaluate',
    'README build-model chrome gpu settings system start localhost',
    // The card about this computer shows these once it has asked the browser.
    'Chrome Chromium Linux Vulkan NVIDIA Intel Gen enable-features enable-unsafe-webgpu',
    'owner name google gemma-2-9b gemma-2-9b-it gemma-2-9b-it-4bit emiz your-name gemma-2-9b-lora',
    // Tokens.
    'bos eos response',
  ].flatMap((line) => line.split(' ')),
);
/** The version of ONNX Runtime, and the middle of a hash, which begins and ends with a letter. */
const CODES = /^(dev\.\d+-[0-9a-f]+|[0-9a-f]{40,64})$/;

function foreignWords(texts: string[]): string[] {
  const words = texts.flatMap((text) => text.match(/[A-Za-z][\w.-]*[A-Za-z]/g) ?? []);
  return [...new Set(words)].filter((word) => !NAMES.has(word) && !CODES.test(word)).sort();
}

test.describe('in Japanese', () => {
  test.use({ locale: 'ja-JP' });

  test('every screen is Japanese: no Latin word is shown that is not a name', async ({ app }) => {
    test.slow();
    await expect(app.locator('html')).toHaveAttribute('lang', 'ja');
    await expect(app.locator('meta[name=description]')).toHaveAttribute('content', /予測します/);
    const tab = (name: string) => app.getByRole('tab', { name, exact: true }).click();
    const check = async (what: string) => {
      await app.evaluate(() => {
        for (const fold of document.querySelectorAll('details')) fold.open = true;
      });
      expect(foreignWords(await app.evaluate(shownTexts, 'script')), what).toEqual([]);
      // A Japanese full stop brings its own space.
      const text = await app.locator('#root').textContent();
      const spaced = text?.match(/.{0,20}。 +\S.{0,20}/g);
      expect(spaced ?? [], what).toEqual([]);
    };
    await expect(app.getByText('実行デバイス')).toBeVisible({ timeout: 60_000 });
    await check('score, empty');
    await tab('レポート');
    await expect(app.getByText(/^まだ結果がありません。/)).toBeVisible();
    await check('report, empty');

    await tab('採点');
    const chooser = app.waitForEvent('filechooser');
    await app.getByRole('button', { name: 'ファイルを選ぶ' }).click();
    const file = { name: 'train.csv', mimeType: 'text/csv', buffer: Buffer.from(japaneseCsv()) };
    await (await chooser).setFiles(file);
    // The report has most text for several adapters in both orders.
    await app.getByRole('button', { name: /(?<!：)アダプター$/ }).click();
    await app.getByRole('option', { name: /^2 つのアダプターの平均/ }).click();
    await app.getByRole('switch', { name: '両方の順序で採点' }).click({ force: true });
    await app.getByRole('button', { name: '開始', exact: true }).click();
    await expect(app.getByText(/^9 行を .+秒で採点しました。/).first()).toBeVisible({
      timeout: 60_000,
    });
    await check('score, with results');
    await app.getByRole('button', { name: '1 行目を開く' }).click();
    await expect(app.getByRole('dialog')).toBeVisible();
    await check('a row');
    await app.keyboard.press('Escape');

    await tab('レポート');
    await expect(app.getByRole('heading', { name: 'リーダーボード' })).toBeVisible();
    await expect(app.getByText(/1,000 回ブートストラップ/)).toBeVisible({ timeout: 60_000 });
    await app
      .getByRole('button', { name: /^A の勝ち/ })
      .first()
      .press('Enter');
    await check('report');

    await tab('1 組を詳しく見る');
    await app.getByRole('textbox', { name: 'ファイルの行' }).fill('2');
    await app.keyboard.press('Enter');
    await expect(app.getByRole('textbox', { name: 'プロンプト' })).toHaveValue(/2 番/);
    await app.getByRole('switch', { name: 'すべてのアダプターで採点' }).click({ force: true });
    await app.getByRole('button', { name: '理由を調べる' }).click();
    await app.getByRole('button', { name: 'トークンを表示' }).click();
    await expect(app.getByText(/切り捨てはありません/)).toBeVisible({ timeout: 60_000 });
    await expect(app.getByText(/^(\d+) か所中 \1 か所$/)).toBeVisible({ timeout: 60_000 });
    await check('explore');

    await tab('採点');
    await app.reload();
    await expect(app.getByRole('heading', { name: '保存された実行' })).toBeVisible();
    await expect(app.getByText('実行デバイス')).toBeVisible({ timeout: 60_000 });
    await app.getByRole('button', { name: /を削除$/ }).click();
    await expect(app.getByRole('alertdialog')).toBeVisible();
    await check('a kept run, to be deleted');
  });

  test('a file is scored in Japanese, and the fault of another one shown', async ({ app }) => {
    const chooser = app.waitForEvent('filechooser');
    await app.getByRole('button', { name: 'ファイルを選ぶ' }).click();
    const buffer = Buffer.from('id,prompt,response_a\n1,p,a\n');
    await (await chooser).setFiles({ name: 'test.csv', mimeType: 'text/csv', buffer });
    const note = app.getByRole('alert').filter({ hasText: '列がありません：response_b。' });
    await expect(note).toContainText('1 行目に');
    await expect(note.getByText('Missing column: response_b.')).toBeHidden();
    await note.getByText('詳細（英語）').click();
    await expect(note.getByText('Missing column: response_b.')).toBeVisible();
    await app.getByRole('button', { name: '例を試す' }).click();
    await app.getByRole('button', { name: '開始', exact: true }).click();
    const scored = app.getByText(/^\d+ 行を .+秒で採点しました。/).first();
    await expect(scored).toBeVisible({ timeout: 60_000 });
    await app.getByRole('tab', { name: 'レポート' }).click();
    await expect(app.getByRole('heading', { name: '予測の内容' })).toBeVisible();
  });

  test('the address overrides the browser', async ({ app }) => {
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
