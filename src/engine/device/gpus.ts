/** Name of Chromium's feature for subgroup matrices, which the types of WebGPU do not contain yet. */
export const SUBGROUP_MATRIX = 'chromium-experimental-subgroup-matrix';

/** The limits of a device that bound kernels. */
export type GpuLimits = Pick<
  GPUSupportedLimits,
  | 'maxComputeWorkgroupStorageSize'
  | 'maxComputeInvocationsPerWorkgroup'
  | 'maxComputeWorkgroupsPerDimension'
  | 'maxStorageBufferBindingSize'
>;

/**
 * The facts of an adapter that decide which kernels can run and how much memory they take, as data that can cross to
 * another thread.
 */
export interface GpuFacts {
  features: string[];
  /** Features of the shading language. */
  languageFeatures: string[];
  limits: GpuLimits & { maxBufferSize: number };
  /** Smallest and largest number of threads in a subgroup; zeros if unknown. */
  subgroupSizes: readonly [number, number];
}

/** An adapter that WebGPU offers, and the preference to request it again in a worker: adapters cannot be sent there. */
export interface FoundGpu {
  powerPreference: GPUPowerPreference;
  /** Its {@link gpuName}. */
  name: string;
  vendor: string;
  /** True for a software GPU. */
  fallback: boolean;
  facts: GpuFacts;
}

/** The part of `GPUAdapterInfo` that identifies a card. */
export type AdapterFacts = Pick<
  GPUAdapterInfo,
  'vendor' | 'architecture' | 'device' | 'description' | 'isFallbackAdapter'
>;

/** Preferences in the order in which GPUs are used, the fast one first. */
const PREFERENCES = ['high-performance', 'low-power'] as const;

/** A short name for a card: `NVIDIA H100`, `intel gen-12lp`. */
export function gpuName({ vendor, architecture, description }: Omit<AdapterFacts, 'device'>) {
  return description || [vendor, architecture].filter(Boolean).join(' ') || 'unnamed GPU';
}

/** Names of software GPUs, for browsers that do not mark them as fallback adapters. */
const SOFTWARE = /swiftshader|llvmpipe|lavapipe|microsoft basic render/i;

/** True for a GPU that is emulated in software. */
export function isSoftware({
  isFallbackAdapter,
  architecture,
  description,
}: Pick<AdapterFacts, 'isFallbackAdapter' | 'architecture' | 'description'>) {
  return isFallbackAdapter || SOFTWARE.test(`${architecture} ${description}`);
}

/**
 * Finds every card that WebGPU offers, each once. Two adapters with the same description count as one card, because two
 * devices on one card gain nothing and take its memory twice. Beside a real card software GPUs do not count.
 */
export async function findGpus(
  gpu: (Pick<GPU, 'requestAdapter'> & Partial<Pick<GPU, 'wgslLanguageFeatures'>>) | undefined,
): Promise<FoundGpu[]> {
  const found: FoundGpu[] = [];
  const seen = new Set<string>();
  for (const powerPreference of PREFERENCES) {
    const adapter = await gpu?.requestAdapter({ powerPreference });
    if (adapter == null) continue;
    const { info } = adapter;
    const fallback = isSoftware(info);
    const { vendor, architecture, device, description } = info;
    const key = JSON.stringify([vendor, architecture, device, description]);
    if (seen.has(key) || (found.length > 0 && fallback)) continue;
    seen.add(key);
    // Some browsers have WebGPU without `wgslLanguageFeatures`.
    const facts = gpuFacts(adapter, gpu?.wgslLanguageFeatures ?? []);
    found.push({ powerPreference, name: gpuName(info), vendor, fallback, facts });
  }
  return found;
}

/** The facts of an adapter, or of a device with its adapter's info. */
function gpuFacts(
  of: {
    features: Iterable<string>;
    limits: GpuFacts['limits'];
    info: Partial<Pick<GPUAdapterInfo, 'subgroupMinSize' | 'subgroupMaxSize'>>;
  },
  languageFeatures: Iterable<string>,
): GpuFacts {
  const { features, limits, info } = of;
  return {
    features: [...features],
    languageFeatures: [...languageFeatures],
    // An adapter's limits are a platform object, which cannot be sent to another thread.
    limits: {
      maxBufferSize: limits.maxBufferSize,
      maxStorageBufferBindingSize: limits.maxStorageBufferBindingSize,
      maxComputeWorkgroupStorageSize: limits.maxComputeWorkgroupStorageSize,
      maxComputeInvocationsPerWorkgroup: limits.maxComputeInvocationsPerWorkgroup,
      maxComputeWorkgroupsPerDimension: limits.maxComputeWorkgroupsPerDimension,
    },
    subgroupSizes: [info.subgroupMinSize ?? 0, info.subgroupMaxSize ?? 0],
  };
}
