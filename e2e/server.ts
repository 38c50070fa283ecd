/**
 * Serves what the browser tests need: the built app as `vite preview` serves it, and a page that gives tests the engine
 * without the screens, with packages of the reference models beside it.
 */
import { cpSync, existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build, preview } from 'vite';
import { buildPackage } from '../src/model/build.ts';
import { NodeDirectory, NodeSink } from '../src/storage/node-file.ts';
import { HOST_HEADERS } from '../vite.config.ts';
import { APP_PORT, HARNESS_PORT, REFERENCE_PACKAGES } from './settings.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const harness = join(root, '.cache/harness');

if (!existsSync(join(root, 'dist/index.html'))) await build({ root, logLevel: 'warn' });
await build({
  configFile: false,
  root: join(root, 'e2e/harness'),
  base: './',
  logLevel: 'warn',
  worker: { format: 'es' },
  build: {
    outDir: harness,
    emptyOutDir: true,
    target: 'es2023',
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 1500,
  },
});
const fixtures = join(root, 'test/fixtures');
for (const { name, model, base, quant } of REFERENCE_PACKAGES) {
  await buildPackage(
    {
      base: new NodeDirectory(join(fixtures, model, base)),
      adapters: [{ name: 'ref', files: new NodeDirectory(join(fixtures, model, 'adapter')) }],
      quant,
      name,
    },
    new NodeSink(join(harness, name)),
  );
}
// A tokenizer for bench/page.ts, beside the packages.
cpSync(join(root, 'public/models/demo'), join(harness, 'demo'), { recursive: true });
await preview({
  configFile: false,
  root: join(root, '.cache'),
  build: { outDir: 'harness' },
  preview: { port: HARNESS_PORT, strictPort: true, headers: HOST_HEADERS },
});
await preview({ root, preview: { port: APP_PORT, strictPort: true } });
