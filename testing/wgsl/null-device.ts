import { SUBGROUP_MATRIX } from '../../src/engine/device/gpus.ts';

// Collecting the instance as garbage would crash the process.
let instance: GPU | undefined;

/** Opens Dawn without a GPU: it checks shaders and pipelines, and computes nothing. */
export async function openNullDevice(): Promise<GPUDevice | null> {
  try {
    const { create, globals } = await import('webgpu');
    Object.assign(globalThis, globals);
    instance = create(['backend=null', 'enable-dawn-features=allow_unsafe_apis']);
    const adapter = await instance.requestAdapter();
    if (adapter === null) return null;
    const { limits } = adapter;
    return await adapter.requestDevice({
      requiredFeatures: (['shader-f16', 'subgroups', SUBGROUP_MATRIX] as GPUFeatureName[]).filter(
        (feature) => adapter.features.has(feature),
      ),
      requiredLimits: {
        maxComputeWorkgroupStorageSize: limits.maxComputeWorkgroupStorageSize,
        maxStorageBuffersPerShaderStage: limits.maxStorageBuffersPerShaderStage,
      },
    });
  } catch {
    console.warn('Dawn is not installed: shaders are not checked');
    return null;
  }
}
