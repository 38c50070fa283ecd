import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import postcss, { type Rule } from 'postcss';
import { describe, expect, test } from 'vitest';

const APP = join(import.meta.dirname, '../../src/app');
const SPACE = /^((row-|column-)?gap|(padding|margin)(-.+)?)$/;

/** Sizes and spaces outside the scale: `selector: value`. */
const EXCEPTIONS = new Set([
  // Relative to text of any size.
  '.rendered code: 0.92em',
  // Room for positioned content: a row's number and marks, the button of an ended run.
  '.table .cell-prompt: 52px',
  '.table .cell-prompt: var(--marks, 0)',
  '.run-text: 110px',
  // Paper.
  '@page: 12mm',
]);

/** The sheet for paper changes the styles of others. */
const PAPER = 'report/paper/paper.css';

const SHEETS = readdirSync(APP, { recursive: true, withFileTypes: true })
  .filter(({ name }) => name.endsWith('.css'))
  .map(({ parentPath, name }) => {
    const path = join(parentPath, name);
    const file = relative(APP, path).replaceAll('\\', '/');
    return { file, root: postcss.parse(readFileSync(path, 'utf8')) };
  });
const TOKENS = SHEETS.find(({ file }) => file === 'styles/tokens.css')!.root;

/** The lengths of a scale of `tokens.css`, in CSS pixels. */
function scale(name: 'text' | 'space'): Map<string, number> {
  const steps = new Map<string, number>();
  TOKENS.walkDecls(new RegExp(`^--${name}-`), ({ prop, value }) => {
    steps.set(`var(${prop})`, Number.parseFloat(value));
  });
  return steps;
}

/** True if a value of a margin, a padding or a gap is on the scale; hairlines count. */
function isSpace(value: string, spaces: Map<string, number>): boolean {
  if (['0', 'auto', '1px', '-1px'].includes(value) || spaces.has(value)) return true;
  // Relative to something whose width is in the same sum.
  return value.startsWith('calc(') && [...spaces.keys()].some((space) => value.includes(space));
}

function isText(value: string, texts: Map<string, number>): boolean {
  return value === 'inherit' || texts.has(postcss.list.space(value)[0]!);
}

/** The classes in a selector, in order. */
function classes(selector: string): string[] {
  return [...selector.matchAll(/\.([a-z][\w-]*)/gi)].map((match) => match[1]!);
}

/** True if a selector matches an element regardless of its ancestors and siblings. */
function isPlain(selector: string): boolean {
  return !/[\s>+~]/.test(selector.replaceAll(/\([^()]*(\([^()]*\)[^()]*)*\)/g, ''));
}

describe('style sheets', () => {
  test('have a scale of sizes and one of spaces, on a grid of 4 pixels', () => {
    expect([...scale('text').values()]).toEqual([12, 13, 14, 15, 17, 22]);
    const [hair, ...steps] = [...scale('space').values()];
    expect(hair).toBe(2);
    expect(steps.map((step) => step % 4)).toEqual(steps.map(() => 0));
    expect(steps).toEqual(steps.toSorted((a, b) => a - b));
  });

  test('take every size of text and every space from the scale', () => {
    const [texts, spaces] = [scale('text'), scale('space')];
    const [faults, met] = [[] as string[], new Set<string>()];
    for (const { file, root } of SHEETS) {
      root.walkDecls((decl) => {
        const { prop, value, parent } = decl;
        const isSize = prop === 'font' || prop === 'font-size';
        if (!isSize && !SPACE.test(prop)) return;
        const isOfScale = isSize
          ? isText(value, texts)
          : postcss.list.space(value).every((part) => isSpace(part, spaces));
        if (isOfScale) return;
        const place = parent?.type === 'rule' ? (parent as Rule).selector : '@page';
        const found = `${place}: ${value}`;
        if (EXCEPTIONS.has(found)) met.add(found);
        else faults.push(`${file}: ${place} { ${prop}: ${value} }`);
      });
    }
    expect(faults).toEqual([]);
    expect(met).toEqual(EXCEPTIONS);
  });

  test('style a class in one file, and others only inside one of their own', () => {
    const all = SHEETS.filter(({ file }) => file !== PAPER).flatMap(({ file, root }) => {
      const rules: { file: string; selector: string }[] = [];
      root.walkRules(({ selectors }) => {
        rules.push(...selectors.map((selector) => ({ file, selector })));
      });
      return rules.filter(({ selector }) => classes(selector).length > 0);
    });
    expect(all.length).toBeGreaterThan(400);
    // The first class is the subject of a rule, the others are its states and companions.
    const filesOf = (name: string) => {
      const rules = all.filter(({ selector }) => classes(selector)[0] === name);
      const plain = rules.filter(({ selector }) => isPlain(selector));
      return new Set((plain.length > 0 ? plain : rules).map(({ file }) => file));
    };
    const names = new Set(all.flatMap(({ selector }) => classes(selector)));
    expect([...names].filter((name) => filesOf(name).size > 1)).toEqual([]);
    // For example `.computer .facts`: a shared part inside the file's own one.
    const strange = all.filter(({ file, selector }) => {
      return !classes(selector).some((name) => filesOf(name).has(file));
    });
    expect(strange).toEqual([]);
  });
});
