import type { Device } from '../device/backend.ts';
import type { Ort } from './ort.ts';

/** Imports the build of ONNX Runtime for a device in a browser. @throws Error as `import()` does. */
export async function loadBuild(device: Device): Promise<Ort> {
  if (device === 'wasm') return (await import('onnxruntime-web/wasm')) as Ort;
  // The JSPI build is smaller and streams weights, but only some browsers have JSPI; the other build uses Asyncify.
  return 'Suspending' in WebAssembly
    ? ((await import('onnxruntime-web/jspi')) as Ort)
    : ((await import('onnxruntime-web/webgpu')) as Ort);
}
