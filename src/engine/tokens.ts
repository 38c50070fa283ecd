import { errorAt, TiebreakError } from '../domain/errors.ts';
import type { DecoderConfig } from '../model/decoder.ts';

/** Throws `engine/tokens` for ids outside the vocabulary, rows that are empty or too long, and a batch without rows. */
export function checkTokens(rows: readonly Int32Array[], config: DecoderConfig): void {
  const { vocabSize, maxPositions } = config;
  if (rows.length === 0) throw new TiebreakError('engine/tokens:no-rows');
  for (const [r, ids] of rows.entries()) {
    const place = { row: r + 1 };
    const { length } = ids;
    if (length === 0) throw errorAt(place, 'engine/tokens:empty');
    if (length > maxPositions) {
      throw errorAt(place, 'engine/tokens:long', { length, most: maxPositions });
    }
    for (const id of ids) {
      if (id < 0 || id >= vocabSize) throw errorAt(place, 'engine/tokens:id', { id, vocabSize });
    }
  }
}
