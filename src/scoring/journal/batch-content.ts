import type { BatchRecord } from '../rows/batch-record.ts';

/*
 * The content of a batch's frame, with little-endian numbers:
 *
 *   seconds (float64), finished rows (uint32)
 *   for each sequence, 32 bytes: three probabilities (float64), position of the sequence (uint32),
 *     tokens shifted left by one, with "truncated" as the last bit (uint32)
 *   if the run has several adapters: their logits, float32 [adapters, sequences, 3]
 *
 * Probabilities are stored in float64, although they could be computed from logits: a continued run writes the stored
 * values into the submission, so its bytes do not depend on how another version or browser computes `Math.exp`.
 */

const HEAD_BYTES = 12;
const SEQUENCE_BYTES = 32;
/** Bytes of the logits of one sequence by one adapter. */
const LOGITS_BYTES = 12;

/** Encodes a batch as the content of a frame, with its logits if the record has them. */
export function encodeBatchContent(record: BatchRecord): Uint8Array<ArrayBuffer> {
  const { sequences, probabilities, logits, tokens, truncated } = record;
  const logitsAt = HEAD_BYTES + SEQUENCE_BYTES * sequences.length;
  const content = new Uint8Array(logitsAt + 4 * (logits?.length ?? 0));
  const view = new DataView(content.buffer);
  view.setFloat64(0, record.seconds, true);
  view.setUint32(8, record.rowsDone, true);
  for (const [i, sequence] of sequences.entries()) {
    const at = HEAD_BYTES + SEQUENCE_BYTES * i;
    for (let c = 0; c < 3; c += 1) view.setFloat64(at + 8 * c, probabilities[3 * i + c]!, true);
    view.setUint32(at + 24, sequence, true);
    view.setUint32(at + 28, 2 * tokens[i]! + truncated[i]!, true);
  }
  for (const [i, logit] of logits?.entries() ?? []) {
    view.setFloat32(logitsAt + 4 * i, logit, true);
  }
  return content;
}

/**
 * Decodes a batch. The check of its frame has proved that the bytes are those that were written; this proves that they
 * are valid, so that a journal from a faulty or foreign writer can put nothing into a submission but probabilities,
 * once per sequence.
 * @param adapters number of adapters whose logits follow; 0 for none.
 * @param seen 1 for each sequence of earlier batches; the sequences of this batch are marked too.
 * @returns null if the content is not a valid batch, or repeats a sequence.
 */
export function readBatchContent(
  content: Uint8Array,
  adapters: number,
  seen: Uint8Array,
): BatchRecord | null {
  const count = (content.length - HEAD_BYTES) / (SEQUENCE_BYTES + LOGITS_BYTES * adapters);
  if (!Number.isSafeInteger(count) || count < 1) return null;
  const view = new DataView(content.buffer, content.byteOffset, content.length);
  const record: BatchRecord = {
    seconds: view.getFloat64(0, true),
    rowsDone: view.getUint32(8, true),
    sequences: new Uint32Array(count),
    probabilities: new Float64Array(3 * count),
    logits: adapters === 0 ? null : new Float32Array(3 * adapters * count),
    tokens: new Uint32Array(count),
    truncated: new Uint8Array(count),
  };
  for (let i = 0; i < count; i += 1) {
    const at = HEAD_BYTES + SEQUENCE_BYTES * i;
    for (let c = 0; c < 3; c += 1) {
      record.probabilities[3 * i + c] = view.getFloat64(at + 8 * c, true);
    }
    record.sequences[i] = view.getUint32(at + 24, true);
    const tokens = view.getUint32(at + 28, true);
    record.tokens[i] = tokens >>> 1;
    record.truncated[i] = tokens & 1;
  }
  const logitsAt = HEAD_BYTES + SEQUENCE_BYTES * count;
  for (let i = 0; i < 3 * adapters * count; i += 1) {
    record.logits![i] = view.getFloat32(logitsAt + 4 * i, true);
  }
  if (new Set(record.sequences).size < count) return null;
  if (record.sequences.some((sequence) => seen[sequence] !== 0)) return null;
  if (!record.probabilities.every((p) => p >= 0 && p <= 1)) return null;
  if (record.logits?.every(Number.isFinite) === false) return null;
  for (const sequence of record.sequences) seen[sequence] = 1;
  return record;
}
