import { TiebreakError } from '../domain/errors.ts';
import { type PackageFiles, readText } from '../storage/package-files.ts';
import { createTokenizer, type TextTokenizer } from '../tokens/tokenizer.ts';
import { TOKENIZER_FILES } from './tokenizer-source.ts';

/**
 * The ids of verdicts that are given as texts, each of which has to be a single token.
 * @param verdicts the texts that count as one verdict, for each verdict.
 * @throws TiebreakError `model/verdict`, with the tokens of the first text that is none or several.
 */
export function verdictTokens(
  verdicts: readonly (readonly string[])[],
  tokenizer: Pick<TextTokenizer, 'encode' | 'piece'>,
): number[][] {
  return verdicts.map((texts) =>
    texts.map((text) => {
      const [id, ...more] = tokenizer.encode(text);
      if (id !== undefined && more.length === 0) return id;
      const ids = id === undefined ? [] : [id, ...more];
      const pieces = ids.map((each) => `${tokenizer.piece(each)} (${each})`);
      throw new TiebreakError('model/verdict:text', { params: { text, pieces } });
    }),
  );
}

/**
 * Finds ids as {@link verdictTokens} does, with the tokenizer of a folder.
 * @throws TiebreakError also `storage/missing` and `tokens/bad-tokenizer`.
 */
export async function readVerdictTokens(
  verdicts: readonly (readonly string[])[],
  files: PackageFiles,
): Promise<number[][]> {
  const [json, config] = await Promise.all(TOKENIZER_FILES.map((file) => readText(files, file)));
  return verdictTokens(verdicts, createTokenizer(json!, config!));
}
