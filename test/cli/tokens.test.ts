import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
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
