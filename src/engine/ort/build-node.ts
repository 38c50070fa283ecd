import { createRequire } from 'node:module';
import type { Device } from '../device/backend.ts';
import type { Ort } from './ort.ts';

/**
 * The build of ONNX Runtime for a device in Node; for WebGPU it finds Dawn as `navigator.gpu`, where opening the
 * backend put it. @throws Error as `import()` does.
 */
export async function loadBuild(device: Device): Promise<Ort> {
  if (device === 'wasm') return (await import('onnxruntime-web')) as Ort;
  // The ES module build looks for a global `require` to load Node's own modules; ES modules have none.
  globalThis.require ??= createRequire(import.meta.url);
  return (await import('onnxruntime-web/webgpu')) as Ort;
}
