import type { FoundGpu, GpuFacts } from '../src/engine/device/gpus.ts';

const MiB = 2 ** 20;

/** The limits that every device with WebGPU has at least. */
export const CORE_FACTS: GpuFacts = {
  features: [],
  languageFeatures: [],
  limits: {
    maxBufferSize: 256 * MiB,
    maxStorageBufferBindingSize: 128 * MiB,
    maxComputeWorkgroupStorageSize: 16_384,
    maxComputeInvocationsPerWorkgroup: 256,
    maxComputeWorkgroupsPerDimension: 65_535,
  },
  subgroupSizes: [0, 0],
};

/** A fast and a frugal GPU. */
export const FAST: FoundGpu = {
  powerPreference: 'high-performance',
  name: 'fast',
  vendor: 'maker',
  fallback: false,
  facts: CORE_FACTS,
};
export const SLOW: FoundGpu = { ...FAST, powerPreference: 'low-power', name: 'slow' };
