import { loadBuild } from '#ort-build';
import type { Backend } from '../device/backend.ts';
import type { Ort } from './ort.ts';

/**
 * Loads ONNX Runtime in the build for a backend. `#ort-build` is the file for Node or the one for browsers:
 * package.json says so, under `imports`.
 * @throws Error as `import()` does.
 */
export async function loadOrt(backend: Backend): Promise<Ort> {
  const ort = await loadBuild(backend.device);
  // On a GPU the processor has nothing to compute.
  ort.env.wasm.numThreads = backend.device === 'wasm' ? backend.threads : 1;
  ort.env.logLevel = 'error';
  return ort;
}
