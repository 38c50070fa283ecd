import type { TiebreakError } from '../../domain/errors.ts';

// Phrases by which WebGPU, Dawn, ONNX Runtime, V8 and Emscripten report a lack of memory.
const WORDS =
  /out of memory|out-of-memory|memory access out of bounds|array buffer allocation failed|failed to allocate|bad_alloc|invalid array(?: buffer)? length|aborted\(oom\)|cannot enlarge memory|could not allocate/i;
/** Areas of errors in which such a phrase concerns a device or worker, not a name from the user's files. */
const AREAS = /^(engine|gpu|internal)\//;

/** True if an error reports a lack of memory. */
export function isMemoryFailure({
  code,
  message,
}: Pick<TiebreakError, 'code' | 'message'>): boolean {
  return code === 'gpu/out-of-memory' || (AREAS.test(code) && WORDS.test(message));
}
