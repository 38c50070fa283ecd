import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { DEFAULT_SETTINGS, type Pair, type RunSettings } from '../../../src/domain/settings.ts';
import { conversationIds, tokenizeAnswer } from '../../../src/tokens/chat/answer.ts';
import { conversationOf } from '../../../src/tokens/chat/conversation.ts';
import { compileForModel } from '../../../src/tokens/chat/model-template.ts';
import { seenAnswer } from '../../../src/tokens/chat/seen-answer.ts';
import { TOKEN_PARTS } from '../../../src/tokens/seen.ts';
import {
  CHAT_TOKENIZERS,
  type ChatTokenizer,
  chatCases,
  chatTemplateOf,
} from '../../../testing/chat-reference.ts';
import { chatTokenizer } from '../../../testing/chat-tokenizers.ts';
import { refusal } from '../../../testing/checkpoints.ts';

const DATE = '2024-07-26';

/** A model's tokenizer and chat template. */
function model(name: ChatTokenizer) {
  const { source, bosToken, eosToken } = chatTemplateOf(name);
  return {
    tokenizer: chatTokenizer(name),
    template: compileForModel({ source, date: DATE }, { bosToken, eosToken }),
  };
}

const settingsOf = (change: Partial<RunSettings>): RunSettings => ({
  ...DEFAULT_SETTINGS,
  ...change,
});

const turn = fc.array(
  fc.constantFrom(
    'alpha',
    'beta ',
    ' gamma',
    '日本語',
    '\n\n',
    '1234',
    'e\u0301',
    '😀',
    '<eos>',
    '.',
  ),
  { minLength: 1, maxLength: 40 },
);
const turns = fc.array(
  turn.map((words) => words.join('')),
  { minLength: 1, maxLength: 3 },
);
const pairs: fc.Arbitrary<Pair> = fc.record({
  prompt: turns,
  responseA: turns,
  responseB: turns,
});

describe.each(CHAT_TOKENIZERS)('%s', (name) => {
  const { tokenizer, template } = model(name);

  test('a conversation that fits has the ids of the model cards’ recipe', () => {
    let compared = 0;
    for (const { messages, ...of } of chatCases()) {
      const roles = messages.map(({ role }) => role);
      const alternates = roles.every((role, i) => role === (i % 2 === 0 ? 'user' : 'assistant'));
      if (!alternates || roles.length % 2 !== 0) continue;
      const contents = (wanted: string) =>
        messages.filter(({ role }) => role === wanted).map(({ content }) => content);
      const pair = { prompt: contents('user'), responseA: [''], responseB: contents('assistant') };
      const settings = settingsOf({ maxLength: 8192 });
      const text = tokenizeAnswer(pair, true, settings, tokenizer, template);
      expect(Array.from(text.ids)).toEqual(of[name].ids_stripped_bos);
      expect(text).toMatchObject({ truncated: false, length: text.ids.length });
      compared += 1;
    }
    expect(compared).toBeGreaterThan(20);
  });

  test.each(['right', 'turns', 'proportional'] as const)(
    'truncation %s shortens contents and leaves the marks',
    (truncation) => {
      const empty = conversationIds(template.render(conversationOf([''], [''])), tokenizer).length;
      fc.assert(
        fc.property(pairs, fc.boolean(), fc.nat(60), (pair, swapped, room) => {
          const maxLength = empty + room;
          const settings = settingsOf({ maxLength, truncation });
          const answer = swapped ? pair.responseB : pair.responseA;
          const all = conversationOf(pair.prompt, answer);
          const whole = conversationIds(template.render(all), tokenizer);
          let text: ReturnType<typeof tokenizeAnswer>;
          try {
            text = tokenizeAnswer(pair, swapped, settings, tokenizer, template);
          } catch (thrown) {
            // Only where all rounds are kept can their marks be too many.
            expect(thrown).toMatchObject({ id: 'chat/no-room' });
            expect(truncation).toBe('proportional');
            return;
          }
          expect(text.length).toBe(whole.length);
          expect(text.truncated).toBe(whole.length > maxLength);
          expect(text.ids.length).toBeLessThanOrEqual(maxLength);
          // The ids are those of a rendering, so no mark is cut.
          const again = conversationIds(template.render(text.messages), tokenizer);
          expect(Array.from(text.ids)).toEqual(again);
          const from = 2 * text.cut.turns;
          if (truncation !== 'turns') expect(from).toBe(0);
          for (const [i, { role, content }] of text.messages.entries()) {
            expect(role).toBe(all[from + i]!.role);
            expect(tokenizer.spell(all[from + i]!.content)).toContain(tokenizer.spell(content));
          }
          if (!text.truncated) expect(text.messages).toEqual(all);
        }),
        { numRuns: 60 },
      );
    },
  );

  test('what is seen is the text: every token has a part, and nothing else was cut', () => {
    fc.assert(
      fc.property(pairs, fc.boolean(), fc.nat(80), (pair, swapped, room) => {
        const settings = settingsOf({ maxLength: 120 + room });
        const text = tokenizeAnswer(pair, swapped, settings, tokenizer, template);
        const seen = seenAnswer(pair, swapped, text, tokenizer, template);
        const part = (id: (typeof TOKEN_PARTS)[number]) => TOKEN_PARTS.indexOf(id);
        const own = swapped ? 'responseB' : 'responseA';
        expect(seen.ids).toBe(text.ids);
        expect(seen.parts.includes(part(swapped ? 'responseA' : 'responseB'))).toBe(false);
        expect(seen.cut[swapped ? 'responseA' : 'responseB']).toBe(0);
        const isSpecial = seen.parts[0] === part('special');
        expect(isSpecial).toBe(tokenizer.bos !== undefined && text.ids[0] === tokenizer.bos);
        // Marks and contents share tokens only at their borders.
        const last = text.messages.at(-1)!.content.trim();
        const inAnswer = seen.parts.filter((each) => each === part(own)).length;
        if (last !== '') expect(inAnswer).toBeGreaterThan(0);
        expect(text.truncated).toBe(seen.unseen.some(({ text: rest }) => rest.trim() !== ''));
      }),
      { numRuns: 40 },
    );
  });
});

test('the beginning is kept as far as it fits, to within a few tokens', () => {
  const { tokenizer, template } = model('qwen3');
  const long = Array.from({ length: 400 }, (_, i) => `word${i} 言葉`).join(' ');
  const pair = { prompt: ['Say many words.'], responseA: [long], responseB: [''] };
  for (const truncation of ['right', 'turns', 'proportional'] as const) {
    const settings = settingsOf({ maxLength: 500, truncation });
    const { ids, cut } = tokenizeAnswer(pair, false, settings, tokenizer, template);
    expect(ids.length).toBeGreaterThan(490);
    expect(cut.responseA).toBeGreaterThan(1000);
  }
});

test('a row of spaces that the template trims takes few renderings', () => {
  const { tokenizer, template } = model('gemma2');
  let renderings = 0;
  const counting: typeof template = {
    render: (messages) => {
      renderings += 1;
      return template.render(messages);
    },
  };
  const pair = { prompt: ['alpha '.repeat(100)], responseA: [`x${' \n'.repeat(3000)}`] };
  const settings = settingsOf({ maxLength: 100 });
  const whole = { ...pair, responseB: [''] };
  const { ids } = tokenizeAnswer(whole, false, settings, tokenizer, counting);
  expect(ids.length).toBeLessThanOrEqual(100);
  expect(renderings).toBeLessThan(30);
});

test('right ends within a round; turns drops the oldest ones', () => {
  const { tokenizer, template } = model('gemma2');
  const rounds = (word: string) => Array.from({ length: 4 }, (_, i) => `${word} ${i} `.repeat(20));
  const pair = { prompt: rounds('question'), responseA: rounds('answer'), responseB: [''] };
  const of = (truncation: RunSettings['truncation'], maxLength: number) =>
    tokenizeAnswer(pair, false, settingsOf({ truncation, maxLength }), tokenizer, template);
  const right = of('right', 150);
  expect(right.messages.map(({ content }) => content.slice(0, 10))).toEqual([
    'question 0',
    'answer 0 a',
  ]);
  const turnsDropped = of('turns', 150);
  expect(turnsDropped.cut.turns).toBe(3);
  expect(turnsDropped.messages[1]!.content).toBe(pair.responseA[3]);
});

test('marks that need more than max_length are refused', async () => {
  const { tokenizer, template } = model('llama3_1');
  const pair = { prompt: ['p'], responseA: ['a'], responseB: ['b'] };
  const work = async () =>
    tokenizeAnswer(pair, false, settingsOf({ maxLength: 8 }), tokenizer, template);
  const error = await refusal(work());
  expect(error.id).toBe('chat/no-room');
  expect(error.action).toContain('max_length');
});

test('there is exactly one BOS, whether the tokenizer or the template writes it', () => {
  const { tokenizer } = model('gemma2');
  const bos = tokenizer.bos!;
  const without = { ...tokenizer, encodeText: tokenizer.encode };
  for (const text of ['<bos>hello', 'hello']) {
    expect(conversationIds(text, tokenizer).filter((id) => id === bos)).toEqual([bos]);
  }
  expect(conversationIds('<bos>hello', without)[0]).toBe(bos);
});
