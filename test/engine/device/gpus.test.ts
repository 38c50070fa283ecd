import { describe, expect, test } from 'vitest';
import { type AdapterFacts, findGpus } from '../../../src/engine/device/gpus.ts';
import { CORE_FACTS } from '../../../testing/gpu-facts.ts';

const card = (more: Partial<AdapterFacts> = {}): AdapterFacts => ({
  vendor: 'nvidia',
  architecture: 'ampere',
  device: '',
  description: '',
  isFallbackAdapter: false,
  ...more,
});
const intel = card({ vendor: 'intel', architecture: 'gen-12lp' });
const software = card({ vendor: 'google', architecture: 'swiftshader' });

/** A browser that returns these adapters for the preferences high-performance and low-power. */
const browser = (fast: AdapterFacts | null, frugal: AdapterFacts | null) => ({
  requestAdapter: async ({ powerPreference }: GPURequestAdapterOptions = {}) => {
    const info = powerPreference === 'low-power' ? frugal : fast;
    const { features, limits } = CORE_FACTS;
    return info && ({ info, features: new Set(features), limits } as unknown as GPUAdapter);
  },
});

describe('the cards of a machine', () => {
  test('are both used where the browser gives two', async () => {
    expect(await findGpus(browser(card(), intel))).toEqual([
      {
        powerPreference: 'high-performance',
        name: 'nvidia ampere',
        vendor: 'nvidia',
        fallback: false,
        facts: CORE_FACTS,
      },
      {
        powerPreference: 'low-power',
        name: 'intel gen-12lp',
        vendor: 'intel',
        fallback: false,
        facts: CORE_FACTS,
      },
    ]);
  });

  test('come with what decides on kernels and memory, as data', async () => {
    const wgslLanguageFeatures = new Set(['packed_4x8_integer_dot_product']);
    const [gpu] = await findGpus({ ...browser(intel, null), wgslLanguageFeatures });
    const languageFeatures = [...wgslLanguageFeatures];
    expect(structuredClone(gpu!.facts)).toEqual({ ...CORE_FACTS, languageFeatures });
  });

  test('are distinguished by every part of their description', async () => {
    for (const other of [{ device: '0x1' }, { description: 'another' }, { architecture: 'ada' }]) {
      expect(await findGpus(browser(card(), card(other)))).toHaveLength(2);
    }
  });

  test('are never used twice', async () => {
    expect(await findGpus(browser(card(), card()))).toHaveLength(1);
  });

  test('may be one, for either preference, or none', async () => {
    expect(await findGpus(browser(null, intel))).toMatchObject([{ powerPreference: 'low-power' }]);
    expect(await findGpus(browser(null, null))).toEqual([]);
    expect(await findGpus(undefined)).toEqual([]);
  });

  test('leave no room for a software adapter beside them', async () => {
    expect(await findGpus(browser(card(), software))).toHaveLength(1);
    expect(await findGpus(browser(software, software))).toMatchObject([{ fallback: true }]);
  });
});
