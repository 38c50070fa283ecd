/** An adapter that WebGPU gives, and how to get it again: in a worker too, where no adapter can be sent to. */
export interface FoundGpu {
  powerPreference: GPUPowerPreference;
  /** As {@link gpuName} says it. */
  name: string;
  /** A software adapter. */
  fallback: boolean;
}

/** What of `GPUAdapterInfo` tells cards apart. */
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

/** Is it computed by the processor? */
export function isSoftware({ isFallbackAdapter, architecture }: Omit<AdapterFacts, 'device'>) {
  return isFallbackAdapter || architecture === 'swiftshader';
}

/**
 * Every card that WebGPU gives, each once: two adapters of the same description are taken for the same card, because two
 * devices on one card gain nothing and take its memory twice. Beside a real card no software one counts.
 * @param softwareTwice for tests: a software adapter that stands for both preferences counts as two.
 */
export async function findGpus(
  gpu: Pick<GPU, 'requestAdapter'> | undefined,
  softwareTwice = false,
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
    if (seen.has(key) && !(fallback && softwareTwice)) continue;
    if (found.length > 0 && fallback && !softwareTwice) continue;
    seen.add(key);
    found.push({ powerPreference, name: gpuName(info), fallback });
  }
  return found;
}
