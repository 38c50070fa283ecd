/**
 * Serves what the browser tests need: the built app as `vite preview` serves it, and a page that gives tests the engine
 * without the screens, with packages of the reference models beside it. With `E2E_PREBUILT` both are served as they lie there.
 */
import { cpSync, existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build, preview } from 'vite';
import { hostHeaders, WORKERS } from '../../vite.config.ts';
import { buildCase, referenceCases } from '../reference-cases.ts';
import { APP_PORT, HARNESS_PORT } from './settings.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const harness = join(root, '.cache/harness');

if (process.env.E2E_PREBUILT === undefined) await buildAll();
await preview({
  configFile: false,
  root: join(root, '.cache'),
  build: { outDir: 'harness' },
  plugins: [hostHeaders()],
  preview: { port: HARNESS_PORT, strictPort: true },
});
await preview({ root, preview: { port: APP_PORT, strictPort: true } });

async function buildAll(): Promise<void> {
  if (!existsSync(join(root, 'dist/index.html'))) await build({ root, logLevel: 'warn' });
  await build({
    configFile: false,
    root: join(root, 'testing/harness'),
    base: './',
    logLevel: 'warn',
    worker: WORKERS,
    build: {
      outDir: harness,
      emptyOutDir: true,
      target: 'es2023',
      assetsInlineLimit: 0,
      chunkSizeWarningLimit: 1500,
    },
  });
  for (const reference of referenceCases())
    await buildCase(reference, join(harness, reference.name));
  // A tokenizer for bench/page.ts, beside the packages.
  cpSync(join(root, 'public/models/demo'), join(harness, 'demo'), { recursive: true });
}
