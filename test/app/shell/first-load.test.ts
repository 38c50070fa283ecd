import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { LANGUAGES } from '../../../src/texts/languages.ts';
import { firstLoad } from '../../../testing/first-load.ts';

const dist = fileURLToPath(new URL('../../../dist', import.meta.url));

// `npm test` builds before it runs unit tests.
describe.skipIf(!existsSync(`${dist}/index.html`))('first load of the built page', () => {
  test.each([
    ['en', 200_000],
    ['ja', 215_000],
  ])('%s: at most %i bytes, compressed', (language, most) => {
    const files = firstLoad(dist, language);
    expect(files.map(({ file }) => file).join(' ')).toMatch(/\.css/);
    const total = files.reduce((sum, { gzip }) => sum + gzip, 0);
    // Far less would mean that something was not counted.
    expect(total).toBeGreaterThan(100_000);
    expect(total).toBeLessThan(most);
  });

  test.each(Object.keys(LANGUAGES))(
    '%s: texts do not wait for the page that waits for them',
    (language) => {
      const texts = firstLoad(dist, language).find(({ file }) =>
        file.startsWith(`assets/${language}-`),
      );
      expect(texts?.imports).not.toEqual([]);
      expect(texts?.imports.filter((file) => file.startsWith('assets/page-'))).toEqual([]);
    },
  );
});
