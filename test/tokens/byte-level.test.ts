import { readFileSync } from 'node:fs';
import { Tokenizer } from '@huggingface/tokenizers';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createTokenizer } from '../../src/tokens/tokenizer.ts';
import { checkVocabulary, rowsNeeded } from '../../src/tokens/tokenizer-json.ts';
import {
  CHAT_TOKENIZERS,
  type ChatTokenizer,
  chatCases,
  tokenizerFile,
} from '../../testing/chat-reference.ts';
import { chatTokenizer } from '../../testing/chat-tokenizers.ts';
import { cpuClock } from '../../testing/cpu-time.ts';

const BYTE_LEVEL = ['qwen3', 'llama3_1'] as const;

// Ids by tokenizers 0.23.2 of random texts with white space and letters that JavaScript takes for something else.
const oddTexts = readFileSync(new URL('../fixtures/chat/odd-texts.jsonl', import.meta.url), 'utf8')
  .trimEnd()
  .split('\n')
  .map((line): { text: string } & Record<ChatTokenizer, number[]> => JSON.parse(line));

describe.each(CHAT_TOKENIZERS)('ids of %s', (name) => {
  test('are those of the original library, of odd texts', () => {
    const tokenizer = chatTokenizer(name);
    expect(oddTexts.length).toBe(150);
    for (const { text, [name]: expected } of oddTexts) {
      expect(tokenizer.encode(text), JSON.stringify(text)).toEqual(expected);
    }
  }, 60_000);

  test('are those of the original library, of conversations', () => {
    const tokenizer = chatTokenizer(name);
    const cases = chatCases();
    expect(cases.length).toBe(60);
    const bos = tokenizer.bos === undefined ? '' : tokenizer.piece(tokenizer.bos);
    for (const { messages, [name]: expected } of cases) {
      const { text } = expected;
      expect(tokenizer.encode(text)).toEqual(expected.ids);
      const stripped = bos !== '' && text.startsWith(bos) ? text.slice(bos.length) : text;
      expect(tokenizer.encodeText(stripped)).toEqual(expected.ids_stripped_bos);
      const first = messages.find(({ role }) => role === 'user')!;
      expect(tokenizer.encode(first.content)).toEqual(expected.raw);
    }
  }, 60_000);
});

/** Texts of many scripts, with white space, digits, combining marks, contractions and added tokens. */
const texts = fc
  .array(
    fc.oneof(
      fc.string({ unit: 'grapheme', maxLength: 20 }),
      fc.string({ unit: 'binary', maxLength: 8 }),
      fc.string({ unit: fc.constantFrom(...' \t\n\r\u00a0\u3000'), maxLength: 8 }),
      fc.stringMatching(/^[A-Za-z']{1,40}$/),
      fc.stringMatching(/^\d{1,9}$/),
      fc.constantFrom("'S", "don'T", "'ſa", 'ﬁ', 'e\u0301\u0323', '각', '\u1100\u1161\u11a8'),
      fc.constantFrom('<think>', '<|im_start|>', '<|im_end|', '<|eot_id|>', '<|begin_of_text|>'),
    ),
    { maxLength: 12 },
  )
  .map((parts) => parts.join(''));

// Where the library follows JavaScript instead of Oniguruma, the reference ids decide.
const library = texts.filter((text) => !/[\u0085\ufeff\u017f]|\p{Surrogate}/u.test(text));

function libraryTokenizer(name: ChatTokenizer): Tokenizer {
  return new Tokenizer(
    JSON.parse(tokenizerFile(name, 'tokenizer.json')),
    JSON.parse(tokenizerFile(name, 'tokenizer_config.json')),
  );
}

describe.each(BYTE_LEVEL)('the byte-level tokenizer of %s', (name) => {
  test('gives what the JavaScript library gives', () => {
    const other = libraryTokenizer(name);
    const tokenizer = chatTokenizer(name);
    fc.assert(
      fc.property(library, (text) => {
        const { ids } = other.encode(text, { add_special_tokens: false });
        expect(tokenizer.encode(text)).toEqual(ids);
      }),
      { numRuns: 400 },
    );
  }, 60_000);

  test('spells texts in bytes', () => {
    const tokenizer = chatTokenizer(name);
    fc.assert(
      fc.property(texts, (text) => {
        const spelled = tokenizer.spell(text);
        const bytes = tokenizer.encode(text).map((id) => tokenizer.byteLength(id));
        const total = bytes.reduce((sum, length) => sum + length, 0);
        // Between added tokens, texts are normalised each for itself.
        if (/<\|?\w+\|?>/.test(text)) return;
        expect(total).toBe(new TextEncoder().encode(spelled).length);
      }),
    );
  });

  test.each([
    ['one letter', 'a'.repeat(1_000_000)],
    ['spaces', ' '.repeat(1_000_000)],
    ['spaces before a letter', `${' '.repeat(1_000_000)}a`],
    ['line breaks', '\n'.repeat(1_000_000)],
    ['Japanese', '日本語のテキストを要約'.repeat(30_000)],
    ['beginnings of added tokens', '<|'.repeat(500_000)],
  ])(
    'is quick with a megabyte of %s',
    (_, text) => {
      const took = cpuClock();
      expect(chatTokenizer(name).encode(text).length).toBeGreaterThan(1000);
      expect(took()).toBeLessThan(6000);
    },
    20_000,
  );
});

describe('pieces of Qwen', () => {
  const pieces = (text: string) => {
    const tokenizer = chatTokenizer('qwen3');
    return tokenizer.encode(text).map((id) => tokenizer.piece(id));
  };

  test.each([
    ['Hi there\n', ['Hi', ' there', '\n']],
    ['<think>日本', ['<think>', '日本']],
    ['\u{1F9FF} \u{1F9FE}', ['🧿', ' <0xF0><0x9F>', '<0xA7>', '<0xBE>']],
    ['', []],
  ])('%j', (text, expected) => {
    expect(pieces(text)).toEqual(expected);
  });

  test('of unknown ids are empty', () => {
    const tokenizer = chatTokenizer('qwen3');
    expect(tokenizer.piece(1_000_000)).toBe('');
    expect(tokenizer.byteLength(1_000_000)).toBe(0);
    expect(tokenizer.piece(151_668)).toBe('</think>');
    expect(tokenizer.isSpecial(151_668)).toBe(false);
    expect(tokenizer.isSpecial(151_644)).toBe(true);
  });
});

test('the vocabulary counts added tokens', () => {
  const json = JSON.parse(tokenizerFile('qwen3', 'tokenizer.json'));
  expect(rowsNeeded(json)).toBe(151_669);
  expect(() => checkVocabulary(rowsNeeded(json), 151_643)).toThrow('151669');
});

test('the names of special tokens', () => {
  expect(chatTokenizer('qwen3')).toMatchObject({ bos: undefined, eos: 151_645, pad: 151_643 });
  expect(chatTokenizer('llama3_1')).toMatchObject({ bos: 128_000, eos: 128_009, pad: undefined });
  expect(chatTokenizer('qwen3').vocabSize).toBe(151_669);
});

describe('parts of a byte-level tokenizer', () => {
  const split = (change: object = {}) => ({
    type: 'Split',
    pattern: { Regex: '\\s+|\\S+' },
    behavior: 'Isolated',
    invert: false,
    ...change,
  });
  const byteLevel = (change: object = {}) => ({
    type: 'ByteLevel',
    add_prefix_space: false,
    use_regex: false,
    ...change,
  });
  const sequence = (...pretokenizers: object[]) => ({ type: 'Sequence', pretokenizers });
  const bytes = JSON.parse(tokenizerFile('qwen3', 'tokenizer.json')).model.vocab;
  const vocab = Object.fromEntries(Object.entries(bytes).filter(([, id]) => (id as number) < 256));
  const json = (change: object = {}) => ({
    pre_tokenizer: sequence(split(), byteLevel()),
    model: { type: 'BPE', vocab: { ...vocab, ab: 256, abb: 257 }, merges: ['a b'] },
    ...change,
  });
  const model = (change: object) => ({ model: { ...json().model, ...change } });
  const added = (change: object) => ({ added_tokens: [{ id: 300, content: '<x>', ...change }] });
  const encode = (change: object, text: string) => createTokenizer(json(change), {}).encode(text);
  const [a, b] = [vocab.a as number, vocab.b as number];

  test('merge rules, and whole words where they are ignored', () => {
    expect(encode({}, 'abb')).toEqual([256, b]);
    expect(encode(model({ ignore_merges: true }), 'abb')).toEqual([257]);
    expect(encode(model({ merges: [['a', 'b']] }), 'ab')).toEqual([256]);
  });

  test('text between the words of a pattern', () => {
    const pre_tokenizer = sequence(split({ pattern: { Regex: 'b+' } }), byteLevel());
    expect(encode({ pre_tokenizer }, 'abab')).toEqual([a, b, a, b]);
    expect(
      encode(
        {
          pre_tokenizer,
          ...model({ merges: ['b b', 'a a'], vocab: { ...vocab, bb: 256, aa: 257 } }),
        },
        'bbaab',
      ),
    ).toEqual([256, 257, b]);
  });

  test('added tokens: the longest, in raw and in normalised text', () => {
    const added_tokens = [
      { id: 300, content: '<x>', normalized: false },
      { id: 301, content: '<x><y>', normalized: false },
      { id: 302, content: '\u00e9', normalized: true },
    ];
    expect(encode({ added_tokens }, 'a<x>a<x><y>')).toEqual([a, 300, a, 301]);
    const normalizer = { type: 'NFC' };
    expect(encode({ added_tokens, normalizer }, 'e\u0301a')).toEqual([302, a]);
  });

  test.each([
    ['a normaliser', { normalizer: { type: 'Lowercase' } }, 'normalizer Lowercase'],
    [
      'ByteLevel with its own pattern',
      { pre_tokenizer: sequence(split(), byteLevel({ use_regex: true })) },
      'use_regex',
    ],
    ['ByteLevel alone', { pre_tokenizer: byteLevel() }, 'pre_tokenizer ByteLevel'],
    [
      'a prefix space',
      { pre_tokenizer: sequence(split(), byteLevel({ add_prefix_space: true })) },
      'add_prefix_space',
    ],
    [
      'digits',
      { pre_tokenizer: sequence({ type: 'Digits' }, byteLevel()) },
      'pre_tokenizer Digits, ByteLevel',
    ],
    [
      'another split',
      { pre_tokenizer: sequence(split({ behavior: 'Removed' }), byteLevel()) },
      'Split: Removed',
    ],
    [
      'an inverted split',
      { pre_tokenizer: sequence(split({ invert: true }), byteLevel()) },
      'Split: invert',
    ],
    [
      'a word class',
      { pre_tokenizer: sequence(split({ pattern: { Regex: '\\w+' } }), byteLevel()) },
      '\\w+',
    ],
    [
      'a possessive pattern',
      { pre_tokenizer: sequence(split({ pattern: { Regex: 'a++' } }), byteLevel()) },
      'a++',
    ],
    [
      'a repeated group',
      { pre_tokenizer: sequence(split({ pattern: { Regex: '(?:a+)+b' } }), byteLevel()) },
      ')+',
    ],
    [
      'a set of sets',
      { pre_tokenizer: sequence(split({ pattern: { Regex: '[a[b]]' } }), byteLevel()) },
      '[b]]',
    ],
    ['a missing byte', model({ vocab: { a: 0 }, merges: [] }), 'byte 0'],
    ['a negative id', model({ vocab: { ...vocab, ab: -1 } }), '-1'],
    ['a huge id', added({ id: 2 ** 40 }), '1099511627776'],
    ['an added token without content', added({ content: '' }), 'added_tokens'],
    ['an added token that strips', added({ lstrip: true }), 'lstrip'],
    [
      'a post-processor',
      { post_processor: { type: 'RobertaProcessing' } },
      'post_processor RobertaProcessing',
    ],
    [
      'a template of unknown tokens',
      {
        post_processor: {
          type: 'TemplateProcessing',
          single: [{ SpecialToken: { id: '<s>' } }],
          special_tokens: {},
        },
      },
      'TemplateProcessing',
    ],
  ])('are refused by name: %s', (_, change, name) => {
    expect(() => createTokenizer(json(change), {})).toThrow(name);
  });

  test('a special token outside the vocabulary is refused', () => {
    expect(() => createTokenizer(json(), { eos_token: '</s>' })).toThrow('</s>');
  });
});
