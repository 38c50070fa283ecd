import { readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { parseAst } from 'vite';

/** A file of the first load, its sizes in bytes (`gzip` at level 9), and what it imports. */
export interface LoadedFile {
  file: string;
  bytes: number;
  gzip: number;
  imports: string[];
}

/**
 * The scripts and style sheets that the page built in `dist` needs before it can be used in `language`: those that
 * index.html names, what they import, and the language's texts, which the page waits for. Not what it imports later,
 * nor the scripts of its workers. @throws Error when the language has no script of its own.
 */
export function firstLoad(dist: string, language: string): LoadedFile[] {
  const page = readFileSync(join(dist, 'index.html'), 'utf8');
  const entries = [...page.matchAll(/(?:src|href)="\.\/(assets\/[^"]+\.(?:js|css))"/g)];
  const found = new Map<string, LoadedFile>();
  const later = new Set<string>();
  const add = (file: string) => {
    if (found.has(file)) return;
    const content = readFileSync(join(dist, file));
    const gzip = gzipSync(content, { level: 9 }).length;
    const { now, dynamic } = file.endsWith('.js')
      ? importsOf(content.toString())
      : { now: [], dynamic: [] };
    found.set(file, { file, bytes: content.length, gzip, imports: now });
    for (const name of dynamic) later.add(name);
    for (const name of now) add(name);
  };
  for (const [, file] of entries) add(file!);
  const texts = [...later].find((file) => basename(file).startsWith(`${language}-`));
  if (texts === undefined) throw new Error(`${dist} has no script with the texts of ${language}`);
  add(texts);
  return [...found.values()];
}

/** The files of `assets` that a script imports: before it runs, and while it runs. */
function importsOf(script: string): { now: string[]; dynamic: string[] } {
  const now = parseAst(script).body.flatMap((statement) =>
    'source' in statement && statement.source !== null ? [statement.source.value] : [],
  );
  const dynamic = [...script.matchAll(/\bimport\([`"']([^`"']+)[`"']\)/g)].map(([, from]) => from!);
  const inAssets = (names: string[]) =>
    names.filter((name) => name.startsWith('./')).map((name) => `assets/${name.slice(2)}`);
  return { now: inAssets(now), dynamic: inAssets(dynamic) };
}
