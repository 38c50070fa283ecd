import { TiebreakError } from '../../domain/errors.ts';
import { packedTokens } from './prefixes.ts';

/**
 * Tokens of a batch where the user sets none: the notebook's 4 x 2,048 on a GPU, less where memory is the wasm heap.
 */
export const BATCH_TOKENS = { webgpu: 8192, wasm: 4096 } as const;

/** The same where several GPUs compute: they are large, and more rows of like length are less padding. */
export const LARGE_BATCH_TOKENS = 16_384;

/** The bounds of a batch. */
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

/**
 * Forms batches of rows that share what they begin with: groups stay together as far as a batch has room, and batches
 * are filled as evenly as pieces of groups allow. Pure: the same groups give the same batches.
 * @param groups rows that begin alike, those that share most side by side.
 * @param maxTokens computed tokens of a batch. A single row may exceed it.
 * @returns the rows of every batch.
 */
export function planShared<T extends { ids: Int32Array }>(
  groups: readonly (readonly T[])[],
  maxTokens: number,
): T[][] {
  const pieces = groups.flatMap((group) => pieceGroup(group, maxTokens));
  // The largest first, each into the first batch that has room: batches are full, and all about as long.
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

/** Cuts a group where a batch is full. */
function pieceGroup<T extends { ids: Int32Array }>(group: readonly T[], maxTokens: number) {
  const pieces: { rows: T[]; tokens: number }[] = [];
  for (const row of group) {
    const last = pieces.at(-1);
    const rows = [...(last?.rows ?? []), row];
    // Shared tokens are looked for only where they decide.
    const whole = (last?.tokens ?? maxTokens) + row.ids.length;
    const tokens = whole <= maxTokens ? whole : packedTokens(rows.map(({ ids }) => ids));
    if (last !== undefined && tokens <= maxTokens) Object.assign(last, { rows, tokens });
    else pieces.push({ rows: [row], tokens: row.ids.length });
  }
  for (const piece of pieces) piece.tokens = packedTokens(piece.rows.map(({ ids }) => ids));
  return pieces;
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
  return new TiebreakError('plan/too-long', {
    params: { length, needed: limits.scoreBytes(padded), allowed: limits.maxScoreBytes, fits },
  });
}
