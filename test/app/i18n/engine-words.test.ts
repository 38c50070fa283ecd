import { expect, test, vi } from 'vitest';
import { adaptersLabel } from '../../../src/domain/adapters.ts';
import { type Place, placeId } from '../../../src/domain/place.ts';
import { type Backend, placeOf } from '../../../src/engine/device/backend.ts';
import { DEMO_NOTICE } from '../../../src/texts/demo-facts.ts';

async function pageIn(language: string) {
  vi.resetModules();
  vi.stubGlobal('location', { search: '' });
  vi.stubGlobal('navigator', { languages: [language] });
  const words = await import('../../../src/app/i18n/engine-words.ts');
  const { noticesText } = await import('../../../src/app/i18n/notices-text.ts');
  return { ...words, noticesText };
}

const ja = await pageIn('ja');
const en = await pageIn('en');
const cpu = (threads: number) => placeOf({ device: 'wasm', threads } as Backend);
const gpu = (name: string): Place => ({ kind: 'gpu', name });
const SPLIT: Place = {
  kind: 'split',
  parts: [
    { from: 1, to: 2, place: gpu('fast'), variant: 'float16' },
    { from: 3, to: 5, place: gpu('slow'), variant: 'float32' },
  ],
};

test('in Japanese no English word is left of what a run was computed with', () => {
  expect(ja.placeText(cpu(4))).toBe('CPU（WebAssembly、4 スレッド）');
  expect(ja.placeText(cpu(1))).toContain('1 スレッド');
  expect(ja.placeText(SPLIT)).toBe(
    '1～2 層は fast (WebGPU)（float16）、および 3～5 層は slow (WebGPU)（float32）',
  );
  expect(ja.adapterText(['demo', null])).toBe('demo、ベースモデルの平均');
  expect(ja.adapterText([null])).toBe('アダプターなし（ベースモデルのみ）');
  expect(ja.adapterText(['demo'])).toBe('demo');
  expect(ja.placeText(gpu('NVIDIA H100'))).toBe('NVIDIA H100 (WebGPU)');
});

test('in English places and adapters are called as in journals', () => {
  for (const place of [cpu(1), cpu(4), SPLIT]) expect(en.placeText(place)).toBe(placeId(place));
  const mean = ['demo', null];
  expect(en.adapterText(mean)).toBe(adaptersLabel(mean));
});

const PEOPLE = { name: 'demo', notice: `${DEMO_NOTICE.whole} ${DEMO_NOTICE.demo}` };
const GPT4 = { name: 'demo-b', notice: `${DEMO_NOTICE.whole} ${DEMO_NOTICE['demo-b']}` };

test('notices of the demo model are translated; those of other packages are unchanged', () => {
  for (const one of [PEOPLE, GPT4]) {
    const text = ja.noticesText([one]);
    expect(text).not.toMatch(/[A-Za-z]{4,}|。 /);
    expect(text).toContain(one.name === 'demo' ? '人の判定' : 'GPT-4');
    // As printed in English; packages say it with typewriter apostrophes.
    expect(en.noticesText([one])).toBe(one.notice.replaceAll("'", '’'));
    expect(one.notice).toContain("'");
  }
  expect(ja.noticesText([{ name: null, notice: 'Untrained.' }])).toBe('Untrained.');
  const both = [PEOPLE, GPT4];
  expect(en.noticesText(both)).toBe(
    `${DEMO_NOTICE.whole} demo: This adapter follows people’s judgements. ` +
      'demo-b: This adapter follows GPT-4’s judgements.',
  );
  expect(ja.noticesText(both)!.match(/デモモデル/g)).toHaveLength(1);
  // Journals of earlier versions have one notice for both adapters.
  const joined = both.map(({ notice }) => notice).join(' ');
  expect(ja.noticesText([{ name: null, notice: joined }])).not.toMatch(/[A-Za-z]{4,}|。 /);
});

test('shared sentences of several adapters come once, their own behind their names', () => {
  const one = { name: 'one', notice: 'Small model. This adapter follows people.' };
  const other = { name: 'other', notice: 'Small model. This adapter follows GPT-4.' };
  expect(en.noticesText([one, other])).toBe(
    'Small model. one: This adapter follows people. other: This adapter follows GPT-4.',
  );
  expect(en.noticesText([one, { ...one, name: 'copy' }])).toBe(one.notice);
  expect(en.noticesText([])).toBeNull();
});

test('notices end with what follows from the way in which the model reads a row', () => {
  const own = [{ name: null, notice: 'Untrained.' }];
  expect(en.noticesText(own)).toBe('Untrained.');
  expect(en.noticesText(own, 'reward')).toMatch(/^Untrained\. Not calibrated: Davidson’s formula/);
  expect(en.noticesText([], 'pair-no-tie')).toContain('never predicts a tie');
  expect(en.noticesText([], 'pair')).toBeNull();
  expect(ja.noticesText([], 'reward')).toContain('未校正');
});
