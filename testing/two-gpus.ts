import { type FoundGpu, findGpus } from '../src/engine/device/gpus.ts';

/**
 * The one GPU of a browser as if it were there twice: few machines have two, and browsers imitate one.
 * None where there is no GPU.
 */
export async function oneGpuTwice(gpu: GPU | undefined): Promise<FoundGpu[]> {
  const [one] = await findGpus(gpu);
  return one === undefined ? [] : [one, { ...one, powerPreference: 'low-power' }];
}
