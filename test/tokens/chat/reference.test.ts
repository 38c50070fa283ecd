import { describe, expect, test } from 'vitest';
import { compileChatTemplate } from '../../../src/tokens/chat/chat-template.ts';
import { CHAT_TOKENIZERS, chatCases, chatTemplateOf } from '../../../testing/chat-reference.ts';

describe.each(CHAT_TOKENIZERS)('the template of %s', (name) => {
  test('gives the texts of Transformers', () => {
    const { source, ...tokens } = chatTemplateOf(name);
    const template = compileChatTemplate(source, { ...tokens, date: '2024-07-26' });
    const cases = chatCases();
    expect(cases.length).toBe(60);
    for (const { messages, [name]: expected } of cases) {
      expect(template.render(messages)).toBe(expected.text);
    }
  });
});
