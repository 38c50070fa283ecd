import { createXXHash128 } from 'hash-wasm';
import { asTiebreakError, type TiebreakError } from '../domain/errors.ts';
import type { Pair, TextMode } from '../domain/settings.ts';
import { parseCell } from './cells.ts';
import type { CsvRow } from './csv/row.ts';

/** A row's cells as lists of turns. */
interface ParsedPair {
  pair: Pair;
  /** True if a cell was not a list and was read as one turn. */
  plainText: boolean;
}

/** The same as {@link parsePair}, with the error as a value. */
export function tryParsePair(row: CsvRow, mode: TextMode): ParsedPair | { error: TiebreakError } {
  try {
    return parsePair(row, mode);
  } catch (thrown) {
    return { error: asTiebreakError(thrown) };
  }
}

/** Parses the cells of a row. @throws TiebreakError with the row and column of an unreadable cell. */
export function parsePair(row: CsvRow, mode: TextMode): ParsedPair {
  if (row.problem) throw row.problem;
  let plainText = false;
  const cell = (column: string, text: string): string[] => {
    try {
      const { turns, notes } = parseCell(text, mode);
      plainText ||= notes.includes('plain-text');
      return turns;
    } catch (thrown) {
      const error = asTiebreakError(thrown);
      throw error.with({ place: { ...error.place, row: row.row, column, byte: row.start } });
    }
  };
  const pair = {
    prompt: cell('prompt', row.prompt),
    responseA: cell('response_a', row.responseA),
    responseB: cell('response_b', row.responseB),
  };
  return { pair, plainText };
}

/** Estimates the tokens of a pair. The estimate orders rows, and its sum predicts the remaining time. */
export function estimateTokens(pair: Pair): number {
  let tokens = 16; // headings, <bos>, <eos>
  for (const turns of [pair.prompt, pair.responseA, pair.responseB]) {
    for (const turn of turns) {
      let wide = 0;
      for (let i = 0; i < turn.length; i += 1) if (turn.charCodeAt(i) > 0x2ff) wide += 1;
      // Gemma's tokenizer has about four Latin characters, or one and a half others, per token.
      tokens += (turn.length - wide) / 4 + wide / 1.5 + 1;
    }
  }
  return Math.ceil(tokens);
}

/** Makes a function that hashes the texts of a pair with their boundaries, on which truncation depends. */
export async function pairHasher(): Promise<(pair: Pair) => string> {
  const hasher = await createXXHash128();
  return ({ prompt, responseA, responseB }) => {
    hasher.init();
    for (const turns of [prompt, responseA, responseB]) {
      hasher.update(`${turns.length}:`);
      for (const turn of turns) hasher.update(`${turn.length}:`).update(turn);
    }
    return hasher.digest('hex');
  };
}
