import { TiebreakError } from '../domain/errors.ts';
import type { DecoderConfig } from '../model/decoder.ts';

/** Throws `engine/tokens` for ids outside the vocabulary, rows that are empty or too long, and a batch without rows. */
export function checkTokens(rows: readonly Int32Array[], config: DecoderConfig): void {
  const { vocabSize, maxPositions } = config;
  const refuse = (row: number, what: string): never => {
    throw new TiebreakError('engine/tokens', { params: { what }, place: { row: row + 1 } });
  };
  if (rows.length === 0) refuse(-1, 'There are no rows.');
  for (const [r, ids] of rows.entries()) {
    if (ids.length === 0) refuse(r, 'The row has no tokens.');
    if (ids.length > maxPositions) {
      refuse(r, `The row has ${ids.length} tokens; the model takes ${maxPositions}.`);
    }
    for (const id of ids) {
      if (id < 0 || id >= vocabSize)
        refuse(r, `Token id ${id} is outside the vocabulary of ${vocabSize}.`);
    }
  }
}
