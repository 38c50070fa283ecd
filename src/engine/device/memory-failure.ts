import type { TiebreakError } from '../../domain/errors.ts';

// WebGPU, Dawn, ONNX Runtime, V8 and Emscripten, each in its own words.
const WORDS =
  /out of memory|out-of-memory|memory access out of bounds|array buffer allocation failed|failed to allocate|bad_alloc|invalid array(?: buffer)? length|aborted\(oom\)|cannot enlarge memory|could not allocate/i;
/** Where such words are about the device or the worker, and not about something that the user named so. */
const AREAS = /^(engine|gpu|internal)\//;

/** Whether an error says that memory was short. */
export function isMemoryFailure({
  code,
  message,
}: Pick<TiebreakError, 'code' | 'message'>): boolean {
  return code === 'gpu/out-of-memory' || (AREAS.test(code) && WORDS.test(message));
}
