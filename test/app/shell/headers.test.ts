import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import {
  CONTENT_SECURITY_POLICY,
  HOST_HEADERS,
  IMPORT_POLICY,
  REACT_ARIA_STYLES,
} from '../../../vite.config.ts';

function read(path: string): string {
  return readFileSync(new URL(`../../../${path}`, import.meta.url), 'utf8');
}

describe('headers', () => {
  test('public/_headers says what the preview server says', () => {
    const found: Record<string, Record<string, string>> = {};
    let path = '';
    for (const line of read('public/_headers').split('\n')) {
      if (line.startsWith('/')) path = line;
      const [, name, value] = /^ {2}([\w-]+): (.+)$/.exec(line) ?? [];
      if (name !== undefined) found[path] = { ...found[path], [name]: value! };
    }
    expect(found).toEqual(HOST_HEADERS);
  });

  test('no other host and no eval is allowed', () => {
    expect(CONTENT_SECURITY_POLICY).not.toMatch(/https?:|\*|unsafe-inline|'unsafe-eval'/);
  });

  test('the worker that imports may do no more than the others, except reach hosts', () => {
    const narrowed = IMPORT_POLICY.replace(' https: http://localhost:* http://127.0.0.1:*', '');
    expect(narrowed).toBe(CONTENT_SECURITY_POLICY);
  });

  test('the styles that are allowed by hash are the ones of the installed React Aria', () => {
    const aria = 'node_modules/react-aria/dist/private/';
    const sources = ['interactions/usePress.mjs', 'overlays/usePreventScroll.mjs'];
    for (const [i, file] of sources.entries()) {
      // In the source, a variable holds the attribute's name.
      const text = read(aria + file).replaceAll(
        /\$\{[^}]*PRESSABLE_ATTRIBUTE\}/g,
        'data-react-aria-pressable',
      );
      expect(text).toContain(REACT_ARIA_STYLES[i]);
    }
  });
});
