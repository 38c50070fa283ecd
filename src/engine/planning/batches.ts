import { TiebreakError } from '../../domain/errors.ts';
import { packedTokens } from './prefixes.ts';

/**
 * Default tokens of a batch: the notebook's 4 x 2,048 on a GPU, fewer on the CPU, whose heap is limited.
 */
export const BATCH_TOKENS = { webgpu: 8192, wasm: 4096 } as const;

/** Default tokens of a batch for several GPUs. These are large, and more rows of similar length mean less padding. */
export const LARGE_BATCH_TOKENS = 16_384;

/** Limits on a batch. */
export interface BatchLimits {
  /** Tokens of a batch, padding included. A single row may exceed it. */
  maxTokens: number;
  /** Rows are padded to a multiple of this many tokens. */
  padMultiple: number;
  /** Bytes of a buffer of attention scores. Even a single row must not exceed it. */
  maxScoreBytes: number;
  /** Bytes of the attention scores of a row of this padded length. */
  scoreBytes(length: number): number;
}

/**
 * Groups rows into batches, the longest first and rows of similar length together, so that there is little padding.
 * Pure: the same lengths and limits give the same batches.
 * @param lengths tokens of each row, in descending order.
 * @returns for each batch its first row (`start`) and the row after its last (`end`).
 * @throws TiebreakError `plan/too-long` if a single row does not fit.
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

/**
 * Forms batches of rows that share their beginnings. A group stays together as far as a batch has room, and batches are
 * filled as evenly as the pieces of groups allow. Pure: the same groups give the same batches.
 * @param groups rows with equal beginnings; those that share most must be neighbours.
 * @param maxTokens tokens of a batch that are computed, that is, with shared ones counted once. A single row may exceed
 *   it.
 * @returns the rows of each batch.
 */
export function planShared<T extends { ids: Int32Array }>(
  groups: readonly (readonly T[])[],
  maxTokens: number,
): T[][] {
  const pieces = groups.flatMap((group) => pieceGroup(group, maxTokens));
  // First fit, the largest pieces first: this fills batches well and makes them about equal.
  pieces.sort((a, b) => b.tokens - a.tokens);
  const batches: { rows: T[]; tokens: number }[] = [];
  for (const piece of pieces) {
    const room = batches.find(({ tokens }) => tokens + piece.tokens <= maxTokens);
    if (room === undefined) batches.push({ ...piece });
    else {
      room.rows.push(...piece.rows);
      room.tokens += piece.tokens;
    }
  }
  return batches.map(({ rows }) => rows);
}

/** Cuts a group into pieces that fit into a batch each. */
function pieceGroup<T extends { ids: Int32Array }>(group: readonly T[], maxTokens: number) {
  const pieces: { rows: T[]; tokens: number }[] = [];
  for (const row of group) {
    const last = pieces.at(-1);
    const rows = [...(last?.rows ?? []), row];
    // Shared tokens are counted only if they decide, because that takes time.
    const whole = (last?.tokens ?? maxTokens) + row.ids.length;
    const tokens = whole <= maxTokens ? whole : packedTokens(rows.map(({ ids }) => ids));
    if (last !== undefined && tokens <= maxTokens) Object.assign(last, { rows, tokens });
    else pieces.push({ rows: [row], tokens: row.ids.length });
  }
  for (const piece of pieces) piece.tokens = packedTokens(piece.rows.map(({ ids }) => ids));
  return pieces;
}

/** Rounds a length up to a multiple. */
export function padLength(length: number, multiple: number): number {
  return Math.ceil(length / multiple) * multiple;
}

function tooLong(length: number, padded: number, limits: BatchLimits): TiebreakError {
  let fits = Math.floor(padded / limits.padMultiple) * limits.padMultiple;
  while (fits > limits.padMultiple && limits.scoreBytes(fits) > limits.maxScoreBytes) {
    fits -= limits.padMultiple;
  }
  return new TiebreakError('plan/too-long', {
    params: { length, needed: limits.scoreBytes(padded), allowed: limits.maxScoreBytes, fits },
  });
}
