import { expect, test } from 'vitest';
import { findChatTemplate, type TemplateFiles } from '../../../src/tokens/chat/template-source.ts';

const none: TemplateFiles = { jinja: null, json: null, tokenizerConfig: null };
const config = (chat_template: unknown) => JSON.stringify({ chat_template });

test.each([
  ['nothing', none, null],
  ['files without the field', { ...none, json: '{}', tokenizerConfig: '{}' }, null],
  ['null', { ...none, tokenizerConfig: config(null) }, null],
  ['the configuration', { ...none, tokenizerConfig: config('c') }, 'c'],
  [
    'named templates',
    {
      ...none,
      tokenizerConfig: config([
        { name: 'tool_use', template: 't' },
        { name: 'default', template: 'd' },
      ]),
    },
    'd',
  ],
  ['chat_template.json first', { ...none, json: config('j'), tokenizerConfig: config('c') }, 'j'],
  ['chat_template.jinja first', { jinja: 'x', json: config('j'), tokenizerConfig: '?' }, 'x'],
])('takes the template from %s', (_, files, expected) => {
  expect(findChatTemplate(files)).toBe(expected);
});

test.each([
  ['not JSON', '?', 'chat/bad-template-file:json'],
  ['not an object', '[]', 'chat/bad-template-file:object'],
  ['a number', config(3), 'chat/bad-template-file'],
  ['a list of texts', config(['x']), 'chat/bad-template-file'],
  ['no default', config([{ name: 'rag', template: 't' }]), 'chat/bad-template-file:default'],
])('refuses %s', (_, tokenizerConfig, id) => {
  const place = { file: 'tokenizer_config.json' };
  expect(() => findChatTemplate({ ...none, tokenizerConfig })).toThrow(
    expect.objectContaining({ id, place }),
  );
});
