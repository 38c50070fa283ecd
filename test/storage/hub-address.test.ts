import { describe, expect, test } from 'vitest';
import { TiebreakError } from '../../src/domain/errors.ts';
import { givenAddress, remoteFolder } from '../../src/storage/hub-address.ts';

describe('addresses', () => {
  test.each([
    ['google/gemma-2-9b', 'google/gemma-2-9b/resolve/main/'],
    [' unsloth/gemma-2-9b-it-bnb-4bit ', 'unsloth/gemma-2-9b-it-bnb-4bit/resolve/main/'],
    ['a/b.c_d@v1.0', 'a/b.c_d/resolve/v1.0/'],
    ['a/b@refs/pr/3', 'a/b/resolve/refs%2Fpr%2F3/'],
    ['https://huggingface.co/a/b', 'a/b/resolve/main/'],
    ['https://huggingface.co/a/b/', 'a/b/resolve/main/'],
    ['https://hf.co/a/b?library=peft#x', 'a/b/resolve/main/'],
    ['huggingface.co/a/b', 'a/b/resolve/main/'],
    ['https://huggingface.co/a/b/tree/main', 'a/b/resolve/main/'],
    ['https://huggingface.co/a/b/tree/refs%2Fpr%2F3', 'a/b/resolve/refs%2Fpr%2F3/'],
    ['https://huggingface.co/a/b/tree/dev/sub/folder', 'a/b/resolve/dev/sub/folder/'],
    ['https://huggingface.co/a/b/resolve/dev', 'a/b/resolve/dev/'],
    ['https://huggingface.co/a/b/blob/dev/sub/config.json', 'a/b/resolve/dev/sub/'],
  ])('%j is on the hub', (address, path) => {
    expect(remoteFolder(address).href).toBe(`https://huggingface.co/${path}`);
  });

  test.each([
    ['https://models.example/gemma', 'https://models.example/gemma/'],
    ['https://models.example/gemma/#top', 'https://models.example/gemma/'],
    ['http://127.0.0.1:8080', 'http://127.0.0.1:8080/'],
    ['https://huggingface.co.example/a/b', 'https://huggingface.co.example/a/b/'],
  ])('%j is a folder', (address, href) => {
    expect(remoteFolder(address).href).toBe(href);
  });

  test.each([
    '',
    'gemma',
    'a/b/c',
    '/root/gemma',
    'C:\\gemma',
    'ftp://example/a',
    'file:///a',
    'https://',
    'https://user:secret@example.com/a',
    'https://example.com/a?sig=secret',
    'https://huggingface.co/',
    'https://huggingface.co/gpt2',
    'https://huggingface.co/datasets/a',
    'https://huggingface.co/datasets/a/b',
    'https://huggingface.co/a/b/discussions/3',
    'https://huggingface.co/a/b/tree',
    'a/b@',
    'a/b@..',
    'a/b@x?y',
    '../b',
  ])('%j is refused', (address) => {
    const thrown = (() => {
      try {
        return remoteFolder(address);
      } catch (error) {
        return error;
      }
    })();
    expect(thrown).toBeInstanceOf(TiebreakError);
    expect(thrown).toMatchObject({
      code: 'storage/address',
      action: expect.stringContaining('owner/name'),
    });
  });
});

test.each([
  ['google/gemma-2-9b', 'tiebreak.json', 'google/gemma-2-9b'],
  ['google/gemma-2-9b@refs/pr/1', 'adapters/a/adapter_config.json', 'google/gemma-2-9b@refs/pr/1'],
  [
    'https://huggingface.co/a/b/tree/main/sub',
    'config.json',
    'https://huggingface.co/a/b/resolve/main/sub/',
  ],
  ['https://example.org/models/x', 'a b.json', 'https://example.org/models/x/'],
])('what the user gave is told from the address of a file: %s', (given, path, told) => {
  const encoded = path.split('/').map(encodeURIComponent).join('/');
  expect(givenAddress(new URL(encoded, remoteFolder(given)), path)).toBe(told);
});
