import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build, type Plugin } from 'vite';
import { groupOf, type HeaderPatterns, type Shell } from '../src/offline/shell.ts';

const root = fileURLToPath(new URL('..', import.meta.url));

/** Files of the build that a page never requests. */
const NOT_LISTED = new Set(['_headers', 'sw.js']);

/**
 * Writes `sw.js` beside the built page: the service worker with the list of the build's files and their hashes. If
 * `headers`, which hosts send, change, everything is stored again.
 */
export function serviceWorker(headers: HeaderPatterns): Plugin {
  let outDir: string;
  return {
    name: 'tiebreak:service-worker',
    apply: 'build',
    configResolved(config) {
      outDir = join(config.root, config.build.outDir);
    },
    closeBundle: {
      sequential: true,
      order: 'post',
      async handler(error?: Error) {
        if (error !== undefined) return;
        writeFileSync(join(outDir, 'sw.js'), await script(listShell(outDir, headers)));
      },
    },
  };
}

function listShell(folder: string, headers: HeaderPatterns): Shell {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => relative(folder, join(parentPath, name)).split(sep).join('/'))
    .filter((path) => !NOT_LISTED.has(path))
    .sort()
    .map((path) => ({
      // Hosts redirect index.html to its folder, and a redirected response cannot answer a navigation.
      path: path === 'index.html' ? '' : path,
      integrity: `sha256-${hash(readFileSync(join(folder, path)))}`,
      group: groupOf(path),
    }));
  const version = hash(JSON.stringify([files, headers]))
    .replace(/\W/g, '')
    .slice(0, 12);
  return { version, files, headers };
}

function hash(content: string | Uint8Array): string {
  return createHash('sha256').update(content).digest('base64');
}

/** Bundles the script as one file, since some browsers lack service workers that are modules. */
async function script(shell: Shell): Promise<string> {
  const built = await build({
    configFile: false,
    root,
    publicDir: false,
    logLevel: 'warn',
    define: { SHELL: JSON.stringify(shell) },
    build: {
      write: false,
      target: 'es2023',
      lib: { entry: 'src/offline/sw.ts', formats: ['iife'], name: 'sw' },
    },
  });
  const [bundle] = Array.isArray(built) ? built : [built];
  if (bundle === undefined || !('output' in bundle))
    throw new Error('the service worker was not built');
  return bundle.output[0].code;
}
