import { afterEach, describe, expect, test, vi } from 'vitest';
import type { ImportRequest } from '../../src/packages/api.ts';
import { isPackageId } from '../../src/packages/opfs.ts';
import { buildOptions } from '../../src/packages/sources.ts';
import { newPackageId } from '../../src/packages/store.ts';
import { readText } from '../../src/storage/package-files.ts';
import { refusal } from '../../testing/checkpoints.ts';

afterEach(() => vi.unstubAllGlobals());

const remote = (address: string) => ({ kind: 'remote' as const, address });
const { signal } = new AbortController();

function request(changes: Partial<ImportRequest>): ImportRequest {
  return { name: 'x', base: remote('a/b'), adapters: [], ...changes };
}

describe('sources', () => {
  test('the token goes to the hub and to no other host', async () => {
    const sent: string[] = [];
    vi.stubGlobal('fetch', async (url: URL, { headers }: { headers: Headers }) => {
      sent.push(`${url.href} ${headers.get('authorization')}`);
      return new Response('hello');
    });
    const { base, adapters, tokenizer } = buildOptions(
      request({
        base: remote('a/b@dev'),
        adapters: [{ name: 'c', source: remote('https://models.example/c') }],
        tokenizer: remote('https://huggingface.co/d/e'),
      }),
      ' hf_secret\n',
      signal,
    );
    for (const files of [base, adapters[0]!.files, tokenizer!])
      await readText(files, 'config.json');
    expect(sent).toEqual([
      'https://huggingface.co/a/b/resolve/dev/config.json Bearer hf_secret',
      'https://models.example/c/config.json null',
      'https://huggingface.co/d/e/resolve/main/config.json Bearer hf_secret',
    ]);
  });

  test('files are found by their path', async () => {
    const file = new File(['hello'], 'config.json');
    const files = [{ path: 'config.json', file }];
    const { base } = buildOptions(
      request({ base: { kind: 'files', label: 'folder', files } }),
      null,
      signal,
    );
    expect(await readText(base, 'config.json')).toBe('hello');
    expect(await refusal(base.open('other'))).toMatchObject({ code: 'storage/missing' });
  });
});

describe('ids', () => {
  test.each([
    ['Gemma 2 9B (NF4)', /^gemma-2-9b-nf4-[0-9a-f]{8}$/],
    ['../../etc/passwd', /^etc-passwd-[0-9a-f]{8}$/],
    ['Ünïcödé', /^unicode-[0-9a-f]{8}$/],
    ['模型', /^model-[0-9a-f]{8}$/],
    ['', /^model-[0-9a-f]{8}$/],
    [`${'x'.repeat(39)} y`, /^x{39}-[0-9a-f]{8}$/],
  ])('%j gives a safe one', (name, pattern) => {
    const id = newPackageId(name);
    expect(id).toMatch(pattern);
    expect(isPackageId(id)).toBe(true);
    expect(newPackageId(name)).not.toBe(id);
  });

  test.each(['', '..', 'a/b', 'A', '-a', 'a-', 'a.b', 'x'.repeat(65)])('%j is none', (id) => {
    expect(isPackageId(id)).toBe(false);
  });
});
