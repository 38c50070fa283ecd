import { loadBuild } from '#ort-build';
import type { Backend } from '../device/backend.ts';
import type { Ort } from './ort.ts';

/**
 * Loads the build of ONNX Runtime for a backend. `imports` in package.json maps `#ort-build` to the file for Node or to
 * that for browsers.
 * @throws Error as `import()` does.
 */
export async function loadOrt(backend: Backend): Promise<Ort> {
  const ort = await loadBuild(backend.device);
  // For a GPU the CPU has nothing to compute.
  ort.env.wasm.numThreads = backend.device === 'wasm' ? backend.threads : 1;
  ort.env.logLevel = 'error';
  return ort;
}
