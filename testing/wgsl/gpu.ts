import { existsSync } from 'node:fs';
import type { WebGpuBackend } from '../../src/engine/device/backend.ts';
import { openNodeBackend } from '../../src/engine/device/backend-node.ts';

const SWIFTSHADER = '/usr/lib/chromium/vk_swiftshader_icd.json';

/** Opens a GPU through Dawn: SwiftShader if it is installed and no driver is named. Null without one. */
export async function openTestGpu(): Promise<WebGpuBackend | null> {
  if (process.env.VK_DRIVER_FILES === undefined && existsSync(SWIFTSHADER)) {
    process.env.VK_DRIVER_FILES = SWIFTSHADER;
  }
  process.env.XDG_RUNTIME_DIR ??= '/tmp';
  try {
    const backend = await openNodeBackend('webgpu');
    return backend.device === 'webgpu' ? backend : null;
  } catch {
    console.warn('no WebGPU here: the kernels are not tested');
    return null;
  }
}
