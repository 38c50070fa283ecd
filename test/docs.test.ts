import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';

const root = fileURLToPath(new URL('..', import.meta.url));
const documents = ['README.md', 'CONTRIBUTING.md', 'training/README.md', 'training/MODEL_CARD.md'];
for (const name of readdirSync(join(root, 'docs'))) {
  if (name.endsWith('.md')) documents.push(`docs/${name}`);
}

/** A path of the repository in a document: between backticks, possibly after a command, or in a link. */
const PATH =
  /(?<![\w./-])((?:src|test|testing|e2e|bench|scripts|docs|public|training|\.ci)\/[\w@./-]*\w)/g;
/** Written by a command, so absent from a fresh clone. */
const GENERATED = /^(public\/models|training\/data)\b/;
/** A step of a walk: a file and a name in it. */
const STEP = /`(src\/[\w./-]+)`\s+`(\w+)`/g;

function read(path: string) {
  return readFileSync(join(root, path), 'utf8');
}

describe('documents', () => {
  test.each(documents)('%s names only paths that exist', (document) => {
    const paths = [...read(document).matchAll(PATH)].map(([, path]) => path!);
    const missing = paths.filter((path) => !existsSync(join(root, path)) && !GENERATED.test(path));
    expect(missing).toEqual([]);
  });

  test('the walks of the architecture name files and what is in them', () => {
    const steps = [...read('docs/architecture.md').matchAll(STEP)];
    expect(steps.length).toBeGreaterThan(20);
    const wrong = steps.filter(([, path, name]) => {
      return !existsSync(join(root, path!)) || !new RegExp(`\\b${name}\\b`).test(read(path!));
    });
    expect(wrong.map(([step]) => step)).toEqual([]);
  });

  test('the architecture names every folder of the source', () => {
    const folders = readdirSync(join(root, 'src'), { withFileTypes: true });
    const text = read('docs/architecture.md');
    const unnamed = folders.filter((entry) => entry.isDirectory() && !text.includes(entry.name));
    expect(unnamed.map((entry) => entry.name)).toEqual([]);
  });
});
