import { TiebreakError } from '../../domain/errors.ts';
import type { Pair, RunSettings } from '../../domain/settings.ts';
import { dropRounds, type TokenizedText } from '../../domain/truncate.ts';
import type { TextTokenizer } from '../tokenizer.ts';
import type { ChatTemplate } from './chat-template.ts';
import { type ChatMessage, conversationOf } from './conversation.ts';

/** A conversation as a reward model reads it. */
export interface AnswerText extends TokenizedText {
  /** The messages, after truncation. */
  messages: ChatMessage[];
}

/**
 * Tokenizes the prompt with one answer: the first in the order of the file or, swapped, the other one. Truncation
 * shortens the contents of messages, never the template's marks, so that the result is always the template's own text:
 * - `right` keeps the beginning. A later round that is cut within its prompt goes as a whole.
 * - `turns` drops as few of the oldest rounds as make it fit, then cuts as `right` does.
 * - `proportional` keeps the beginning of all prompts and of all answers, in proportion to their tokens.
 *
 * `cut.responseA` counts the answer, and `cut.responseB` is 0. Counts are of contents that are tokenized separately.
 * @throws TiebreakError `chat/no-room` if the template's marks alone exceed `maxLength`, or as `ChatTemplate.render`.
 */
export function tokenizeAnswer(
  pair: Pair,
  swapped: boolean,
  { maxLength, truncation }: RunSettings,
  tokenizer: TextTokenizer,
  template: ChatTemplate,
): AnswerText {
  const idsOf = (messages: ChatMessage[]) => conversationIds(template.render(messages), tokenizer);
  const all = messagesOf(pair, swapped);
  const whole = idsOf(all);
  if (whole.length <= maxLength) {
    const cut = { prompt: 0, responseA: 0, responseB: 0, turns: 0 };
    const ids = Int32Array.from(whole);
    return { messages: all, ids, length: whole.length, truncated: false, cut };
  }

  const rounds = truncation === 'turns' ? fewestRounds(pair, swapped, maxLength, idsOf) : 0;
  const kept = rounds === 0 ? all : messagesOf(dropRounds(pair, rounds), swapped);
  const shorten = truncation === 'proportional' ? shortenEach : shortenEnd;
  let messages = kept;
  let ids = rounds === 0 ? whole : idsOf(kept);
  let tokens = sum(kept.map(({ content }) => tokenizer.encode(content).length));
  let cut = ids.length - maxLength;
  while (ids.length > maxLength) {
    if (tokens === 0) {
      const params = { maxLength, needed: ids.length };
      throw new TiebreakError('chat/no-room', { params });
    }
    // Tokens of parts do not add up to those of the whole, so the first attempt can be a few too long.
    tokens = Math.max(0, tokens - cut);
    messages = shorten(kept, tokens, tokenizer);
    const { length } = ids;
    ids = idsOf(messages);
    // Of spaces that the template trims many can go without an effect.
    cut = ids.length === length ? 2 * cut : ids.length - maxLength;
  }
  const [before, after] = [countTokens(all, tokenizer), countTokens(messages, tokenizer)];
  return {
    messages,
    ids: Int32Array.from(ids),
    length: whole.length,
    truncated: true,
    cut: {
      prompt: Math.max(0, before.prompt - after.prompt),
      responseA: Math.max(0, before.answer - after.answer),
      responseB: 0,
      turns: rounds,
    },
  };
}

/**
 * Ids of a rendered conversation. The model cards of reward models cut one leading BOS from the text and let the
 * tokenizer add its special tokens; where it adds no BOS, that of the template stays.
 */
export function conversationIds(text: string, tokenizer: TextTokenizer): number[] {
  const { bos } = tokenizer;
  const mark = bos === undefined ? '' : tokenizer.piece(bos);
  if (mark === '' || !text.startsWith(mark)) return tokenizer.encodeText(text);
  const ids = tokenizer.encodeText(text.slice(mark.length));
  return ids[0] === bos ? ids : tokenizer.encode(text);
}

function messagesOf({ prompt, responseA, responseB }: Pair, swapped: boolean): ChatMessage[] {
  return conversationOf(prompt, swapped ? responseB : responseA);
}

/** The smallest number of oldest rounds without which the conversation fits, or all but the last. */
function fewestRounds(
  pair: Pair,
  swapped: boolean,
  maxLength: number,
  idsOf: (messages: ChatMessage[]) => number[],
): number {
  let tooFew = 0;
  let enough = Math.max(0, messagesOf(pair, swapped).length / 2 - 1);
  while (enough - tooFew > 1) {
    const middle = Math.floor((tooFew + enough) / 2);
    const length = idsOf(messagesOf(dropRounds(pair, middle), swapped)).length;
    if (length <= maxLength) enough = middle;
    else tooFew = middle;
  }
  return enough;
}

/** Keeps the first tokens of a conversation. */
function shortenEnd(
  messages: readonly ChatMessage[],
  tokens: number,
  tokenizer: TextTokenizer,
): ChatMessage[] {
  const kept: ChatMessage[] = [];
  let left = tokens;
  for (const { role, content } of messages) {
    const ids = tokenizer.encode(content);
    const isWhole = ids.length <= left;
    if (!isWhole && role === 'user' && kept.length > 0) break;
    kept.push({ role, content: isWhole ? content : beginning(content, ids, left, tokenizer) });
    left = Math.max(0, left - ids.length);
    if (!isWhole && role === 'assistant') break;
  }
  return kept;
}

/** Keeps the first tokens of all prompts and of all answers, in proportion to the tokens of both. */
function shortenEach(
  messages: readonly ChatMessage[],
  tokens: number,
  tokenizer: TextTokenizer,
): ChatMessage[] {
  const ids = messages.map(({ content }) => tokenizer.encode(content));
  const total = sum(ids.map((each) => each.length));
  const ofUser = sum(ids.filter((_, i) => messages[i]!.role === 'user').map((each) => each.length));
  const user = Math.floor((ofUser * tokens) / total);
  const left = { user, assistant: tokens - user, system: 0 };
  return messages.map(({ role, content }, i) => {
    const own = ids[i]!;
    const keep = Math.min(own.length, left[role]);
    left[role] -= keep;
    return { role, content: beginning(content, own, keep, tokenizer) };
  });
}

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** The text of the first `keep` tokens of a content, without a character of which they hold only a part. */
function beginning(
  content: string,
  ids: readonly number[],
  keep: number,
  tokenizer: TextTokenizer,
): string {
  if (keep >= ids.length) return content;
  const bytes = encoder.encode(tokenizer.spell(content));
  let end = sum(ids.slice(0, keep).map((id) => tokenizer.byteLength(id)));
  while (end > 0 && isContinuation(bytes[end]!)) end -= 1;
  return decoder.decode(bytes.subarray(0, end));
}

/** True for a byte of UTF-8 that is not the first of its character. */
function isContinuation(byte: number): boolean {
  return (byte & 0xc0) === 0x80;
}

/** Tokens of all prompts and of all answers, each tokenized by itself. */
function countTokens(messages: readonly ChatMessage[], tokenizer: TextTokenizer) {
  const count = (wanted: ChatMessage['role']) =>
    sum(
      messages
        .filter(({ role }) => role === wanted)
        .map(({ content }) => tokenizer.encode(content).length),
    );
  return { prompt: count('user'), answer: count('assistant') };
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
