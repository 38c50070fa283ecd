import { aborted, TiebreakError, throwIfAborted } from '../../domain/errors.ts';
import type { Backend } from '../../engine/device/backend.ts';
import { type BatchBounds, Engine, type EngineInfo } from '../../engine/engine.ts';
import type { EnginePrecision, ExecutorKind } from '../../engine/executor/variants.ts';
import type { Resident } from '../../engine/planning/layers.ts';
import { withFewerLayers } from '../../engine/planning/residency.ts';
import type { Saving } from '../../engine/planning/savings.ts';
import type { ModelPackage } from '../../model/package.ts';
import type { Lane } from '../../scoring/lanes/lane.ts';
import { fileKernelCache } from './kernel-cache.ts';

interface NodeLaneOptions {
  pkg: ModelPackage;
  openBackend: () => Promise<Backend>;
  precision?: EnginePrecision | 'auto';
  executor?: ExecutorKind | 'auto';
  /** Null means the base model alone. */
  adapters: (string | null)[];
  resident?: Resident;
  /** Savings of our own kernels that are switched off. */
  without?: readonly Saving[];
  signal?: AbortSignal;
  onProgress?: (layers: number, total: number) => void;
}

/** Milliseconds after which a restart counts as stuck; loading a 9B model from a disk takes a minute or two. */
const REBUILD_MS = 600_000;

/** A lane whose engine is on this thread and can be restarted. */
export class NodeLane implements Lane {
  private readonly options: NodeLaneOptions;
  private resident: Resident;
  private engine!: Engine;
  private backend: Backend | undefined;

  private constructor(options: NodeLaneOptions) {
    this.options = options;
    this.resident = options.resident ?? 'all';
  }

  /** Opens a device, loads the model and computes its self-test. @throws TiebreakError if one of these fails. */
  static async start(options: NodeLaneOptions): Promise<NodeLane> {
    const lane = new NodeLane(options);
    await lane.load(options.signal);
    return lane;
  }

  get info(): EngineInfo {
    return this.engine.info;
  }

  get bounds(): BatchBounds {
    return this.engine.bounds;
  }

  get overlaps(): boolean {
    return this.engine.info.executor === 'wgsl';
  }

  logits(rows: Int32Array[], signal?: AbortSignal): Promise<Float32Array> {
    return this.engine.logits(rows, signal);
  }

  /**
   * Restarts the lane.
   * @throws TiebreakError `engine/stuck` if ONNX Runtime, of which a thread has one, never returned.
   */
  async rebuild(signal?: AbortSignal): Promise<void> {
    const { backend } = this;
    this.close();
    if (backend?.device === 'webgpu' && backend.guard.busy) {
      throw stuck();
    }
    let timer: ReturnType<typeof setTimeout> | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(stuck()), REBUILD_MS);
    });
    try {
      await Promise.race([this.load(signal), late]);
    } finally {
      clearTimeout(timer);
    }
  }

  /** Closes the device. Memory that ONNX Runtime has outside of it stays until the process ends. */
  close(): void {
    this.backend?.close();
    this.backend = undefined;
  }

  private async load(signal: AbortSignal | undefined): Promise<void> {
    const { pkg, openBackend, precision, executor, adapters, without, onProgress } = this.options;
    const { value, resident } = await withFewerLayers(this.resident, async (wanted, onLayers) => {
      if (signal?.aborted) throw aborted();
      this.backend = await openBackend();
      try {
        const engine = await Engine.load(pkg, this.backend, {
          precision,
          executor,
          resident: wanted,
          without,
          kernelCache: fileKernelCache(),
          reopen: async () => {
            this.backend = await openBackend();
            return this.backend;
          },
          signal,
          onProgress: (layers, total) => {
            onLayers(layers, total);
            onProgress?.(layers, total);
          },
        });
        await engine.setAdapters(adapters);
        await engine.selfTest();
        throwIfAborted(signal);
        return engine;
      } catch (thrown) {
        this.close();
        throw thrown;
      }
    });
    this.engine = value;
    this.resident = resident;
  }
}

function stuck(): TiebreakError {
  return new TiebreakError('engine/stuck');
}
