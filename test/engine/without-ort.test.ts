import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type SourceFile, sourceFiles } from '../../testing/imports.ts';
import {
  buildCase,
  largestDifference,
  referenceCases,
  TOLERANCE,
} from '../../testing/reference-cases.ts';
import { openTestGpu } from '../../testing/wgsl/gpu.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

describe('imports', () => {
  const files = new Map(sourceFiles().map((file) => [file.path, file]));

  /** The files reachable by imports, static or dynamic, of values and types. */
  function reached(from: readonly SourceFile[]): Set<string> {
    const found = new Set<string>();
    const open = [...from];
    for (let file = open.pop(); file !== undefined; file = open.pop()) {
      for (const imported of file.imports) {
        if (found.has(imported)) continue;
        found.add(imported);
        const next = files.get(imported);
        if (next !== undefined) open.push(next);
      }
    }
    return found;
  }
  const under = (path: string) => [...files.values()].filter((file) => file.path.startsWith(path));
  const isOrt = (path: string) => /^(onnxruntime|#ort|src\/engine\/ort\/)/.test(path);

  test.each([
    'src/engine/wgsl/',
    'src/engine/planning/',
    'src/engine/device/',
    'src/engine/executor/',
    'src/engine/model-plan.ts',
    'src/model/',
  ])('%s reaches nothing of ONNX Runtime', (path) => {
    const from = under(path);
    expect(from.length).toBeGreaterThan(0);
    expect([...reached(from)].filter(isOrt)).toEqual([]);
  });

  test('an import reaches the graphs that it writes, and no ONNX Runtime', () => {
    const found = [...reached(under('src/import/'))].filter(isOrt);
    expect(found).toContain('src/engine/ort/onnx/classifier.ts');
    expect(found.filter((path) => !path.startsWith('src/engine/ort/onnx/'))).toEqual([]);
  });

  test('the engine reaches it by the choice of an executor alone', () => {
    const engine = [...files.values()].filter(({ path }) => /^src\/engine\/(?!ort\/)/.test(path));
    const direct = engine.filter(({ imports }) => imports.some(isOrt)).map(({ path }) => path);
    expect(direct).toEqual(['src/engine/choose-executor.ts']);
    expect(reached(under('src/engine/choose-executor.ts'))).toContain('onnxruntime-web');
  });
});

const gpu = await openTestGpu();
gpu?.close();

describe('where ONNX Runtime cannot be imported', { timeout: 300_000 }, () => {
  const folder = mkdtempSync(join(tmpdir(), 'tiebreak-without-ort-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  const reference = referenceCases().find(({ name }) => name === 'tiny-a-nf4')!;
  const tokens = reference.tokens.slice(0, 2);
  beforeAll(() => buildCase(reference, folder));

  async function score(executor: 'wgsl' | 'ort') {
    const loaders = ['--import', 'tsx', '--import', './testing/refuse-ort.mjs'];
    const args = [...loaders, 'testing/wgsl/score.ts', folder, executor, JSON.stringify(tokens)];
    const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: root });
    return JSON.parse(stdout);
  }

  // Compiling takes half a minute on a software GPU.
  test.skipIf(gpu === null)('our kernels load and give the reference', async () => {
    const { executor, logits } = await score('wgsl');
    expect(executor).toBe('wgsl');
    expect(largestDifference(logits, reference.expected.none.slice(0, 2))).toBeLessThan(TOLERANCE);
  });

  test('the CPU backend, which needs it, reports it missing', async () => {
    const { code, message } = await score('ort');
    expect(code).toBe('engine/runtime');
    expect(message).toMatch(/ONNX Runtime could not be loaded: no onnxruntime-web here/);
  });
});
