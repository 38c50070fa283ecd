import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { type BuildOptions, buildPackage, planPackage } from '../../src/import/build.ts';
import { findChat } from '../../src/import/chat-template.ts';
import { ModelPackage } from '../../src/model/package.ts';
import { readModelTemplate } from '../../src/scoring/lanes/model-template.ts';
import { MemoryFiles, readAll, readText } from '../../src/storage/package-files.ts';
import { MemorySink } from '../../src/storage/sink.ts';
import { fixtureFiles, memory, refusal } from '../../testing/checkpoints.ts';

const GEMMA = readFileSync(new URL('../fixtures/chat/gemma2.jinja', import.meta.url), 'utf8');

/** A reward model's base with these files beside it. */
async function base(extra: Record<string, string> = {}): Promise<MemoryFiles> {
  const from = fixtureFiles('gemma2-reward-a/base');
  const files = new Map<string, Uint8Array<ArrayBuffer>>();
  for (const name of ['config.json', 'model.safetensors']) {
    files.set(name, await readAll(from, name));
  }
  const text = new TextEncoder();
  for (const [name, content] of Object.entries(extra)) files.set(name, text.encode(content));
  return new MemoryFiles('base', files);
}

const plan = async (extra: Record<string, string>, options: Partial<BuildOptions> = {}) =>
  planPackage({ base: await base(extra), adapters: [], name: 'reward', quant: 'none', ...options });

describe('the chat template of a reward model', () => {
  test('is stored in the package with its day, and read again', async () => {
    const sink = new MemorySink();
    const from = await base({ 'chat_template.jinja': GEMMA });
    const options = {
      base: from,
      adapters: [],
      name: 'reward',
      quant: 'none',
      chatDate: '2026-02-03',
    };
    const manifest = await buildPackage(options as BuildOptions, sink);
    expect(manifest).toMatchObject({ template: 'chat', chat: { date: '2026-02-03' } });
    expect(manifest.files['chat_template.jinja']!.bytes).toBe(Buffer.byteLength(GEMMA));
    expect(await readText(sink.files, 'chat_template.jinja')).toBe(GEMMA);
    await (await ModelPackage.open(sink.files)).verify();
    expect(await readModelTemplate(sink.files)).toEqual({ source: GEMMA, date: '2026-02-03' });
  });

  test('is found in each of its places, and one that is named comes first', async () => {
    const json = JSON.stringify({ chat_template: GEMMA });
    for (const name of ['chat_template.json', 'tokenizer_config.json']) {
      expect((await plan({ [name]: json })).facts.chatDate).toBe('2024-07-26');
    }
    const named = await plan(
      { 'chat_template.json': json },
      { chatTemplate: '{{ messages[0].content }}' },
    );
    const file = named.files.find(({ path }) => path === 'chat_template.jinja')!;
    expect(file.bytes).toBe('{{ messages[0].content }}'.length);
    // A build of one template does not continue that of another of the same size.
    const other = await plan({}, { chatTemplate: '{{ messages[1].content }}' });
    expect(other.fingerprint).not.toBe(named.fingerprint);
  });

  test('is missing: the package is written, for logits alone', async () => {
    const { facts, manifest } = await plan({});
    expect(facts).toMatchObject({ labels: 1, chatDate: null });
    expect(manifest.template).toBe('lmsys-notebook');
    expect(manifest.chat).toBeUndefined();
  });

  test('that fails is refused before weights are read', async () => {
    const refused = async (source: string) =>
      (await refusal(plan({ 'chat_template.jinja': source }))).id;
    expect(await refused('{% for m in messages %}')).toBe('chat/bad-template');
    expect(await refused("{{ raise_exception('Roles must alternate') }}")).toBe(
      'chat/template-raised',
    );
    expect(await refused('{% for a in range(99999999) %}{% endfor %}')).toBe('chat/template-work');
    expect(await refused("{{ 'x' * 5 }}{{ nothing.here.deep }}")).toMatch(/^chat\//);
  });

  test('of a file that is too large is not read', async () => {
    const big = memory({ 'chat_template.jinja': ' '.repeat(4_000_001) });
    const error = await refusal(findChat([big], {}));
    expect(error.id).toBe('chat/bad-template-file:size');
    expect(error.message).toContain('4000001');
  });

  test('is of reward models only: classifiers keep the notebook’s text', async () => {
    const files = new Map<string, Uint8Array<ArrayBuffer>>();
    const from = fixtureFiles('qwen2-a/base');
    for (const name of ['config.json', 'model.safetensors'])
      files.set(name, await readAll(from, name));
    files.set('chat_template.jinja', new TextEncoder().encode(GEMMA));
    const { manifest } = await planPackage({
      base: new MemoryFiles('base', files),
      adapters: [],
      name: 'pairs',
      quant: 'none',
    });
    expect(manifest.template).toBe('lmsys-notebook');
  });
});

test('a manifest must have the template, its day and its file together', async () => {
  const sink = new MemorySink();
  const from = await base({ 'chat_template.jinja': GEMMA });
  await buildPackage({ base: from, adapters: [], name: 'reward', quant: 'none' }, sink);
  const manifest = JSON.parse(await readText(sink.files, 'tiebreak.json'));
  const opened = async (change: object) => {
    const json = new TextEncoder().encode(JSON.stringify({ ...manifest, ...change }));
    const files = new Map((sink.files as MemoryFiles).files).set('tiebreak.json', json);
    return (await refusal(ModelPackage.open(new MemoryFiles('package', files)))).id;
  };
  const { 'chat_template.jinja': _, ...others } = manifest.files;
  expect(await opened({ chat: undefined })).toBe('package/manifest:chat');
  expect(await opened({ template: 'lmsys-notebook' })).toBe('package/manifest:chat');
  expect(await opened({ files: others })).toBe('package/manifest:lacks');
  expect(await opened({ chat: { date: '2024-02-30' } })).toBe('json/field');
});
