import { afterEach, describe, expect, test, vi } from 'vitest';
import { type CsvNote, notesIn } from '../../../src/data/csv/notes.ts';
import type { Texts } from '../../../src/texts/texts.ts';

/** Loads the modules as a page with these languages does. */
async function pageIn(...languages: string[]) {
  vi.resetModules();
  vi.stubGlobal('location', { search: '' });
  vi.stubGlobal('navigator', { languages });
  const [{ strings }, { english }, { japanese }, { errorLine }] = await Promise.all([
    import('../../../src/app/i18n/strings.ts'),
    import('../../../src/texts/en/index.ts'),
    import('../../../src/texts/ja/index.ts'),
    import('../../../src/app/i18n/error-text.ts'),
  ]);
  return { strings, english, japanese, errorLine };
}

afterEach(() => vi.unstubAllGlobals());

/** The same in both languages: names, technical terms and symbols. */
const SAME = new Set([
  'name',
  'model.devices.webgpu',
  'model.devices.wasm',
  'model.precisions.float32',
  'model.precisions.float16',
  'model.executors.ort',
  'place.gpu',
  'model.executorNames.ort',
  'own.addressPlaceholder',
  'own.quants.nf4.label',
  'own.quants.int4.label',
  'own.embeddings.float32.label',
  'own.embeddings.float16.label',
  'own.embeddings.int8.label',
  'own.embeddings.int4.label',
  'own.unknown',
  'run.unknown',
  'run.lanes.gpu',
  'run.lanes.shareOf',
  'runs.settings.maxLength',
  'results.facts.maxLength',
  'results.columns.a',
  'results.columns.b',
  'results.short.a',
  'results.short.b',
  'downloads.partialName',
  'downloads.completeName',
  'report.classNames.0',
  'report.classNames.1',
  'report.percent',
  'report.table.columns.a',
  'report.table.columns.b',
  'report.table.manifestName',
  'explorer.json.field',
  'explorer.tries.waiting',
  'explorer.tokens.group',
  'explorer.result.short.0',
  'explorer.result.short.1',
  'explorer.result.none',
  'explorer.facts.maxLength',
  'computer.browserName',
  'computer.webGpu',
  'computer.gpu',
  'computer.float16',
]);

/** Different from English, but without a Japanese letter. */
const NO_LETTERS = new Set([
  'model.quantizations.nf4',
  'model.quantizations.fp4',
  'model.quantizations.int4',
  'model.quantizations.gptq4',
  'model.quantizations.gptq8',
  'model.gpus.label',
  'notice.by',
  'results.of',
  'results.columns.id',
  'run.incident',
  'footer.versions',
  'report.of',
  'report.interval',
  'report.range',
  'report.table.range',
  'explorer.result.verdict',
  'explorer.facts.tokensOf',
]);

/** Arguments that are not plain numbers or texts, and the parts of the result that show them. */
const SAMPLES: Record<string, { args: unknown[]; shows: string[] }> = {
  'model.selfTestPassed': { args: [2e-6], shows: ['2e\u20116'] },
  'model.meanOf': { args: [['demo', 'other']], shows: ['demo、other'] },
  'place.part': { args: [1, 2, 'fast', 'float16'], shows: ['1～2 層', 'fast', 'float16'] },
  'place.parts': { args: [['fast', 'slow']], shows: ['fast', 'slow'] },
  'model.gpus.all': { args: [['One', 'Two']], shows: ['2 台', 'One', 'Two'] },
  'model.gpus.split': { args: [['One', 'Two']], shows: ['2 台', 'One', 'Two'] },
  'model.kept.choices': { args: [['CPU', 'int8']], shows: ['CPU、int8'] },
  'model.isOther': { args: ['x', ['a', 'b'], 7], shows: ['x', 'a、b', '7 個'] },
  'own.severalBases': { args: [['x/y', 'x/z']], shows: ['x/y', 'x/z'] },
  'own.adapterFacts': { args: [['q_proj', 'v_proj'], 42, [8, 64]], shows: ['v_proj', '42', '64'] },
  'own.left': { args: [7500], shows: ['残り約 2 時間 10 分'] },
  'own.missing': {
    args: [['a.bin', 'b.bin', 'c.bin', 'd.bin', 'e.bin']],
    shows: ['c.bin', '2 件'],
  },
  'own.lost': { args: [['gemma', 'other']], shows: ['gemma', 'other'] },
  'own.finished': { args: [Date.UTC(2026, 10, 24, 12)], shows: ['2026'] },
  'own.adaptersOf': { args: [['first', 'second']], shows: ['first', 'second'] },
  'run.left': { args: [14], shows: ['残り約 20 秒'] },
  'run.foreseen': { args: [14_100_000, 2100], shows: ['14.1 M トークン：約 35 分'] },
  'run.foreseenMeasured': {
    args: [14_100_000, 2100],
    shows: ['14.1 M トークン：約 35 分（短い測定による目安）'],
  },
  'settings.changed': { args: [['max_length 16', 'TTA']], shows: ['2', 'max_length 16', 'TTA'] },
  'run.finished': { args: [23, 200], shows: ['23 行', '3 分 20 秒'] },
  'run.title': { args: [41, 'paused'], shows: ['41', '一時停止'] },
  'run.incident': {
    args: [new Date(2026, 10, 24, 13, 5), 'GPU 7', 'lost'],
    shows: ['13:05', 'GPU 7', 'lost'],
  },
  'notes.unusedColumns': {
    args: [{ columns: 12, named: '"remark"' }],
    shows: ['12', '"remark"'],
  },
  'notes.blankLines': { args: [{ row: 23 }], shows: ['23'] },
  'notes.repeatedIds': {
    args: [{ ids: 7, named: ['a1', 'b2'] }],
    shows: ['7', 'a1', 'b2', '5'],
  },
  'runs.downloaded': { args: ['2026-11-24T12:30:00Z'], shows: ['2026'] },
  'results.of': { args: ['test.csv'], shows: ['test.csv'] },
  'downloads.uniform': { args: [2], shows: [] },
  'report.percent': { args: [0.584], shows: ['58.4 %'] },
  'report.of': { args: ['test.csv'], shows: ['test.csv'] },
  'report.adapterName': { args: [null], shows: [] },
  'report.compare.verdict.better': { args: ['One', 'Two'], shows: ['One'] },
  'report.compare.verdict.worse': { args: ['One', 'Two'], shows: ['Two'] },
  'explorer.source.senderSaid': {
    args: ['gemma', '0.5', '0.3', '0.2'],
    shows: ['gemma', '0.5', '0.3', '0.2'],
  },
  'explorer.result.announce': {
    args: ['A', '0.5', '0.3', '0.2', '0.1'],
    shows: ['0.5', '0.3', '0.2', '0.1'],
  },
  'reading.announce': { args: ['A', '1.5', '0.5', '+1'], shows: ['1.5', '0.5', '+1'] },
  'computer.threadsOf': { args: [8, false], shows: ['1'] },
  'computer.time': { args: [7200], shows: ['約 2 時間'] },
};

type Text = string | ((...args: never[]) => string);

/** Every text with its path. */
function leaves(node: object, path = ''): [string, Text][] {
  return Object.entries(node).flatMap(([key, value]) => {
    const place = path === '' ? key : `${path}.${key}`;
    return typeof value === 'object' ? leaves(value, place) : [[place, value] as [string, Text]];
  });
}

function sampleOf(path: string, text: Text): { text: string; shows: string[] } {
  if (typeof text === 'string') return { text, shows: [] };
  const plain = [41, 23, 17].slice(0, text.length);
  const { args, shows } = SAMPLES[path] ?? { args: plain, shows: plain.map(String) };
  return { text: text(...(args as never[])), shows };
}

/** Without numbers, and spaces between sentences. */
const sentences = ({ notice: { space: _, ...notice }, ...texts }: Texts) => ({
  ...texts,
  notice,
  errors: {},
  format: {},
});

const { english, japanese, strings, errorLine } = await pageIn('ja-JP', 'en');

describe('the Japanese texts', () => {
  const inEnglish = new Map(leaves(sentences(english)));
  const inJapanese = leaves(sentences(japanese));

  test('are those of a Japanese page', () => expect(strings).toBe(japanese));

  test('are all there', () =>
    expect(inJapanese.map(([path]) => path)).toEqual([...inEnglish.keys()]));

  test('the lists of this test name texts that are there', () => {
    const unknown = [...SAME, ...NO_LETTERS, ...Object.keys(SAMPLES)];
    expect(unknown.filter((path) => !inEnglish.has(path))).toEqual([]);
  });

  test.each(inJapanese)('%s', (path, leaf) => {
    const { text, shows } = sampleOf(path, leaf);
    const other = sampleOf(path, inEnglish.get(path)!).text;
    expect(text).not.toMatch(/undefined|NaN|\[object/);
    expect(text.trim()).not.toBe('');
    for (const part of shows) expect(text).toContain(part);
    if (SAME.has(path)) expect(text).toBe(other);
    else expect(text).not.toBe(other);
    if (!SAME.has(path) && !NO_LETTERS.has(path)) {
      expect(text).toMatch(/[\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Han}]/u);
    }
  });

  test('every note about a file', () => {
    const notes: CsvNote[] = [
      { kind: 'byteOrderMark' },
      { kind: 'utf16' },
      { kind: 'unusedColumns', columns: 1, named: '"remark"' },
      { kind: 'blankLines', row: 23 },
      { kind: 'repeatedIds', ids: 1, named: ['a1'] },
      { kind: 'noIds' },
    ];
    const texts = notes.map(notesIn(japanese.notes));
    expect(new Set(texts).size).toBe(notes.length);
    for (const text of texts) expect(text).toMatch(/\p{Script=Hiragana}.*。$/u);
    expect(texts[2]).toContain('"remark"');
    expect(texts[3]).toContain('23');
    expect(texts[4]).not.toContain('ほか');
  });

  test('one row and several, none and some', () => {
    const { downloads, run, own } = japanese;
    expect([downloads.omit(1), downloads.omit(2000)]).toEqual([
      'この行を除く',
      'この 2,000 行を除く',
    ]);
    expect(run.failed(0, 23)).not.toMatch(/\d/);
    expect(own.adaptersOf([])).toBe('アダプターなし');
    expect(own.adapterFacts(['q_proj'], 1, [16, 16])).toBe('q_proj · 1 層 · ランク 16');
    expect(errorLine({ code: 'page/worker-died', message: '', params: { reason: '' } })).toContain(
      '採点の処理が異常終了しました。',
    );
  });
});

test('an English page has the English texts', async () => {
  const { english, strings } = await pageIn('en-GB', 'ja');
  expect(strings).toBe(english);
});

test('sizes and times in Japanese', async () => {
  const { duration, fileSize, roughly } = (await pageIn('ja')).strings.format;
  expect([1, 1500, 2.5e9].map(fileSize)).toEqual(['1 バイト', '1.5 kB', '2.5 GB']);
  expect([0.84, 12, 200, 7500].map(duration)).toEqual([
    '0.8 秒',
    '12 秒',
    '3 分 20 秒',
    '2 時間 5 分',
  ]);
  expect([3, 14, 70, 150, 3600, 7500, 7199].map(roughly)).toEqual([
    '数秒',
    '約 20 秒',
    '約 1 分',
    '約 3 分',
    '約 1 時間',
    '約 2 時間 10 分',
    '約 2 時間',
  ]);
});
