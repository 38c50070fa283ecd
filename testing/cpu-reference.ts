import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll } from 'vitest';
import type { Backend } from '../src/engine/device/backend.ts';
import { openNodeBackend } from '../src/engine/device/backend-node.ts';
import { Engine } from '../src/engine/engine.ts';
import { ModelPackage } from '../src/model/package.ts';
import { NodeDirectory } from '../src/storage/node-file.ts';
import { buildCase } from './reference-cases.ts';

/** Reference models on the CPU, for one file of tests. Its hooks are those of the suite that calls. */
export class CpuReferences {
  /** Open from the first test on. */
  backend!: Backend;
  private readonly folder = mkdtempSync(join(tmpdir(), 'tiebreak-reference-'));
  private readonly lines: string[] = [];

  constructor() {
    beforeAll(async () => {
      this.backend = await openNodeBackend('wasm');
    });
    afterAll(() => {
      console.warn(`largest differences from the reference\n${this.lines.join('\n')}`);
      rmSync(this.folder, { recursive: true, force: true });
    });
  }

  /** Adds a line to what the file prints at its end. */
  report(line: string): void {
    this.lines.push(line);
  }

  /** Builds and loads the package of a case for the tests of a suite; its fields are set from the first test on. */
  load(reference: Parameters<typeof buildCase>[0]): { pkg: ModelPackage; engine: Engine } {
    const directory = join(this.folder, reference.name);
    const loaded = {} as { pkg: ModelPackage; engine: Engine };
    beforeAll(async () => {
      await buildCase(reference, directory);
      loaded.pkg = await ModelPackage.open(new NodeDirectory(directory));
      loaded.engine = await Engine.load(loaded.pkg, this.backend);
    });
    afterAll(() => loaded.engine.dispose());
    return loaded;
  }
}
