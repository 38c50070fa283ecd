import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { commentsOf } from '../testing/comments.ts';
import { sourceFiles } from '../testing/imports.ts';

const MAX_COLUMNS = 120;
/** Openings of questions. A contract begins with a noun, a verb, or "True if". */
const ASKS = /^(What|Which|Who|Whose|Whether|How|Why|Is|Are|Does|Has|Can|May)\b/;

const textOf = (path: string) => readFileSync(new URL(`../${path}`, import.meta.url), 'utf8');

/** Places (`path:line`) of the comments that ask. */
function asking(path: string, text: string): string[] {
  return commentsOf(path, text)
    .filter((comment) => ASKS.test(comment.text) || comment.text.endsWith('?'))
    .map(({ line }) => `${path}:${line}`);
}

test(`no comment is wider than ${MAX_COLUMNS} columns, which the formatter does not see to`, () => {
  const files = sourceFiles();
  expect(files.length).toBeGreaterThan(500);
  const wide = files.flatMap(({ path }) =>
    textOf(path)
      .split('\n')
      .flatMap((line, index) => {
        // A suppression counts for the line below it only, so it cannot be wrapped.
        const isComment = /^\s*(\/\/|\/\*|\*)/.test(line) && !line.includes('biome-ignore');
        return isComment && line.length > MAX_COLUMNS ? [`${path}:${index + 1}`] : [];
      }),
  );
  expect(wide).toEqual([]);
});

test('no comment asks instead of stating', () => {
  const text = [
    '/** Whether it is so. */',
    'const a = `// What a shader does`; // Is it',
    '// How often?',
    '// A fact.',
    '/* Never',
    ' * or always? */',
  ].join('\n');
  expect(asking('a.ts', text)).toEqual(['a.ts:1', 'a.ts:2', 'a.ts:3', 'a.ts:5']);
  const sources = sourceFiles();
  expect(sources.length).toBeGreaterThan(500);
  expect(sources.flatMap(({ path }) => asking(path, textOf(path)))).toEqual([]);
});
