import type { BatchBounds, EngineInfo } from '../../engine/engine.ts';
import type { Start } from '../../engine/executor/executor.ts';
import type { LoadProgress, ModelInfo, ModelRequest } from './model-request.ts';

/** A loaded model, as the engine's worker describes it. */
export interface LoadedEngine {
  model: Omit<ModelInfo, 'tokenizerWorkers' | 'lanes' | 'gpus' | 'plan'>;
  bounds: BatchBounds;
}

/** The worker that owns the device and the model. */
export interface EngineWorkerApi {
  load(request: ModelRequest, onProgress: (progress: LoadProgress) => void): Promise<LoadedEngine>;
  setAdapters(names: (string | null)[]): Promise<EngineInfo>;
  /** Logits [adapters, rows, 3] of rows that lie one after the other in `ids`. */
  logits(ids: Int32Array, lengths: Uint32Array): Promise<Float32Array>;
  /** Hidden states of rows before layer `to`, under one of the adapters in use. */
  hiddenAfter(
    ids: Int32Array,
    lengths: Uint32Array,
    to: number,
    adapter: number,
  ): Promise<Float32Array<ArrayBuffer>>;
  /** Logits [rows, 3] from hidden states on, under one of the adapters in use. */
  logitsAfter(
    ids: Int32Array,
    lengths: Uint32Array,
    start: Start,
    adapter: number,
  ): Promise<Float32Array>;
  /** Stops what is under way at the next layer. */
  cancel(): Promise<void>;
}
