import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { sourceFiles } from '../testing/imports.ts';

const MAX_COLUMNS = 120;

test(`no comment is wider than ${MAX_COLUMNS} columns, which the formatter does not see to`, () => {
  const files = sourceFiles();
  expect(files.length).toBeGreaterThan(500);
  const wide = files.flatMap(({ path }) =>
    readFileSync(new URL(`../${path}`, import.meta.url), 'utf8')
      .split('\n')
      .flatMap((line, index) => {
        // A suppression counts for the line below it only, so it cannot be wrapped.
        const isComment = /^\s*(\/\/|\/\*|\*)/.test(line) && !line.includes('biome-ignore');
        return isComment && line.length > MAX_COLUMNS ? [`${path}:${index + 1}`] : [];
      }),
  );
  expect(wide).toEqual([]);
});
