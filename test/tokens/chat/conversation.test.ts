import { describe, expect, test } from 'vitest';
import type { TiebreakError } from '../../../src/domain/errors.ts';
import { conversationOf, parseConversation } from '../../../src/tokens/chat/conversation.ts';

describe('conversationOf', () => {
  const user = (content: string) => ({ role: 'user', content });
  const assistant = (content: string) => ({ role: 'assistant', content });

  test.each([
    [
      'equal counts',
      ['a', 'b'],
      ['c', 'd'],
      [user('a'), assistant('c'), user('b'), assistant('d')],
    ],
    ['more prompts', ['a', 'b', 'c'], ['d'], [user('a\n\nb\n\nc'), assistant('d')]],
    ['more answers', ['a'], ['b', 'c'], [user('a'), assistant('b\n\nc')]],
    ['no prompt', [], ['a'], [user(''), assistant('a')]],
    ['no answer', ['a', 'b'], [], [user('a\n\nb'), assistant('')]],
    ['nothing', [], [], [user(''), assistant('')]],
  ])('%s', (_, prompt, answer, expected) => {
    expect(conversationOf(prompt, answer)).toEqual(expected);
  });
});

describe('parseConversation', () => {
  test('reads roles and contents', () => {
    const line = '{"messages": [{"role": "system", "content": "x", "name": "y"}], "id": 3}';
    expect(parseConversation(line, {})).toEqual([{ role: 'system', content: 'x' }]);
  });

  test.each([
    ['{', 'The line is not JSON'],
    ['3', 'The line is wrong: expected Object, found 3'],
    ['[]', 'Field messages is wrong'],
    ['{"messages": []}', 'Field messages is wrong: expected >=1, found 0'],
    ['{"messages": [{"role": "tool", "content": ""}]}', 'Field messages.0.role is wrong'],
    ['{"messages": [{"role": "user"}]}', 'Field messages.0.content is wrong'],
    ['{"messages": [{"role": "user", "content": ["x"]}]}', 'expected string, found Array'],
  ])('refuses %s', (line, message) => {
    const place = { file: 'f.jsonl', row: 7 };
    try {
      parseConversation(line, place);
    } catch (thrown) {
      const error = thrown as TiebreakError;
      expect(error).toMatchObject({ code: 'chat/bad-messages', place });
      expect(error.message).toContain(message);
      return;
    }
    expect.unreachable();
  });
});
