import { TiebreakError } from './errors.ts';

/** What bounds a batch. */
export interface BatchLimits {
  /** Tokens of a batch, padding included. A single row may exceed it. */
  maxTokens: number;
  /** Rows are padded to a multiple of this many tokens. */
  padMultiple: number;
  /** Bytes that one buffer of attention scores may take. A single row may not exceed it. */
  maxScoreBytes: number;
  /** Bytes of a row's attention scores at this padded length. */
  scoreBytes(length: number): number;
}

/**
 * Groups rows into batches: longest first, rows of like length together, so that little is padding. Pure: the same
 * lengths and limits give the same batches.
 * @param lengths tokens of each row, in descending order.
 * @returns for every batch the first row and the one after the last.
 * @throws TiebreakError `plan/too-long` when a single row does not fit.
 */
export function planBatches(
  lengths: ArrayLike<number>,
  limits: BatchLimits,
): { start: number; end: number }[] {
  const batches: { start: number; end: number }[] = [];
  for (let start = 0; start < lengths.length; ) {
    const padded = padLength(lengths[start]!, limits.padMultiple);
    const byScores = Math.floor(limits.maxScoreBytes / limits.scoreBytes(padded));
    if (byScores < 1) throw tooLong(lengths[start]!, padded, limits);
    const byTokens = Math.max(1, Math.floor(limits.maxTokens / padded));
    const end = Math.min(lengths.length, start + Math.min(byTokens, byScores));
    batches.push({ start, end });
    start = end;
  }
  return batches;
}

/** A length rounded up to a multiple. */
export function padLength(length: number, multiple: number): number {
  return Math.ceil(length / multiple) * multiple;
}

function tooLong(length: number, padded: number, limits: BatchLimits): TiebreakError {
  let fits = Math.floor(padded / limits.padMultiple) * limits.padMultiple;
  while (fits > limits.padMultiple && limits.scoreBytes(fits) > limits.maxScoreBytes) {
    fits -= limits.padMultiple;
  }
  return new TiebreakError(
    'plan/too-long',
    `A row of ${length} tokens needs ${limits.scoreBytes(padded)} bytes for its attention scores; this device allows ${limits.maxScoreBytes} in one buffer.`,
    { action: `Set max_length to ${fits} or less, or use another device.` },
  );
}
