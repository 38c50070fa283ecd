import { BPE } from '@huggingface/tokenizers';
import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { TiebreakError } from '../../src/domain/errors.ts';
import { PairMerger } from '../../src/tokens/bpe.ts';
import { SentenceMerger } from '../../src/tokens/sentence-merger.ts';
import { createTokenizer, pairTokenizer } from '../../src/tokens/tokenizer.ts';
import { cpuClock } from '../../testing/cpu-time.ts';
import { gemma } from '../../testing/gemma-tokenizer.ts';

const CONFIG = { bos_token: '<bos>', eos_token: { content: '<eos>' }, pad_token: '<pad>' };
const VOCAB = [
  '<pad>',
  '<eos>',
  '<bos>',
  'a',
  'b',
  '▁',
  'ab',
  'aa',
  '▁a',
  '▁▁',
  'aab',
  '▁ab',
  'ba',
];
const MERGES = ['▁ ▁', 'a b', 'a a', '▁ a', 'a ab', '▁ ab', 'b a', '▁a b'];

function toyModel(merges: (string | [string, string])[]) {
  return {
    type: 'BPE',
    unk_token: '<pad>',
    byte_fallback: false,
    ignore_merges: false,
    vocab: Object.fromEntries(VOCAB.map((piece, id) => [piece, id])),
    merges,
  };
}

function toyJson(model: object = toyModel(MERGES)) {
  return {
    added_tokens: ['<pad>', '<eos>', '<bos>'].map((content, id) => ({
      id,
      content,
      special: true,
    })),
    normalizer: { type: 'Replace', pattern: { String: ' ' }, content: '▁' },
    pre_tokenizer: null,
    post_processor: null,
    decoder: null,
    model,
  };
}

function codeOf(action: () => unknown): string {
  try {
    action();
  } catch (thrown) {
    if (thrown instanceof TiebreakError) return thrown.code;
    throw thrown;
  }
  return 'none';
}

describe('SentenceMerger', () => {
  // The last list joins a letter to a space, so words cannot be merged one at a time.
  test.each([
    ['words', MERGES],
    ['pairs as lists', MERGES.map((merge) => merge.split(' ') as [string, string])],
    ['across words', ['a ▁', ...MERGES]],
  ])('gives what the library gives (%s)', (_, merges) => {
    const vocab = [...VOCAB, 'a▁'];
    const ids = new Map(vocab.map((piece, id) => [piece, id]));
    const pairs = merges.map((merge) => (typeof merge === 'string' ? merge.split(' ') : merge));
    const library = new BPE({
      ...toyModel([]),
      type: 'BPE',
      vocab: Object.fromEntries(ids),
      merges: pairs as [string, string][],
    });
    const merger = new SentenceMerger(ids, vocab, merges);
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom('a', 'b', '▁', 'é', '😀'), maxLength: 100 }),
        (text) => {
          expect(merger.merge(text)).toEqual(library.bpe(text));
        },
      ),
      { numRuns: 2000 },
    );
  });

  test('refuses rules outside the vocabulary', () => {
    const ids = new Map(VOCAB.map((piece, id) => [piece, id]));
    expect(() => new PairMerger(ids, ['b b'])).toThrow('merge rule 0');
    expect(() => new PairMerger(ids, ['ab'])).toThrow('merge rule 0');
  });
});

describe('createTokenizer', () => {
  test('takes text and objects, token names as text and as objects', () => {
    const tokenizer = createTokenizer(JSON.stringify(toyJson()), CONFIG);
    expect(tokenizer).toMatchObject({ bos: 2, eos: 1, pad: 0, vocabSize: VOCAB.length });
    expect(tokenizer.encode('ab aab')).toEqual([6, 8, 6]);
  });

  test.each([
    ['not JSON', '{', CONFIG],
    ['not an object', '[]', CONFIG],
    ['no model', '{}', CONFIG],
    ['another kind of model', toyJson({ type: 'WordPiece', vocab: { a: 0 } }), CONFIG],
    ['a broken rule', toyJson(toyModel(['a z'])), CONFIG],
    ['no added tokens', { ...toyJson(), added_tokens: undefined }, CONFIG],
    ['parts missing', { model: toyModel(MERGES) }, CONFIG],
    ['no configuration', toyJson(), 'null'],
    ['an unknown <eos>', toyJson(), { bos_token: '<bos>', eos_token: '</s>' }],
    ['an unknown post-processor', { ...toyJson(), post_processor: { type: 'Bert' } }, CONFIG],
    ['dropout', toyJson({ ...toyModel(MERGES), dropout: 0.1 }), CONFIG],
  ])('refuses %s', (_, json, config) => {
    expect(codeOf(() => createTokenizer(json, config))).toBe('tokens/bad-tokenizer');
  });
});

test('a tokenizer without BOS or EOS is none for pairs', () => {
  const tokenizer = createTokenizer(toyJson(), { eos_token: '<eos>', bos_token: null });
  expect(tokenizer).toMatchObject({ bos: undefined, eos: 1, pad: undefined });
  expect(codeOf(() => pairTokenizer(tokenizer))).toBe('tokens/bad-tokenizer');
});

test.each([
  ['WordPiece', { model: { type: 'WordPiece', vocab: { a: 0 } } }],
  ['Unigram', { model: { type: 'Unigram', vocab: [['a', 0]] } }],
])('names %s when it refuses it', (type, json) => {
  expect(() => createTokenizer(json, CONFIG)).toThrow(`does not support its model ${type}`);
});

describe('the Gemma-2 tokenizer', () => {
  beforeAll(() => void gemma(), 60_000);

  test('adds nothing; literal special tokens become their ids', () => {
    expect(gemma()).toMatchObject({ bos: 2, eos: 1, pad: 0, vocabSize: 256_000 });
    expect(gemma().encode('')).toEqual([]);
    expect(gemma().encode('<bos><eos><pad>')).toEqual([2, 1, 0]);
    expect(gemma().encodeText('<eos>')).toEqual([2, 1]);
    expect(gemma().encodeText('')).toEqual([2]);
  });

  test('takes half a surrogate pair as U+FFFD', () => {
    const replaced = gemma().encode('x\uFFFDy');
    expect(gemma().encode('x\uD83Dy')).toEqual(replaced);
    expect(gemma().encode('x\uDE00y')).toEqual(replaced);
    expect(gemma().encode('\u{1F600}')).not.toContain(replaced[1]);
  });

  test('falls back to bytes', () => {
    const unknown = '\u{10FFFD}';
    expect(gemma().encode(unknown)).toEqual(
      Array.from(new TextEncoder().encode(unknown), (byte) => byte + 217),
    );
  });

  // The library alone takes 8 s for a text without spaces; quadratic code would take hours.
  test.each([
    ['one letter', 'a'.repeat(1_000_000)],
    ['spaces', ' '.repeat(1_000_000)],
    ['Japanese', '日本語のテキストを要約'.repeat(30_000)],
  ])(
    'is quick with a megabyte of %s',
    (_, text) => {
      const took = cpuClock();
      expect(gemma().encode(text).length).toBeGreaterThan(30_000);
      expect(took()).toBeLessThan(6000);
    },
    20_000,
  );
});
