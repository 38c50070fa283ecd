import { type FoundGpu, findGpus } from '../src/engine/device/gpus.ts';

/**
 * Lists the one GPU of a browser twice, since few machines have two GPUs, and browsers imitate one. Empty without a
 * GPU.
 */
export async function oneGpuTwice(gpu: GPU | undefined): Promise<FoundGpu[]> {
  const [one] = await findGpus(gpu);
  return one === undefined ? [] : [one, { ...one, powerPreference: 'low-power' }];
}
