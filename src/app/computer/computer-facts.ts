import { useEffect, useState } from 'react';
import { type FoundGpu, findGpus, SUBGROUP_MATRIX } from '../../engine/device/gpus.ts';

type BrowserName =
  | 'chrome'
  | 'edge'
  | 'chromium'
  | 'firefox'
  | 'safari'
  | 'webkit'
  | 'gecko'
  | 'other';

/** Names of browsers, the same in every language: the engine's where only that is known; empty if unknown. */
export const BROWSERS: Record<BrowserName, string> = {
  chrome: 'Chrome',
  edge: 'Edge',
  chromium: 'Chromium',
  firefox: 'Firefox',
  safari: 'Safari',
  webkit: 'WebKit',
  gecko: 'Gecko',
  other: '',
};
type SystemName = 'windows' | 'macos' | 'linux' | 'android' | 'ios' | 'other';

/** A name of a browser and its major version, of `navigator.userAgentData`. */
interface Brand {
  brand: string;
  version: string;
}

declare global {
  interface Navigator {
    /** In Chromium only, and not over plain http. */
    readonly userAgentData?: { readonly brands: readonly Brand[] };
  }
}

/** Facts about the computer that need no model, as plain data. */
export interface ComputerFacts {
  browser: BrowserName;
  /** The major version; null if the browser does not give it. */
  version: number | null;
  system: SystemName;
  secure: boolean;
  isolated: boolean;
  threads: number;
  /** True if the browser stores files for the page. */
  keepsFiles: boolean;
  /** True if the browser has WebGPU at all (`navigator.gpu`). */
  webGpu: boolean;
  /** The fast adapter; null if the browser offers none. */
  gpu: {
    name: string;
    vendor: string;
    software: boolean;
    float16: boolean;
    subgroups: boolean;
    matrices: boolean;
  } | null;
  /** Every GPU that the browser offers, beginning with the one above. */
  gpus: readonly FoundGpu[];
}

/** Reasons why the GPU is not used, or not at full speed, the most important first. */
type GpuReason =
  | 'insecure'
  | 'old-browser'
  | 'firefox'
  | 'safari'
  | 'linux-flag'
  | 'no-webgpu'
  | 'no-adapter'
  | 'software'
  | 'nvidia-float16'
  | 'matrices-flag';

/** The first version of Chrome with WebGPU. Firefox and Safari have it on some systems. */
const CHROME_WEBGPU = 113;
const SAFARI_WEBGPU = 26;
const CHROMIUM: readonly BrowserName[] = ['chrome', 'edge', 'chromium'];

/** Returns the reasons that apply to a computer. Pure. */
export function gpuReasons(facts: ComputerFacts): GpuReason[] {
  const { gpu } = facts;
  if (!facts.secure) return ['insecure'];
  if (!facts.webGpu) return [withoutWebGpu(facts)];
  const chromium = CHROMIUM.includes(facts.browser);
  if (gpu === null || gpu.software) {
    const first = gpu === null ? 'no-adapter' : 'software';
    return facts.system === 'linux' && chromium ? [first, 'linux-flag'] : [first];
  }
  const nvidia = /nvidia/i.test(`${gpu.vendor} ${gpu.name}`);
  const reasons: GpuReason[] = [];
  if (chromium && facts.system === 'linux' && nvidia && !gpu.float16)
    reasons.push('nvidia-float16');
  if (chromium && !gpu.matrices) reasons.push('matrices-flag');
  return reasons;
}

function withoutWebGpu({ browser, version, system }: ComputerFacts): GpuReason {
  if (browser === 'firefox') return 'firefox';
  if (browser === 'safari' || system === 'ios') {
    return version !== null && version < SAFARI_WEBGPU ? 'old-browser' : 'safari';
  }
  if (!CHROMIUM.includes(browser)) return 'no-webgpu';
  if (version !== null && version < CHROME_WEBGPU) return 'old-browser';
  return system === 'linux' ? 'linux-flag' : 'no-webgpu';
}

/**
 * Parses browser and system from a user agent, and from its brands if it has any. For advice only: a wrong guess does
 * no harm.
 */
export function readUserAgent(
  text: string,
  brands: readonly Brand[] = [],
): Pick<ComputerFacts, 'browser' | 'version' | 'system'> {
  const patterns: [BrowserName, RegExp][] = [
    ['edge', /\bEdg\w*\/(\d+)/],
    ['firefox', /\b(?:Firefox|FxiOS)\/(\d+)/],
    ['chrome', /\b(?:Chrome|CriOS)\/(\d+)/],
    ['chromium', /\bHeadlessChrome\/(\d+)/],
    ['safari', /\bVersion\/(\d+)[\d.]*.*\bSafari\//],
    // Their numbers are not those of a browser.
    ['webkit', /\bAppleWebKit\//],
    ['gecko', /\bGecko\//],
  ];
  const systems: [SystemName, RegExp][] = [
    ['android', /Android/],
    ['ios', /iPhone|iPad/],
    ['windows', /Windows/],
    ['macos', /Mac OS X/],
    ['linux', /Linux|CrOS/],
  ];
  const [browser, pattern] = patterns.find(([, known]) => known.test(text)) ?? ['other', /$/];
  const version = pattern.exec(text)?.[1];
  return {
    ...(brandOf(brands) ?? { browser, version: version === undefined ? null : Number(version) }),
    system: systems.find(([, known]) => known.test(text))?.[0] ?? 'other',
  };
}

/** Brave, Opera and others call themselves Chrome in the text, for the sake of old pages; brands tell them apart. */
function brandOf(brands: readonly Brand[]): Pick<ComputerFacts, 'browser' | 'version'> | null {
  const names: [string, BrowserName][] = [
    ['Google Chrome', 'chrome'],
    ['Microsoft Edge', 'edge'],
    ['Chromium', 'chromium'],
  ];
  for (const [name, browser] of names) {
    const found = brands.find(({ brand }) => brand === name);
    if (found !== undefined) return { browser, version: Number(found.version) };
  }
  return null;
}

/** Reads the facts of this browser. */
export async function readComputer(): Promise<ComputerFacts> {
  const { gpu } = navigator;
  const gpus = await findGpus(gpu).catch(() => []);
  const [first] = gpus;
  return {
    ...readUserAgent(navigator.userAgent, navigator.userAgentData?.brands),
    secure: globalThis.isSecureContext,
    isolated: globalThis.crossOriginIsolated && typeof SharedArrayBuffer !== 'undefined',
    threads: navigator.hardwareConcurrency,
    keepsFiles: typeof navigator.storage?.getDirectory === 'function',
    webGpu: gpu !== undefined,
    gpu:
      first === undefined
        ? null
        : {
            name: first.name,
            vendor: first.vendor,
            software: first.fallback,
            float16: first.facts.features.includes('shader-f16'),
            subgroups: first.facts.features.includes('subgroups'),
            matrices: first.facts.features.includes(SUBGROUP_MATRIX),
          },
    gpus,
  };
}

let reading: Promise<ComputerFacts> | undefined;

/** Returns the facts of {@link readComputer}, read once for the page; null until known. */
export function useComputer(): ComputerFacts | null {
  const [facts, setFacts] = useState<ComputerFacts | null>(null);
  useEffect(() => {
    let isGone = false;
    reading ??= readComputer();
    void reading.then((read) => {
      if (!isGone) setFacts(read);
    });
    return () => {
      isGone = true;
    };
  }, []);
  return facts;
}
