import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import { importsOf, sourceFiles } from '../testing/imports.ts';

const root = fileURLToPath(new URL('..', import.meta.url));

const SCREENS = ['computer', 'explorer', 'models', 'report', 'runs', 'score'].map(
  (name) => `src/app/${name}`,
);
const BELOW_PAGE = ['src/app/i18n', 'src/app/state', 'src/app/ui'];
const BELOW_SCREENS = [...BELOW_PAGE, 'src/app/page', 'src/app/results'];
/** Rooms whose values or types the page uses. */
const BELOW_APP = [
  'src/data',
  'src/domain',
  'src/engine',
  'src/engine/device',
  'src/engine/executor',
  'src/engine/planning',
  'src/explore',
  'src/import',
  'src/model',
  'src/packages',
  'src/report',
  'src/rpc',
  'src/scoring',
  'src/scoring/journal',
  'src/scoring/lanes',
  'src/scoring/rows',
  'src/scoring/worker',
  'src/stats/figures',
  'src/stats/methods',
  'src/stats/pair',
  'src/stats/table',
  'src/storage',
  'src/tokens',
];

/**
 * Rooms that a room may import, besides itself. A room is the longest path here that a file lies in.
 * Biome refuses circles of files (`noImportCycles`, types included).
 */
const ARROWS: Record<string, string[]> = {
  'src/domain': [],
  'src/texts': [],
  'src/storage': ['src/domain'],
  'src/rpc': ['src/domain'],
  'src/data': ['src/domain', 'src/storage'],
  'src/stats/methods': ['src/domain'],
  'src/stats/pair': ['src/domain'],
  'src/stats/table': ['src/data', 'src/domain', 'src/stats/methods', 'src/stats/pair'],
  'src/stats/figures': ['src/data', 'src/domain', 'src/stats/methods', 'src/stats/table'],
  'src/tokens': ['src/domain', 'src/rpc'],
  'src/explore': ['src/domain', 'src/data', 'src/storage', 'src/tokens'],
  'src/model': ['src/domain', 'src/storage'],
  // Of ONNX Runtime's room an import needs the standard graphs that it writes.
  'src/import': ['src/domain', 'src/engine/ort', 'src/model', 'src/storage', 'src/tokens'],
  'src/packages': ['src/domain', 'src/import', 'src/model', 'src/rpc', 'src/storage'],
  'src/engine/device': ['src/domain', 'src/model', 'src/storage'],
  'src/engine/planning': ['src/domain', 'src/engine/device', 'src/model'],
  'src/engine/executor': ['src/domain', 'src/engine/device', 'src/engine/planning', 'src/model'],
  'src/engine/ort': [
    'src/domain',
    'src/engine/device',
    'src/engine/executor',
    'src/engine/planning',
    'src/model',
  ],
  'src/engine/wgsl/kernels': ['src/engine/device', 'src/model'],
  'src/engine/wgsl': [
    'src/domain',
    'src/engine/device',
    'src/engine/executor',
    'src/engine/planning',
    'src/engine/wgsl/kernels',
    'src/model',
    'src/storage',
  ],
  'src/engine': [
    'src/domain',
    'src/engine/device',
    'src/engine/executor',
    'src/engine/ort',
    'src/engine/planning',
    'src/engine/wgsl',
    'src/model',
  ],
  'src/scoring/rows': [
    'src/data',
    'src/domain',
    'src/engine/planning',
    'src/stats/methods',
    'src/tokens',
  ],
  'src/scoring/journal': [
    'src/domain',
    'src/engine',
    'src/engine/executor',
    'src/scoring/rows',
    'src/storage',
  ],
  'src/scoring': [
    'src/data',
    'src/domain',
    'src/engine',
    'src/engine/planning',
    'src/scoring/journal',
    'src/scoring/lanes',
    'src/scoring/rows',
    'src/tokens',
  ],
  'src/scoring/lanes': [
    'src/domain',
    'src/engine',
    'src/engine/device',
    'src/engine/executor',
    'src/engine/planning',
    'src/engine/wgsl',
    'src/model',
    'src/packages',
    'src/rpc',
    'src/scoring/rows',
    'src/storage',
    'src/tokens',
  ],
  'src/scoring/worker': [
    'src/data',
    'src/domain',
    'src/engine',
    'src/engine/device',
    'src/engine/executor',
    'src/engine/planning',
    'src/engine/wgsl',
    'src/model',
    'src/packages',
    'src/rpc',
    'src/scoring',
    'src/scoring/journal',
    'src/scoring/lanes',
    'src/scoring/rows',
    'src/storage',
    'src/tokens',
  ],
  'src/report': [
    'src/data',
    'src/domain',
    'src/rpc',
    'src/scoring/journal',
    'src/scoring/rows',
    'src/stats/figures',
    'src/stats/methods',
    'src/stats/table',
    'src/storage',
  ],
  'src/offline': [],
  'src/app/i18n': ['src/domain', 'src/engine', 'src/engine/executor'],
  'src/app/state': ['src/app/i18n', 'src/domain', 'src/rpc', 'src/scoring/worker'],
  'src/app/ui': ['src/app/i18n', 'src/app/state', 'src/data', 'src/domain'],
  'src/app/page': [...BELOW_APP, ...BELOW_PAGE],
  'src/app/results': [...BELOW_APP, ...BELOW_PAGE, 'src/app/page'],
  'src/app/computer': [...BELOW_APP, ...BELOW_SCREENS],
  'src/app/models': [...BELOW_APP, ...BELOW_SCREENS, 'src/app/computer', 'src/offline'],
  'src/app/runs': [...BELOW_APP, ...BELOW_SCREENS],
  // The tabs show cards of the computer, models and runs, but nothing of each other.
  'src/app/explorer': [...BELOW_APP, ...BELOW_SCREENS],
  'src/app/report': [...BELOW_APP, ...BELOW_SCREENS, 'src/app/runs'],
  'src/app/score': [
    ...BELOW_APP,
    ...BELOW_SCREENS,
    'src/app/computer',
    'src/app/models',
    'src/app/runs',
  ],
  'src/app/shell': [...BELOW_APP, ...BELOW_SCREENS, ...SCREENS],
  'src/app': [...BELOW_APP, ...BELOW_SCREENS, ...SCREENS, 'src/app/shell', 'src/offline'],
  'src/cli/terminal': ['src/domain', 'src/engine', 'src/engine/executor', 'src/tokens'],
  'src/cli/files': [
    'src/cli/terminal',
    'src/domain',
    'src/import',
    'src/model',
    'src/scoring/journal',
    'src/storage',
  ],
  'src/cli/engine': [
    'src/cli/terminal',
    'src/domain',
    'src/engine',
    'src/engine/device',
    'src/engine/executor',
    'src/engine/planning',
    'src/model',
    'src/rpc',
    'src/scoring/lanes',
    'src/storage',
    'src/tokens',
  ],
  'src/cli/evaluation': [
    'src/data',
    'src/domain',
    'src/scoring',
    'src/scoring/rows',
    'src/stats/figures',
    'src/stats/methods',
  ],
  'src/cli': [
    'src/cli/engine',
    'src/cli/evaluation',
    'src/cli/files',
    'src/cli/terminal',
    'src/data',
    'src/domain',
    'src/engine',
    'src/engine/device',
    'src/engine/executor',
    'src/engine/planning',
    'src/import',
    'src/model',
    'src/report',
    'src/scoring',
    'src/scoring/journal',
    'src/scoring/lanes',
    'src/scoring/rows',
    'src/stats/figures',
    'src/stats/table',
    'src/storage',
  ],
  testing: ['src/*', 'scripts'],
  scripts: ['src/*', 'testing'],
  test: ['src/*', 'testing', 'scripts'],
  e2e: ['src/*', 'testing'],
  bench: ['src/*', 'testing', 'scripts'],
};

/** Rooms that every room may import: errors are worded by the catalogues. */
const ANY_ROOM_MAY = ['src/texts'];

/** Rooms that alone may import a package, with what lies below them. */
const PACKAGES: Record<string, string[]> = {
  react: ['src/app', 'test/app'],
  'react-dom': ['src/app', 'test/app'],
  'react-aria-components': ['src/app'],
  '@visx/axis': ['src/app/report'],
  '@visx/scale': ['src/app/report'],
  'markdown-it': ['src/app/ui', 'src/data'],
  'onnxruntime-web': ['src/engine/ort', 'bench'],
  '#ort-build': ['src/engine/ort'],
  '@bufbuild/protobuf': ['src/engine/ort', 'test/engine/ort'],
  webgpu: ['src/engine/device', 'testing/wgsl', 'bench'],
  papaparse: ['src/data/csv'],
  vite: ['testing', 'scripts', 'bench'],
  vitest: ['test', 'testing'],
  '@playwright/test': ['e2e', 'testing/browser', 'bench', 'scripts'],
};

/** The room that a path of the repository lies in; null where it lies in none. */
function roomOf(path: string): string | null {
  const rooms = Object.keys(ARROWS).filter((room) => path.startsWith(`${room}/`));
  return rooms.sort((a, b) => b.length - a.length)[0] ?? null;
}

/** Why a file may not import something; null where it may. */
function fault(path: string, imported: string): string | null {
  const name = Object.keys(PACKAGES).find((n) => imported === n || imported.startsWith(`${n}/`));
  if (name !== undefined) {
    const isAllowed = PACKAGES[name]!.some((room) => path.startsWith(`${room}/`));
    return isAllowed ? null : `${roomOf(path)} -> ${name}`;
  }
  if (imported.startsWith('test/fixtures/') || imported.endsWith('.css')) return null;
  const [from, to] = [roomOf(path), roomOf(imported)];
  if (to === null || from === to || from === null) return null;
  const isAllowed = [...ANY_ROOM_MAY, ...ARROWS[from]!].some((room) => {
    return room.endsWith('*') ? to.startsWith(room.slice(0, -1)) : to === room;
  });
  return isAllowed ? null : `${from} -> ${to}`;
}

describe('imports', () => {
  const files = sourceFiles();

  test('go along the arrows of the architecture', () => {
    expect(files.length).toBeGreaterThan(700);
    const faults = files.flatMap(({ path, imports }) => {
      return imports.flatMap((imported) => {
        const arrow = fault(path, imported);
        return arrow === null ? [] : `${arrow}: ${path} -> ${imported}`;
      });
    });
    expect(faults).toEqual([]);
  });

  test('every file of the source lies in a room', () => {
    expect(files.filter(({ path }) => roomOf(path) === null)).toEqual([]);
  });

  test.each([
    ["import type { App } from '../app/shell/App.tsx';", 'src/storage -> src/app/shell'],
    ["export { score } from '../scoring/run.ts';", 'src/storage -> src/scoring'],
    ["const later = () => import('../cli/score.ts');", 'src/storage -> src/cli'],
    ["type Row = import('../report/table.ts').Row;", 'src/storage -> src/report'],
    ["new Worker(new URL('../tokens/worker.ts', import.meta.url));", 'src/storage -> src/tokens'],
    ["import { useState } from 'react';", 'src/storage -> react'],
    ["import 'react-dom/client';", 'src/storage -> react-dom'],
    ["import { mean } from './mean.ts'; import { pair } from '../domain/pair.ts';", null],
  ])('the rule sees %s', (text, arrow) => {
    const path = 'src/storage/example.ts';
    const faults = importsOf(path, text).map((imported) => fault(path, imported));
    expect(faults.find((found) => found !== null) ?? null).toBe(arrow);
  });

  test.each([
    ['test/x.test.ts', '../e2e/score.spec.ts'],
    ['e2e/x.spec.ts', '../bench/growth.ts'],
    ['bench/x.ts', '../test/docs.test.ts'],
    ['src/domain/x.ts', '../../testing/csv.ts'],
    ['src/engine/wgsl/x.ts', '../ort/executor.ts'],
  ])('%s may not import %s', (path, imported) => {
    const [found] = importsOf(path, `import '${imported}';`);
    expect(fault(path, found!)).not.toBeNull();
  });
});

describe('the types of a realm', () => {
  // Of these texts the compiler must refuse each that another realm has, and no other.
  const texts = {
    'document.title': 'page',
    'window.name': 'page',
    'localStorage.length': 'page',
    'self.name': 'page, worker',
    'navigator.locks': 'page, worker',
    'process.argv': 'node',
    "import('node:fs')": 'node',
    fetch: 'page, worker, node',
    'new TextDecoder()': 'page, worker, node',
  };

  test.each(['worker', 'page', 'node'])('%s', async (realm) => {
    const lines = Object.keys(texts).map((text, i) => `export const it${i} = ${text};`);
    const refused = [...(await compile(realm, lines.join('\n'))).matchAll(/example\.ts\((\d+),/g)];
    const found = new Set(refused.map(([, line]) => Object.keys(texts)[Number(line) - 1]));
    const others = Object.entries(texts).filter(([, realms]) => !realms.includes(realm));
    expect(found).toEqual(new Set(others.map(([text]) => text)));
  });
});

/** What the compiler says about a text in a realm. */
async function compile(realm: string, text: string): Promise<string> {
  mkdirSync(join(root, '.cache'), { recursive: true });
  const folder = mkdtempSync(join(root, '.cache/realm-'));
  try {
    writeFileSync(join(folder, 'example.ts'), text);
    const project = {
      extends: `../../tsconfig.${realm}.json`,
      include: ['example.ts'],
      exclude: [],
    };
    writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(project));
    const tsc = join(root, 'node_modules/typescript/bin/tsc');
    const args = [tsc, '--noEmit', '--pretty', 'false', '--project', folder];
    const failed = (error: { stdout: string }) => error;
    return (await promisify(execFile)(process.execPath, args).catch(failed)).stdout;
  } finally {
    rmSync(folder, { recursive: true });
  }
}
