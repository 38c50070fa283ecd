import { describe, expect, it, vi } from 'vitest';
import {
  type ComputerFacts,
  gpuReasons,
  readComputer,
  readUserAgent,
} from '../../../src/app/computer/computer-facts.ts';
import { fitsHere, plannedShape } from '../../../src/app/computer/computer-fits.ts';
import { planModel } from '../../../src/engine/model-plan.ts';
import { CORE_FACTS, FAST } from '../../../testing/gpu-facts.ts';

const gpu: NonNullable<ComputerFacts['gpu']> = {
  name: 'nvidia ampere',
  vendor: 'nvidia',
  software: false,
  float16: true,
  subgroups: true,
  matrices: true,
};
const good: ComputerFacts = {
  browser: 'chrome',
  version: 156,
  system: 'windows',
  secure: true,
  isolated: true,
  threads: 8,
  keepsFiles: true,
  webGpu: true,
  gpu,
  gpus: [FAST],
};

describe('why the GPU is not used, or not as fast as it could be', () => {
  const none = { webGpu: false, gpu: null };
  it.each<[string, Partial<ComputerFacts>, string[]]>([
    ['nothing', {}, []],
    ['no secure context comes before all else', { ...none, secure: false }, ['insecure']],
    ['an old Chrome', { ...none, version: 100 }, ['old-browser']],
    ['Chrome on Linux without WebGPU', { ...none, system: 'linux' }, ['linux-flag']],
    ['Firefox', { ...none, browser: 'firefox' }, ['firefox']],
    [
      'an old Safari',
      { ...none, browser: 'safari', version: 18, system: 'macos' },
      ['old-browser'],
    ],
    ['a new Safari', { ...none, browser: 'safari', version: 26, system: 'macos' }, ['safari']],
    ['another Chromium', { browser: 'chromium', webGpu: false, system: 'linux' }, ['linux-flag']],
    ['a view in an app', { ...none, browser: 'webkit', version: null, system: 'ios' }, ['safari']],
    ['an unknown browser', { ...none, browser: 'other', version: null }, ['no-webgpu']],
    ['acceleration off', { gpu: null }, ['no-adapter']],
    ['the same on Linux', { gpu: null, system: 'linux' }, ['no-adapter', 'linux-flag']],
    ['software', { gpu: { ...gpu, software: true } }, ['software']],
    [
      'NVIDIA on Linux without float16',
      { system: 'linux', gpu: { ...gpu, float16: false } },
      ['nvidia-float16'],
    ],
    ['no flag for matrices', { gpu: { ...gpu, matrices: false } }, ['matrices-flag']],
  ])('%s', (_, change, expected) => {
    expect(gpuReasons({ ...good, ...change })).toEqual(expected);
  });

  it('knows browsers and systems by their user agents', () => {
    const chrome =
      'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 Safari/537.36';
    expect(readUserAgent(chrome)).toEqual({ browser: 'chrome', version: 156, system: 'linux' });
    expect(readUserAgent(`${chrome} Edg/156.0`).browser).toBe('edge');
    const safari =
      'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/26.1 Safari/605.1.15';
    expect(readUserAgent(safari)).toEqual({ browser: 'safari', version: 26, system: 'macos' });
    const firefox = 'Mozilla/5.0 (Windows NT 10.0; rv:153.0) Gecko/20100101 Firefox/153.0';
    expect(readUserAgent(firefox)).toEqual({ browser: 'firefox', version: 153, system: 'windows' });
    const headless = chrome.replace('Chrome', 'HeadlessChrome');
    expect(readUserAgent(headless)).toEqual({ browser: 'chromium', version: 156, system: 'linux' });
    // A view inside an app on an iPhone.
    const inApp = safari.replace(/ Version.*/, ' Mobile/15E148').replace('Macintosh', 'iPhone');
    expect(readUserAgent(inApp)).toEqual({ browser: 'webkit', version: null, system: 'ios' });
    expect(readUserAgent('Mozilla/5.0 (X11) Gecko/20100101').browser).toBe('gecko');
    expect(readUserAgent('')).toEqual({ browser: 'other', version: null, system: 'other' });
  });

  it('believes brands before the user agent, which calls every Chromium Chrome', () => {
    const text = 'Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/156.0.0.0 Safari/537.36';
    const chromium = { brand: 'Chromium', version: '156' };
    const brands = (...others: string[]) => [
      ...others.map((brand) => ({ brand, version: '9' })),
      chromium,
    ];
    const of = (...others: string[]) => readUserAgent(text, brands(...others));
    expect(of('Not.A/Brand', 'HeadlessChrome')).toMatchObject({
      browser: 'chromium',
      version: 156,
    });
    expect(of('Brave')).toMatchObject({ browser: 'chromium', version: 156 });
    expect(of('Google Chrome')).toMatchObject({ browser: 'chrome', version: 9, system: 'windows' });
    expect(of('Microsoft Edge')).toMatchObject({ browser: 'edge', version: 9 });
  });
});

it('each adapter is asked for once, for the facts and for what fits', async () => {
  const asked: unknown[] = [];
  const info = { vendor: 'nvidia', architecture: 'ampere', device: '', description: 'GeForce' };
  const { features, limits } = CORE_FACTS;
  const requestAdapter = async (options: unknown) => {
    asked.push(options);
    return { info, features: new Set([...features, 'subgroups']), limits };
  };
  vi.stubGlobal('navigator', { gpu: { requestAdapter }, userAgent: '', hardwareConcurrency: 4 });
  const facts = await readComputer().finally(() => vi.unstubAllGlobals());
  expect(facts.gpu).toMatchObject({ name: 'GeForce', vendor: 'nvidia', subgroups: true });
  fitsHere(facts.gpus);
  expect(asked).toEqual([
    { powerPreference: 'high-performance' },
    { powerPreference: 'low-power' },
  ]);
});

describe('memory of models', () => {
  it.each([
    ['2B', 1.0e9, 2.6e9],
    ['9B', 4.5e9, 6.5e9],
    ['27B', 13e9, 17e9],
  ] as const)('of %s in 4 bits, with a batch', (model, least, most) => {
    const plan = planModel({
      model: plannedShape(model),
      gpus: [FAST],
      lanes: 'one',
      maxLength: 2048,
    });
    expect(plan.gpus[0]!.totalBytes).toBeGreaterThan(least);
    expect(plan.gpus[0]!.totalBytes).toBeLessThan(most);
    const fit = fitsHere([FAST]).find((one) => one.model === model);
    expect(fit).toEqual({ model, bytes: plan.gpus[0]!.totalBytes, error: null });
  });

  it('does not count a GPU that the processor imitates', () => {
    expect(fitsHere([{ ...FAST, fallback: true }])).toEqual([]);
  });
});
