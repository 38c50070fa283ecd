import type { BatchBounds, EngineInfo } from '../engine/engine.ts';
import type { Outcome } from '../workers/remote.ts';
import type { LoadProgress, ModelInfo, ModelRequest } from './api.ts';

/** What the engine's worker tells about a loaded model. */
export interface LoadedEngine {
  model: Omit<ModelInfo, 'tokenizerWorkers' | 'lanes' | 'gpus'>;
  bounds: BatchBounds;
}

/** The worker that owns the device and the model. */
export interface EngineWorkerApi {
  load(
    request: ModelRequest,
    onProgress: (progress: LoadProgress) => void,
  ): Promise<Outcome<LoadedEngine>>;
  setAdapters(names: (string | null)[]): Promise<Outcome<EngineInfo>>;
  /** Logits [adapters, rows, 3] of rows that lie one after the other in `ids`. */
  logits(ids: Int32Array, lengths: Uint32Array): Promise<Outcome<Float32Array>>;
  /** Stops what is under way at the next layer. */
  cancel(): void;
}
