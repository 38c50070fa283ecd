import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { CONTENT_SECURITY_POLICY, HOST_HEADERS, REACT_ARIA_STYLES } from '../../vite.config.ts';

function read(path: string): string {
  return readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');
}

describe('headers', () => {
  test('public/_headers says what the preview server says', () => {
    const lines = read('public/_headers').split('\n');
    const headers = lines.filter((line) => line.startsWith('  ')).map((line) => line.trim());
    expect(lines).toContain('/*');
    expect(headers).toEqual(
      Object.entries(HOST_HEADERS).map(([name, value]) => `${name}: ${value}`),
    );
  });

  test('no other host and no eval is allowed', () => {
    expect(CONTENT_SECURITY_POLICY).not.toMatch(/https?:|\*|unsafe-inline|'unsafe-eval'/);
  });

  test('the styles that are allowed by hash are the ones of the installed React Aria', () => {
    const aria = 'node_modules/react-aria/dist/private/';
    const sources = ['interactions/usePress.mjs', 'overlays/usePreventScroll.mjs'];
    for (const [i, file] of sources.entries()) {
      // The source has the attribute's name in a variable.
      const text = read(aria + file).replaceAll(
        /\$\{[^}]*PRESSABLE_ATTRIBUTE\}/g,
        'data-react-aria-pressable',
      );
      expect(text).toContain(REACT_ARIA_STYLES[i]);
    }
  });
});
