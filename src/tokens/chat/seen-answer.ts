import type { Pair } from '../../domain/settings.ts';
import { assignTokens, type SeenText, type Stretch, TOKEN_PARTS } from '../seen.ts';
import type { TextTokenizer } from '../tokenizer.ts';
import type { AnswerText } from './answer.ts';
import type { ChatTemplate } from './chat-template.ts';
import { type ChatMessage, conversationOf } from './conversation.ts';

/** Stands for a content where only the template's marks are wanted; no text has these characters. */
const marker = (i: number) => `\uE0F0${i}\uE0F1`;
const BOS_PART = TOKEN_PARTS.indexOf('special');

/**
 * Finds the part and turn of each token of a conversation, and the text that was cut.
 * @param text the result of `tokenizeAnswer` for the same pair, order, tokenizer and template.
 */
export function seenAnswer(
  pair: Pair,
  swapped: boolean,
  text: AnswerText,
  tokenizer: TextTokenizer,
  template: ChatTemplate,
): SeenText {
  const { ids, length, cut, messages } = text;
  const answer = swapped ? 'responseB' : 'responseA';
  const all = conversationOf(pair.prompt, pair[answer]);
  const seen: SeenText = {
    ids,
    pieces: Array.from(ids, (id) => tokenizer.piece(id)),
    parts: new Uint8Array(ids.length).fill(BOS_PART),
    turns: new Uint16Array(ids.length),
    literal: [],
    unseen: all.flatMap(({ role, content }, i) => {
      const part = role === 'user' ? 'prompt' : answer;
      const kept = messages[i - 2 * cut.turns]?.content ?? '';
      const rest = content.slice(kept.length);
      return rest === '' ? [] : [{ part, turn: i >> 1, text: rest } as const];
    }),
    length,
    cut: swapped ? { ...cut, responseA: cut.responseB, responseB: cut.responseA } : cut,
  };
  const rendered = template.render(messages);
  const { bos } = tokenizer;
  const mark = bos === undefined || ids[0] !== bos ? '' : tokenizer.piece(bos);
  const stretches = stretchesOf(rendered, messages, template).map(
    (stretch): Stretch => ({
      ...stretch,
      turn: stretch.turn + cut.turns,
      part: stretch.part === 'responseA' ? answer : stretch.part,
    }),
  );
  if (mark !== '' && rendered.startsWith(mark)) {
    stretches[0]!.text = stretches[0]!.text.slice(mark.length);
  }
  const start = mark === '' ? 0 : 1;
  assignTokens(seen, { stretches, start, end: ids.length }, tokenizer);
  return seen;
}

/**
 * Divides a rendered conversation into the template's marks and the contents. The marks before a content are those that
 * stand before other contents too, so that a content is not found in them.
 */
function stretchesOf(
  rendered: string,
  messages: readonly ChatMessage[],
  template: ChatTemplate,
): Stretch[] {
  const marks = marksOf(messages, template);
  const stretches: Stretch[] = [];
  let at = 0;
  for (const [i, { role, content }] of messages.entries()) {
    const turn = i >> 1;
    const own = content.trim();
    const mark = marks[i];
    const opening = mark !== undefined && rendered.startsWith(mark, at) ? mark.length : 0;
    const from = rendered.indexOf(own, at + opening);
    // A template that rewrites the content leaves no trace of it.
    if (from === -1) continue;
    stretches.push({ part: 'template', turn, text: rendered.slice(at, from) });
    stretches.push({ part: role === 'user' ? 'prompt' : 'responseA', turn, text: own });
    at = from + own.length;
  }
  const turn = Math.max(0, (messages.length >> 1) - 1);
  return [...stretches, { part: 'template', turn, text: rendered.slice(at) }];
}

/** The template's text before each content, and after the last. */
function marksOf(messages: readonly ChatMessage[], template: ChatTemplate): string[] {
  const blank = messages.map(({ role }, i) => ({ role, content: marker(i) }));
  let rest = template.render(blank);
  return messages.map((_, i) => {
    const [mark = '', ...others] = rest.split(marker(i));
    rest = others.join(marker(i));
    return mark;
  });
}
