import { createRequire } from 'node:module';
import type { Device } from '../device/backend.ts';
import type { Ort } from './ort.ts';

/**
 * Imports the build of ONNX Runtime for a device in Node. The WebGPU build finds Dawn as `navigator.gpu`, where opening
 * the backend has put it.
 * @throws Error as `import()` does.
 */
export async function loadBuild(device: Device): Promise<Ort> {
  if (device === 'wasm') return (await import('onnxruntime-web')) as Ort;
  // The ES module build uses a global `require` to load Node's modules, which ES modules do not have.
  globalThis.require ??= createRequire(import.meta.url);
  return (await import('onnxruntime-web/webgpu')) as Ort;
}
