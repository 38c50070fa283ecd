/** Name of the feature in Chromium, which the WebGPU types do not have yet. */
export const SUBGROUP_MATRIX = 'chromium-experimental-subgroup-matrix';

/** The limits of a device that kernels respect. */
export type GpuLimits = Pick<
  GPUSupportedLimits,
  | 'maxComputeWorkgroupStorageSize'
  | 'maxComputeInvocationsPerWorkgroup'
  | 'maxComputeWorkgroupsPerDimension'
  | 'maxStorageBufferBindingSize'
>;

/**
 * The facts of an adapter that decide how a model runs and how much memory it takes, as data that can cross to another
 * thread.
 */
export interface GpuFacts {
  features: string[];
  /** Of the shading language. */
  languageFeatures: string[];
  limits: GpuLimits & { maxBufferSize: number };
  /** Threads of a subgroup, least and most. */
  subgroupSizes: readonly [number, number];
}

/** An adapter that WebGPU gives, and how to get it again: in a worker too, where no adapter can be sent to. */
export interface FoundGpu {
  powerPreference: GPUPowerPreference;
  /** As {@link gpuName} says it. */
  name: string;
  vendor: string;
  /** A software adapter. */
  fallback: boolean;
  facts: GpuFacts;
}

/** The part of `GPUAdapterInfo` that tells cards apart. */
export type AdapterFacts = Pick<
  GPUAdapterInfo,
  'vendor' | 'architecture' | 'device' | 'description' | 'isFallbackAdapter'
>;

/** In the order in which they are used: the fast one first. */
const PREFERENCES = ['high-performance', 'low-power'] as const;

/** Says in a few words which card it is: `NVIDIA H100`, `intel gen-12lp`. */
export function gpuName({ vendor, architecture, description }: Omit<AdapterFacts, 'device'>) {
  return description || [vendor, architecture].filter(Boolean).join(' ') || 'unnamed GPU';
}

/** Names of GPUs that the processor imitates, where the browser does not say so itself. */
const SOFTWARE = /swiftshader|llvmpipe|lavapipe|microsoft basic render/i;

/** Whether the processor imitates this GPU. */
export function isSoftware({
  isFallbackAdapter,
  architecture,
  description,
}: Pick<AdapterFacts, 'isFallbackAdapter' | 'architecture' | 'description'>) {
  return isFallbackAdapter || SOFTWARE.test(`${architecture} ${description}`);
}

/**
 * Every card that WebGPU gives, each once: two adapters of the same description are taken for the same card, because
 * two devices on one card gain nothing and take its memory twice. Beside a real card no software one counts.
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
    // Some browsers have WebGPU without this set.
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
    // Those of an adapter are no data of its own, so that they would not cross to another thread.
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
