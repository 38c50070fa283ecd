/**
 * Serves everything that browser tests need: the built app as `vite preview` serves it, the app with options for tests
 * (`testing/app`), and a page that offers the engine without screens, with packages of the reference models. With
 * `E2E_PREBUILT` existing builds are served.
 */
import { cpSync, existsSync, readFileSync } from 'node:fs';
import { extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import react from '@vitejs/plugin-react';
import { build, type InlineConfig, type Plugin, preview } from 'vite';
import { aboutTexts } from '../../scripts/about-texts.ts';
import { hostHeaders, policyInPage, WORKERS } from '../../vite.config.ts';
import { buildCase, referenceCases } from '../reference-cases.ts';
import { APP_PORT, HARNESS_PORT } from './settings.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const harness = join(root, '.cache/harness');
const appWithOptions = join(root, '.cache/app-with-options');

if (process.env.E2E_PREBUILT === undefined) await buildAll();
await preview({
  configFile: false,
  root: join(root, '.cache'),
  build: { outDir: 'harness' },
  plugins: [hostHeaders()],
  preview: { port: HARNESS_PORT, strictPort: true },
});
await preview({
  root,
  plugins: [filesOf(appWithOptions)],
  preview: { port: APP_PORT, strictPort: true },
});

async function buildAll(): Promise<void> {
  if (!existsSync(join(root, 'dist/index.html'))) await build({ root, logLevel: 'warn' });
  await build({
    ...buildOf('testing/app', appWithOptions, 'with-options.html'),
    plugins: [react(), aboutTexts(), policyInPage()],
  });
  await build(buildOf('testing/harness', harness, 'index.html'));
  for (const reference of referenceCases())
    await buildCase(reference, join(harness, reference.name));
  // A tokenizer for bench/page.ts, beside the packages.
  cpSync(join(root, 'public/models/demo'), join(harness, 'demo'), { recursive: true });
}

function buildOf(folder: string, outDir: string, page: string): InlineConfig {
  return {
    configFile: false,
    root: join(root, folder),
    base: './',
    logLevel: 'warn',
    worker: WORKERS,
    build: {
      outDir,
      emptyOutDir: true,
      target: 'es2023',
      assetsInlineLimit: 0,
      chunkSizeWarningLimit: 1500,
      modulePreload: { polyfill: false },
      rolldownOptions: { input: join(root, folder, page) },
    },
  };
}

/**
 * Serves a folder beside the server's own files. Scripts of two builds differ in their hashes, so neither hides the
 * other.
 */
function filesOf(folder: string): Plugin {
  const types = { '.html': 'text/html', '.js': 'text/javascript', '.css': 'text/css' };
  return {
    name: 'tiebreak:files-of',
    configurePreviewServer({ middlewares }) {
      middlewares.use((request, response, next) => {
        const path = join(folder, new URL(request.url!, 'http://localhost').pathname);
        const type = Object.entries(types).find(([ending]) => ending === extname(path))?.[1];
        if (type === undefined || !existsSync(path)) return next();
        response.setHeader('Content-Type', type);
        response.end(readFileSync(path));
      });
    },
  };
}
