import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseSync } from 'vite';

const root = fileURLToPath(new URL('..', import.meta.url));
const TOPS = ['src', 'test', 'testing', 'e2e', 'bench', 'scripts'];
/** `import('./x.ts').T` in a type, and the script of a worker: no module record has them. */
const OTHERS = /(?:\bimport\(|\bnew URL\()\s*'([^'\n]+)'/g;

/** A file of TypeScript, by its path in the repository, with what it imports. */
export interface SourceFile {
  path: string;
  /** Paths in the repository and names of packages: types, dynamic imports and workers too. */
  imports: string[];
}

/** Every file of TypeScript in the repository. */
export function sourceFiles(): SourceFile[] {
  return TOPS.flatMap((top) => {
    const paths = readdirSync(join(root, top), { recursive: true, encoding: 'utf8' });
    return paths
      .filter((path) => /\.tsx?$/.test(path) && !path.includes('fixtures'))
      .map((path) => join(top, path).replaceAll('\\', '/'))
      .map((path) => ({ path, imports: importsOf(path, readFileSync(join(root, path), 'utf8')) }));
  });
}

/** What a text imports that lies at a path of the repository. @throws where it cannot be parsed. */
export function importsOf(path: string, text: string): string[] {
  const { module, errors } = parseSync(path, text);
  if (errors.length > 0) throw new Error(`${path}: ${errors[0]!.message}`);
  const specifiers = [
    ...module.staticImports.map(({ moduleRequest }) => moduleRequest.value),
    ...module.staticExports.flatMap(({ entries }) =>
      entries.flatMap(({ moduleRequest }) => moduleRequest?.value ?? []),
    ),
    ...[...text.matchAll(OTHERS)].map(([, specifier]) => specifier!),
  ];
  return [...new Set(specifiers)].map((specifier) =>
    specifier.startsWith('.') ? join(dirname(path), specifier).replace(/\?.*$/, '') : specifier,
  );
}
