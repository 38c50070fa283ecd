import { asTiebreakError, TiebreakError } from '../domain/errors.ts';
import { EmbeddingTable } from '../model/embedding-table.ts';
import type { ModelPackage } from '../model/package.ts';
import { readSelfTest, type SelfTest } from '../model/selftest.ts';
import { type Backend, choosePrecision, type WebGpuBackend } from './device/backend.ts';
import type { KernelCache } from './device/kernel-cache.ts';
import { isMemoryFailure } from './device/memory-failure.ts';
import { DeviceLayers } from './executor/device-layers.ts';
import { type Executor, noExecutor, type Refusal } from './executor/executor.ts';
import { type Reason, reasonFor } from './executor/refusal.ts';
import {
  type EnginePrecision,
  type ExecutorKind,
  type Variant,
  variantsFor,
} from './executor/variants.ts';
import type { OrtExecutorParts } from './ort/executor.ts';
import { checkWeights } from './planning/gpu-memory.ts';
import type { LayerRange, Resident } from './planning/layers.ts';
import type { Saving } from './planning/savings.ts';
import { passSelfTest } from './self-test.ts';
import { WgslExecutor } from './wgsl/executor.ts';
import { factsOf } from './wgsl/model.ts';
import { refusalFor } from './wgsl/variant.ts';

/** Options that choose an executor and load a model for it. */
export interface ChooseOptions {
  /** Default `auto`, which never chooses int8. */
  precision?: EnginePrecision | 'auto';
  /**
   * Default `auto`: on a GPU the fastest variant of our own kernels that can run and passes the package's self-test,
   * else ONNX Runtime.
   */
  executor?: ExecutorKind | 'auto';
  /** Variants of our kernels that may be chosen, in order. Default: all of the precision, the fastest first. */
  variants?: readonly Variant[];
  /** Remembers the fastest kernels from one load to the next. Left out, they are timed every time. */
  kernelCache?: KernelCache;
  /** Decoder layers that stay on the device. Default: all. */
  resident?: Resident;
  /** The layers that this device computes, if others compute the rest. Only our own kernels can. Default: all. */
  layers?: LayerRange;
  /** Savings of our own kernels that are left out. Default: none. */
  without?: readonly Saving[];
  /** Reopens the device after a self-test has lost it, to try the next executor. Left out, loading fails then. */
  reopen?: () => Promise<Backend>;
  signal?: AbortSignal;
  /** Replaces the device's own `BatchBounds.maxScoreBytes`, for tests. */
  maxScoreBytes?: number;
  /** Called with the number of decoder layers loaded so far, and their total. */
  onProgress?: (layers: number, total: number) => void;
}

/** The executor that {@link chooseExecutor} chose. */
interface Chosen {
  executor: Executor;
  /** The device of the executor: another one than was given, if that was lost. */
  backend: Backend;
  /** Faster executors that were refused, with reasons. */
  refusals: Refusal[];
  /** The largest relative difference in the self-test; null if it was not computed. */
  selfTest: number | null;
}

/**
 * Loads a model for the fastest executor that the device can run and that computes correctly. The caller owns the
 * executor.
 * @throws TiebreakError if the package lacks a tensor, the device is too small, no requested executor can run
 *   (`gpu/kernels`, `gpu/no-float16`), or the signal fires; all memory is freed then.
 */
export async function chooseExecutor(
  pkg: ModelPackage,
  backend: Backend,
  options: ChooseOptions,
): Promise<Chosen> {
  const refusals: Refusal[] = [];
  for (let current = backend; ; ) {
    try {
      return await choose(pkg, current, options, refusals);
    } catch (thrown) {
      if (!(thrown instanceof LostInTest)) throw thrown;
      if (options.reopen === undefined) throw thrown.cause;
      current.close();
      current = await options.reopen();
    }
  }
}

/** Thrown when a variant has lost the device. That variant is among the refusals already. */
class LostInTest extends Error {}

/** {@link chooseExecutor} on one device, without the variants in `refusals`, to which it adds. */
async function choose(
  pkg: ModelPackage,
  backend: Backend,
  options: ChooseOptions,
  refusals: Refusal[],
): Promise<Chosen> {
  const { quantization } = pkg.manifest;
  const { executor: wanted = 'auto', maxScoreBytes } = options;
  const asked = options.precision ?? 'auto';
  // Only our kernels have int8. Beside their products everything is float32.
  const precision = asked === 'int8' ? 'float32' : choosePrecision(backend, asked, quantization);
  if (backend.device === 'webgpu') checkWeights(pkg.config, quantization, precision, backend.gpu);
  const embedding = EmbeddingTable.open(pkg);
  if (wanted !== 'ort' && backend.device === 'webgpu') {
    const chosen = await chooseVariant({ pkg, backend, embedding, options, refusals });
    if (chosen !== null) return chosen;
  }
  if (asked === 'int8' && wanted === 'ort') {
    refusals.push({ executor: 'ort', variant: null, ...reasonFor('kernels/no-int8') });
    throw noExecutor(refusals);
  }
  if (wanted === 'ort' && options.layers !== undefined) {
    refusals.push({ executor: 'ort', variant: null, ...reasonFor('kernels/all-layers') });
  }
  if (wanted === 'wgsl' || asked === 'int8' || options.layers !== undefined) {
    if (backend.device === 'wasm') {
      refusals.push({ executor: 'wgsl', variant: null, ...reasonFor('kernels/no-gpu') });
    }
    throw noExecutor(refusals);
  }
  const create = await loadOrtExecutor(backend);
  const layers = await DeviceLayers.load(pkg, backend, precision, options);
  const parts = { pkg, backend, precision, embedding, layers, maxScoreBytes };
  const executor = await releaseOnFailure(layers, () => create(parts));
  return { executor, backend, refusals, selfTest: null };
}

/**
 * Loads ONNX Runtime. Only this function imports it, so a model that our kernels compute never loads it.
 * @throws TiebreakError `engine/runtime`.
 */
async function loadOrtExecutor(backend: Backend) {
  try {
    const [{ OrtExecutor }, { loadOrt }] = await Promise.all([
      import('./ort/executor.ts'),
      import('./ort/runtime.ts'),
    ]);
    const ort = await loadOrt(backend);
    return (parts: Omit<OrtExecutorParts, 'ort'>) => OrtExecutor.create({ ort, ...parts });
  } catch (cause) {
    throw new TiebreakError('engine/runtime', {
      params: { reason: String((cause as Error).message ?? cause) },
      cause,
    });
  }
}

/** Loads the fastest variant of our kernels that passes the self-test; null if none does, with a refusal for each. */
async function chooseVariant(of: {
  pkg: ModelPackage;
  backend: WebGpuBackend;
  embedding: EmbeddingTable;
  options: ChooseOptions;
  refusals: Refusal[];
}): Promise<Chosen | null> {
  const { pkg, backend, embedding, options, refusals } = of;
  const refuse = (variant: Variant, why: Reason) =>
    refusals.push({ executor: 'wgsl', variant, ...why });
  const { precision: asked = 'auto', without = [] } = options;
  const facts = factsOf(backend);
  const able: Variant[] = [];
  for (const variant of options.variants ?? variantsFor(asked)) {
    if (refusals.some((refused) => refused.variant === variant)) continue;
    const why = refusalFor(asked, variant, pkg.config, pkg.manifest.quantization, facts);
    if (why === null) able.push(variant);
    else refuse(variant, why);
  }
  if (able.length === 0) return null;
  const layers = await DeviceLayers.load(pkg, backend, 'float32', options);
  return releaseOnFailure(layers, async () => {
    const test = await readSelfTest(pkg);
    for (const variant of able) {
      try {
        const parts = {
          pkg,
          backend,
          embedding,
          layers,
          variant,
          sharePrefixes: !without.includes('prefixes'),
          poolLastLayer: !without.includes('last-layer'),
        };
        const executor = await WgslExecutor.create(parts, options.kernelCache ?? null);
        const selfTest = await runSelfTest(pkg, backend, executor, test);
        return { executor, backend, refusals, selfTest };
      } catch (thrown) {
        const error = asTiebreakError(thrown);
        if (!isOfKernels(error.code) || isMemoryFailure(error)) throw error;
        const { code, id, message: reason, params } = error;
        refuse(variant, { code, ...(id !== code && { id }), reason, params });
        if (error.code === 'gpu/lost') throw new LostInTest('lost', { cause: error });
      }
    }
    layers.dispose();
    return null;
  });
}

async function runSelfTest(
  pkg: ModelPackage,
  backend: Backend,
  executor: WgslExecutor,
  test: SelfTest | null,
): Promise<number | null> {
  try {
    return test === null ? null : await passSelfTest(pkg, backend, executor, test);
  } catch (thrown) {
    executor.disposeKernels();
    throw thrown;
  }
}

/** True if kernels may have caused an error, so that another variant may succeed. */
function isOfKernels(code: string): boolean {
  return /^(engine|gpu|internal)\//.test(code);
}

/** Runs work that takes ownership of loaded layers, and frees them if it fails. */
async function releaseOnFailure<T>(layers: DeviceLayers, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (thrown) {
    layers.dispose();
    throw thrown;
  }
}
