import { expose } from 'comlink';
import { fileKernelCache } from '../../src/cli/engine/kernel-cache.ts';
import type { Backend } from '../../src/engine/device/backend.ts';
import { findNodeGpus, openNodeBackend } from '../../src/engine/device/backend-node.ts';
import { type BufferCount, countBuffers } from '../../src/engine/device/buffer-count.ts';
import type { EngineWorkerApi } from '../../src/scoring/lanes/engine-api.ts';
import { engineService } from '../../src/scoring/lanes/engine-service.ts';
import { NodeDirectory } from '../../src/storage/node-file.ts';
import { GpuTrace, type Interval } from '../gpu-trace.ts';
import { Link } from './link.ts';

/** Requests to an engine's process beside its calls. */
export type Question = 'gpus' | 'destroy' | 'trace' | 'reset' | 'memory';

/**
 * Activity of the device and of calls of {@link EngineWorkerApi}, in milliseconds since 1970, as consecutive [from,
 * to].
 */
export interface Trace {
  passes: Float64Array;
  calls: Float64Array;
}

/** Passes closer than this are merged in a trace. */
const JOINED_MS = 0.05;

/** Runs an engine on the GPU that this process finds, for its parent process. Models come from folders. */
export function serveEngine(): void {
  const link = new Link(process);
  let device: GPUDevice | undefined;
  let trace: GpuTrace | null = null;
  let count: BufferCount | undefined;
  let calls: Interval[] = [];
  const open = async (): Promise<Backend> => {
    const backend = await openNodeBackend('webgpu');
    if (backend.device !== 'webgpu') throw new Error('no GPU');
    device = backend.gpuDevice;
    count = countBuffers(device);
    trace = device.features.has('timestamp-query') ? new GpuTrace(device) : null;
    return backend;
  };
  const service = engineService({
    openBackend: open,
    openFiles: (source) => {
      if (source.kind !== 'stored') throw new Error('a folder is wanted');
      return new NodeDirectory(source.id);
    },
    holdFiles: async () => {},
    kernelCache: fileKernelCache,
  });
  const timed = <Args extends unknown[], T>(call: (...args: Args) => Promise<T>) => {
    return async (...args: Args): Promise<T> => {
      const from = sinceEpoch(performance.now());
      const value = await call(...args);
      calls.push({ from, to: sinceEpoch(performance.now()) });
      return value;
    };
  };
  const api: EngineWorkerApi = {
    ...service,
    logits: timed(service.logits),
    hiddenAfter: timed(service.hiddenAfter),
    logitsAfter: timed(service.logitsAfter),
  };
  link.answers(async (question) => {
    if (question === 'gpus') return findNodeGpus();
    if (question === 'destroy') return device?.destroy();
    if (question === 'memory') return count?.peak;
    if (question === 'reset') {
      trace?.reset();
      calls = [];
      return undefined;
    }
    const passes = trace === null ? [] : await onClock(device!, trace);
    return { passes: flat(joined(passes)), calls: flat(calls) } satisfies Trace;
  });
  expose(api, link);
}

/** Passes in milliseconds since 1970, aligned by an empty pass at a known time. */
async function onClock(device: GPUDevice, trace: GpuTrace): Promise<Interval[]> {
  let least = Number.POSITIVE_INFINITY;
  let known = { at: 0, place: 0 };
  for (let i = 1; i <= 3; i += 1) {
    const from = performance.now();
    const encoder = device.createCommandEncoder();
    encoder.beginComputePass().end();
    device.queue.submit([encoder.finish()]);
    await device.queue.onSubmittedWorkDone();
    const took = performance.now() - from;
    if (took < least) known = { at: from + took / 2, place: i - 4 };
    least = Math.min(least, took);
  }
  const passes = await trace.passes();
  const shift = sinceEpoch(known.at) - (passes.at(known.place)?.from ?? 0);
  return passes.slice(0, -3).map(({ from, to }) => ({ from: from + shift, to: to + shift }));
}

function sinceEpoch(at: number): number {
  return performance.timeOrigin + at;
}

function joined(intervals: readonly Interval[]): Interval[] {
  const all: Interval[] = [];
  for (const { from, to } of [...intervals].sort((a, b) => a.from - b.from)) {
    const last = all.at(-1);
    if (last !== undefined && from - last.to < JOINED_MS) last.to = Math.max(last.to, to);
    else all.push({ from, to });
  }
  return all;
}

function flat(intervals: readonly Interval[]): Float64Array {
  return Float64Array.from(intervals.flatMap(({ from, to }) => [from, to]));
}

/** The intervals of a {@link Trace}. */
export function intervalsOf(numbers: Float64Array): Interval[] {
  return Array.from({ length: numbers.length / 2 }, (_, i) => ({
    from: numbers[2 * i]!,
    to: numbers[2 * i + 1]!,
  }));
}
