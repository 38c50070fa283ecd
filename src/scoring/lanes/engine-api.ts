import type { BatchBounds, EngineInfo } from '../../engine/engine.ts';
import type { Start } from '../../engine/executor/executor.ts';
import type { LoadProgress, ModelInfo, ModelRequest } from './model-request.ts';

/** A loaded model as the engine's worker describes it. */
export interface LoadedEngine {
  model: Omit<ModelInfo, 'tokenizerWorkers' | 'lanes' | 'gpus' | 'plan'>;
  bounds: BatchBounds;
}

/** The worker that owns a device and a model. One call computes at a time; ids of rows are concatenated. */
export interface EngineWorkerApi {
  load(request: ModelRequest, onProgress: (progress: LoadProgress) => void): Promise<LoadedEngine>;
  setAdapters(names: (string | null)[]): Promise<EngineInfo>;
  /** Logits [adapters, rows, labels] of rows whose ids are concatenated in `ids`. */
  logits(ids: Int32Array, lengths: Uint32Array): Promise<Float32Array>;
  /** Hidden states [tokens, hidden_size] of rows before layer `to`, with adapter `adapter` (index among those set). */
  hiddenAfter(
    ids: Int32Array,
    lengths: Uint32Array,
    to: number,
    adapter: number,
  ): Promise<Float32Array<ArrayBuffer>>;
  /** Logits [rows, labels], computed from the hidden states of `start`, with one of the adapters set. */
  logitsAfter(
    ids: Int32Array,
    lengths: Uint32Array,
    start: Start,
    adapter: number,
  ): Promise<Float32Array>;
  /** Makes the calls in progress reject with `run/cancelled` at the next layer. */
  cancel(): Promise<void>;
}
