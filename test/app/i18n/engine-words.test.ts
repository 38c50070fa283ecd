import { expect, test, vi } from 'vitest';
import { adaptersLabel } from '../../../src/domain/adapters.ts';
import { type Backend, describeBackend } from '../../../src/engine/device/backend.ts';
import { DEMO_NOTICE } from '../../../src/texts/demo-facts.ts';

async function pageIn(language: string) {
  vi.resetModules();
  vi.stubGlobal('location', { search: '' });
  vi.stubGlobal('navigator', { languages: [language] });
  const words = await import('../../../src/app/i18n/engine-words.ts');
  const { noticeText } = await import('../../../src/app/i18n/notice-text.ts');
  return { ...words, noticeText };
}

const ja = await pageIn('ja');
const en = await pageIn('en');
const cpu = (threads: number) => describeBackend({ device: 'wasm', threads } as Backend);
/** As in test/scoring/lanes/split-lane.test.ts. */
const SPLIT = 'layers 1 to 2 on fast (WebGPU), float16 and layers 3 to 5 on slow (WebGPU), float32';

test('in Japanese no English word is left of what a run was computed with', () => {
  expect(ja.placeText(cpu(4))).toBe('CPU（WebAssembly、4 スレッド）');
  expect(ja.placeText(cpu(1))).toContain('1 スレッド');
  expect(ja.placeText(SPLIT)).toBe(
    '1～2 層は fast (WebGPU)（float16）、および 3～5 層は slow (WebGPU)（float32）',
  );
  expect(ja.adapterText(adaptersLabel(['demo', null])!)).toBe('demo, ベースモデル の平均');
  for (const text of [ja.placeText, ja.adapterText]) {
    expect(text('NVIDIA H100 (WebGPU)')).toBe('NVIDIA H100 (WebGPU)');
  }
});

test('in English nothing is changed', () => {
  for (const text of [cpu(1), cpu(4), SPLIT]) expect(en.placeText(text)).toBe(text);
  const mean = adaptersLabel(['demo', null])!;
  expect(en.adapterText(mean)).toBe(mean);
  expect(en.noticeText(DEMO_NOTICE.whole)).toBe(DEMO_NOTICE.whole);
});

test('what the demo model says of itself is Japanese in Japanese; other packages are left as they are', () => {
  for (const name of ['demo', 'demo-b'] as const) {
    const text = ja.noticeText(`${DEMO_NOTICE.whole} ${DEMO_NOTICE[name]}`);
    expect(text).not.toMatch(/[A-Za-z]{4,}|。 /);
    expect(text).toContain(name === 'demo' ? '人の判定' : 'GPT-4');
  }
  expect(ja.noticeText('Untrained.')).toBe('Untrained.');
  const both = `${DEMO_NOTICE.whole} ${DEMO_NOTICE.demo} ${DEMO_NOTICE.whole} ${DEMO_NOTICE['demo-b']}`;
  expect(en.noticeText(both)).toBe(
    `${DEMO_NOTICE.whole} ${DEMO_NOTICE.demo} ${DEMO_NOTICE['demo-b']}`,
  );
  expect(ja.noticeText(both).match(/デモモデル/g)).toHaveLength(1);
});
