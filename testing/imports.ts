import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseSync } from 'vite';

const root = fileURLToPath(new URL('..', import.meta.url));
const TOPS = ['src', 'test', 'testing', 'e2e', 'bench', 'scripts'];
/** Matches `import('./x.ts').T` in a type and the script of a worker, which no module record contains. */
const OTHERS = /(?:\bimport\(|\bnew URL\()\s*'([^'\n]+)'/g;

/** A TypeScript file, by its path in the repository, with its imports. */
export interface SourceFile {
  path: string;
  /** Paths in the repository and names of packages, including types, dynamic imports and workers. */
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

/** Lists the imports of a text that lies at a path of the repository. @throws Error if it cannot be parsed. */
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
