import { createTokenizer, type TextTokenizer } from '../src/tokens/tokenizer.ts';
import { type ChatTokenizer, tokenizerFile } from './chat-reference.ts';

const tokenizers = new Map<ChatTokenizer, TextTokenizer>();

/** Makes a tokenizer of the reference conversations, which takes a second, so only once per test file. */
export function chatTokenizer(name: ChatTokenizer): TextTokenizer {
  const known = tokenizers.get(name);
  if (known !== undefined) return known;
  const made = createTokenizer(
    tokenizerFile(name, 'tokenizer.json'),
    tokenizerFile(name, 'tokenizer_config.json'),
  );
  tokenizers.set(name, made);
  return made;
}
