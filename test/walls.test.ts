import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import { importsOf, sourceFiles } from '../testing/imports.ts';

const root = fileURLToPath(new URL('..', import.meta.url));

const BELOW_PAGE = ['src/app/i18n', 'src/app/state', 'src/app/ui/*'];
const BELOW_SCREENS = [...BELOW_PAGE, 'src/app/page', 'src/app/results'];
/** Rooms of the explorer that its cards use. */
const EXPLORER = ['src/app/explorer/state', 'src/app/explorer/text'];
/** Rooms of the report that its cards use. */
const REPORT = ['charts', 'parts', 'state', 'text'].map((name) => `src/app/report/${name}`);
const REPORT_CARDS = ['compare', 'figures', 'post'].map((name) => `src/app/report/${name}`);
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
  'src/tokens': ['src/domain'],
  'src/tokens/chat': ['src/domain', 'src/tokens'],
  'src/tokens/pool': ['src/domain', 'src/rpc', 'src/tokens', 'src/tokens/chat'],
  'src/explore': ['src/domain', 'src/data', 'src/storage', 'src/tokens'],
  'src/model': ['src/domain', 'src/storage'],
  // An import writes the standard graphs of ONNX Runtime's room, and needs nothing else of it.
  'src/import': [
    'src/domain',
    'src/engine/ort',
    'src/model',
    'src/storage',
    'src/tokens',
    'src/tokens/chat',
  ],
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
    'src/tokens/pool',
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
    'src/tokens/pool',
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
    'src/tokens/chat',
    'src/tokens/pool',
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
    'src/tokens/pool',
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
  'src/app/ui/controls': ['src/app/ui/lazy'],
  'src/app/ui/feedback': ['src/app/i18n', 'src/domain'],
  'src/app/ui/files': [],
  'src/app/ui/layout': [],
  'src/app/ui/lazy': ['src/app/i18n'],
  'src/app/ui/navigation': [],
  'src/app/ui/table': ['src/app/i18n', 'src/domain'],
  'src/app/ui/text': ['src/app/i18n', 'src/app/state', 'src/data'],
  'src/app/page': [...BELOW_APP, ...BELOW_PAGE],
  'src/app/results': [...BELOW_APP, ...BELOW_PAGE, 'src/app/page'],
  'src/app/computer': [...BELOW_APP, ...BELOW_SCREENS],
  'src/app/models/folders': [...BELOW_APP, ...BELOW_SCREENS],
  'src/app/models/state': [...BELOW_APP, ...BELOW_SCREENS, 'src/app/models/folders'],
  'src/app/models/load': [
    ...BELOW_APP,
    ...BELOW_SCREENS,
    'src/app/computer',
    'src/app/models/folders',
    'src/app/models/state',
    'src/offline',
  ],
  'src/app/models/jobs': [...BELOW_APP, ...BELOW_SCREENS, 'src/app/models/state'],
  'src/app/models/import/plan': [...BELOW_APP, ...BELOW_SCREENS, 'src/app/models/state'],
  'src/app/models/import/sources': [
    ...BELOW_APP,
    ...BELOW_SCREENS,
    'src/app/models/folders',
    'src/app/models/state',
  ],
  'src/app/models/import': [
    ...BELOW_APP,
    ...BELOW_SCREENS,
    'src/app/models/import/plan',
    'src/app/models/import/sources',
    'src/app/models/jobs',
    'src/app/models/state',
  ],
  'src/app/models/stored': [
    ...BELOW_APP,
    ...BELOW_SCREENS,
    'src/app/models/jobs',
    'src/app/models/state',
  ],
  'src/app/models': [
    ...BELOW_APP,
    ...BELOW_SCREENS,
    'src/app/models/import',
    'src/app/models/jobs',
    'src/app/models/state',
    'src/app/models/stored',
  ],
  'src/app/runs/state': [...BELOW_APP, ...BELOW_SCREENS],
  'src/app/runs': [...BELOW_APP, ...BELOW_SCREENS, 'src/app/runs/state'],
  // The tabs show cards of the computer, models and runs, but nothing of each other.
  'src/app/explorer/text': ['src/app/i18n'],
  'src/app/explorer/state': [...BELOW_APP, ...BELOW_SCREENS],
  'src/app/explorer/pair': [...BELOW_APP, ...BELOW_SCREENS, ...EXPLORER],
  'src/app/explorer/result': [...BELOW_APP, ...BELOW_SCREENS, ...EXPLORER],
  'src/app/explorer/what-if': [...BELOW_APP, ...BELOW_SCREENS, ...EXPLORER],
  'src/app/explorer': [
    ...BELOW_APP,
    ...BELOW_SCREENS,
    ...EXPLORER,
    'src/app/explorer/pair',
    'src/app/explorer/result',
    'src/app/explorer/what-if',
  ],
  'src/app/report/text': [...BELOW_APP, 'src/app/i18n'],
  'src/app/report/state': [...BELOW_APP, ...BELOW_SCREENS, 'src/app/runs/state'],
  'src/app/report/parts': [
    ...BELOW_APP,
    ...BELOW_SCREENS,
    'src/app/report/state',
    'src/app/report/text',
  ],
  'src/app/report/charts': [
    ...BELOW_APP,
    ...BELOW_PAGE,
    'src/app/report/parts',
    'src/app/report/text',
  ],
  'src/app/report/figures': [...BELOW_APP, ...BELOW_SCREENS, ...REPORT],
  'src/app/report/compare': [
    ...BELOW_APP,
    ...BELOW_SCREENS,
    ...REPORT,
    'src/app/report/figures',
    'src/app/runs',
    'src/app/runs/state',
  ],
  'src/app/report/post': [...BELOW_APP, ...BELOW_SCREENS, ...REPORT, 'src/app/report/compare'],
  'src/app/report/rows': [...BELOW_APP, ...BELOW_SCREENS, ...REPORT],
  'src/app/report/paper': [...BELOW_APP, ...BELOW_SCREENS, ...REPORT, ...REPORT_CARDS],
  'src/app/report': [
    ...BELOW_APP,
    ...BELOW_SCREENS,
    ...REPORT,
    ...REPORT_CARDS,
    'src/app/report/paper',
    'src/app/report/rows',
    'src/app/runs',
  ],
  'src/app/score/file': [...BELOW_APP, ...BELOW_SCREENS, 'src/app/runs', 'src/app/runs/state'],
  'src/app/score/settings': [...BELOW_APP, ...BELOW_SCREENS],
  'src/app/score/results': [...BELOW_APP, ...BELOW_SCREENS, 'src/app/runs'],
  'src/app/score/run': [
    ...BELOW_APP,
    ...BELOW_SCREENS,
    'src/app/computer',
    'src/app/runs',
    'src/app/runs/state',
    'src/app/score/results',
  ],
  'src/app/score': [
    'src/app/computer',
    'src/app/models',
    'src/app/models/load',
    'src/app/runs',
    'src/app/score/file',
    'src/app/score/results',
    'src/app/score/run',
    'src/app/score/settings',
  ],
  'src/app/shell': [
    ...BELOW_APP,
    ...BELOW_SCREENS,
    'src/app/explorer',
    'src/app/models/state',
    'src/app/report',
    'src/app/runs',
    'src/app/score',
    'src/app/score/run',
  ],
  'src/app': [
    ...BELOW_APP,
    ...BELOW_SCREENS,
    'src/app/models/state',
    'src/app/runs/state',
    'src/app/score/run',
    'src/app/shell',
    'src/offline',
  ],
  'src/cli/terminal': ['src/domain', 'src/engine', 'src/engine/executor', 'src/tokens'],
  'src/cli/files': [
    'src/cli/terminal',
    'src/domain',
    'src/import',
    'src/model',
    'src/scoring/journal',
    'src/storage',
    'src/tokens',
    'src/tokens/chat',
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
    'src/tokens/pool',
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
    'src/tokens/chat',
  ],
  testing: ['src/*', 'scripts'],
  scripts: ['src/*', 'testing'],
  test: ['src/*', 'testing', 'scripts'],
  e2e: ['src/*', 'testing'],
  bench: ['src/*', 'testing', 'scripts'],
};

/** Rooms that every room may import, since catalogues word the errors of all. */
const ANY_ROOM_MAY = ['src/texts'];

/** The only rooms, with the rooms below them, that may import a package. */
const PACKAGES: Record<string, string[]> = {
  react: ['src/app', 'test/app'],
  'react-dom': ['src/app', 'test/app'],
  'react-aria-components': ['src/app'],
  '@visx/axis': ['src/app/report/charts'],
  '@visx/scale': ['src/app/report/charts'],
  'markdown-it': ['src/app/ui/text', 'src/data/prose'],
  'onnxruntime-web': ['src/engine/ort', 'bench'],
  '#ort-build': ['src/engine/ort'],
  '@bufbuild/protobuf': ['src/engine/ort', 'test/engine/ort'],
  webgpu: ['src/engine/device', 'testing/wgsl', 'bench'],
  papaparse: ['src/data/csv'],
  '@huggingface/jinja': ['src/tokens/chat'],
  vite: ['testing', 'scripts', 'bench'],
  vitest: ['test', 'testing'],
  '@playwright/test': ['e2e', 'testing/browser', 'bench', 'scripts'],
};

/** The room that contains a path of the repository; null if none does. */
function roomOf(path: string): string | null {
  const rooms = Object.keys(ARROWS).filter((room) => path.startsWith(`${room}/`));
  return rooms.sort((a, b) => b.length - a.length)[0] ?? null;
}

/** The reason why a file may not import something; null if it may. */
function fault(path: string, imported: string): string | null {
  const name = Object.keys(PACKAGES).find((n) => imported === n || imported.startsWith(`${n}/`));
  if (name !== undefined) {
    const isAllowed = PACKAGES[name]!.some((room) => path.startsWith(`${room}/`));
    return isAllowed ? null : `${roomOf(path)} -> ${name}`;
  }
  if (imported.startsWith('test/fixtures/') || imported.endsWith('.css')) return null;
  const [from, to] = [roomOf(path), roomOf(imported)];
  if (to === null || from === to || from === null) return null;
  const isAllowed = [...ANY_ROOM_MAY, ...ARROWS[from]!].some((entry) => covers(entry, to));
  return isAllowed ? null : `${from} -> ${to}`;
}

/** True if an entry of {@link ARROWS} covers a room: `a/*` covers every room below `a`. */
function covers(entry: string, room: string): boolean {
  return entry.endsWith('*') ? room.startsWith(entry.slice(0, -1)) : room === entry;
}

/** Rooms of the source in an order in which each imports only earlier ones; null if a circle prevents one. */
function roomsInOrder(arrows: Record<string, string[]>): string[] | null {
  const left = new Set(Object.keys(arrows).filter((room) => room.startsWith('src')));
  const ordered: string[] = [];
  while (left.size > 0) {
    const next = [...left].find((room) => {
      return ![...left].some((other) => {
        return other !== room && arrows[room]!.some((entry) => covers(entry, other));
      });
    });
    if (next === undefined) return null;
    left.delete(next);
    ordered.push(next);
  }
  return ordered;
}

/** Most files of a folder that a reader takes in at a glance. */
const MOST_FILES = 20;

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

  test('may not go in a circle of rooms', () => {
    expect(roomsInOrder(ARROWS)).not.toBeNull();
    expect(roomsInOrder({ ...ARROWS, 'src/domain': ['src/app/ui/*'] })).toBeNull();
  });

  test('every file of the source lies in a room', () => {
    expect(files.filter(({ path }) => roomOf(path) === null)).toEqual([]);
  });

  test(`no folder of the source has more than ${MOST_FILES} files`, () => {
    const entries = readdirSync(join(root, 'src'), { recursive: true, withFileTypes: true });
    const counts = new Map<string, number>();
    for (const { parentPath } of entries.filter((entry) => entry.isFile())) {
      counts.set(parentPath, (counts.get(parentPath) ?? 0) + 1);
    }
    expect(counts.size).toBeGreaterThan(50);
    expect([...counts].filter(([, count]) => count > MOST_FILES)).toEqual([]);
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
  // Of these texts the compiler must refuse exactly those of other realms.
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

/** The compiler's output for a text in a realm. */
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
