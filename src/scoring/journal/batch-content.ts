import { labelsOf, type Reading } from '../../domain/reading.ts';
import type { BatchRecord } from '../rows/batch-record.ts';

/*
 * The content of a batch's frame, with little-endian numbers:
 *
 *   seconds (float64), finished rows (uint32)
 *   for each sequence: three probabilities (float64), left out for rewards; position of the sequence (uint32);
 *     tokens shifted left by one, with "truncated" as the last bit (uint32)
 *   if the run has several adapters, or rewards: their logits, float32 [adapters, sequences, labels]
 *
 * Probabilities are stored in float64, although they could be computed from logits: a continued run writes the stored
 * values into the submission, so its bytes do not depend on how another version or browser computes `Math.exp`.
 * Rewards have no probabilities yet: those of a row come from two sequences, which may be in different batches.
 */

const HEAD_BYTES = 12;
/** Bytes of the position and the tokens of a sequence. */
const PLACE_BYTES = 8;

/** Number of probabilities of a sequence. */
function classesOf(reading: Reading): number {
  return reading === 'reward' ? 0 : 3;
}

/** Encodes a batch as the content of a frame, with its logits if the record has them. */
export function encodeBatchContent(
  record: BatchRecord,
  reading: Reading = 'pair',
): Uint8Array<ArrayBuffer> {
  const { sequences, probabilities, logits, tokens, truncated } = record;
  const classes = classesOf(reading);
  const sequenceBytes = 8 * classes + PLACE_BYTES;
  const logitsAt = HEAD_BYTES + sequenceBytes * sequences.length;
  const content = new Uint8Array(logitsAt + 4 * (logits?.length ?? 0));
  const view = new DataView(content.buffer);
  view.setFloat64(0, record.seconds, true);
  view.setUint32(8, record.rowsDone, true);
  for (const [i, sequence] of sequences.entries()) {
    const start = HEAD_BYTES + sequenceBytes * i;
    for (let c = 0; c < classes; c += 1) {
      view.setFloat64(start + 8 * c, probabilities[classes * i + c]!, true);
    }
    const at = start + 8 * classes;
    view.setUint32(at, sequence, true);
    view.setUint32(at + 4, 2 * tokens[i]! + truncated[i]!, true);
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
 * @param reading of the run. Default `pair`.
 * @returns null if the content is not a valid batch, or repeats a sequence.
 */
export function readBatchContent(
  content: Uint8Array,
  adapters: number,
  seen: Uint8Array,
  reading: Reading = 'pair',
): BatchRecord | null {
  if (reading === 'reward' && adapters === 0) return null;
  const classes = classesOf(reading);
  const labels = labelsOf(reading);
  const sequenceBytes = 8 * classes + PLACE_BYTES;
  const count = (content.length - HEAD_BYTES) / (sequenceBytes + 4 * labels * adapters);
  if (!Number.isSafeInteger(count) || count < 1) return null;
  const view = new DataView(content.buffer, content.byteOffset, content.length);
  const record: BatchRecord = {
    seconds: view.getFloat64(0, true),
    rowsDone: view.getUint32(8, true),
    sequences: new Uint32Array(count),
    probabilities: new Float64Array(classes * count),
    logits: adapters === 0 ? null : new Float32Array(labels * adapters * count),
    tokens: new Uint32Array(count),
    truncated: new Uint8Array(count),
  };
  for (let i = 0; i < count; i += 1) {
    const start = HEAD_BYTES + sequenceBytes * i;
    for (let c = 0; c < classes; c += 1) {
      record.probabilities[classes * i + c] = view.getFloat64(start + 8 * c, true);
    }
    const at = start + 8 * classes;
    record.sequences[i] = view.getUint32(at, true);
    const tokens = view.getUint32(at + 4, true);
    record.tokens[i] = tokens >>> 1;
    record.truncated[i] = tokens & 1;
  }
  const logitsAt = HEAD_BYTES + sequenceBytes * count;
  for (let i = 0; i < labels * adapters * count; i += 1) {
    record.logits![i] = view.getFloat32(logitsAt + 4 * i, true);
  }
  if (new Set(record.sequences).size < count) return null;
  if (record.sequences.some((sequence) => seen[sequence] !== 0)) return null;
  if (!record.probabilities.every((p) => p >= 0 && p <= 1)) return null;
  if (record.logits?.every(Number.isFinite) === false) return null;
  for (const sequence of record.sequences) seen[sequence] = 1;
  return record;
}
