import { createHash } from 'node:crypto';
import { availableParallelism } from 'node:os';
import react from '@vitejs/plugin-react';
import type { Plugin, UserConfig } from 'vite';
import { defineConfig } from 'vitest/config';
import { aboutTexts } from './scripts/about-texts.ts';
import { ariaLanguages } from './scripts/aria-languages.ts';
import { serviceWorker } from './scripts/service-worker.ts';
import { headersOf } from './src/offline/shell.ts';

export { headersOf };

/**
 * The two style elements that React Aria adds to the page; a hash allows exactly these texts. The first keeps double
 * taps on buttons from zooming, the second (iOS only) keeps the page from scrolling under a dialog.
 */
export const REACT_ARIA_STYLES = [
  '@layer {\n  [data-react-aria-pressable] {\n    touch-action: pan-x pan-y pinch-zoom;\n  }\n}',
  '@layer {\n  * {\n    overscroll-behavior: contain;\n  }\n}',
];

const styleHashes = REACT_ARIA_STYLES.map(
  (text) => `'sha256-${createHash('sha256').update(text).digest('base64')}'`,
);

/**
 * The permissions of the built page and its workers. No other host can be reached, so texts cannot leave, whatever a
 * library does.
 */
const POLICY = [
  "default-src 'none'",
  // Our own files. WebAssembly (ONNX Runtime, hashing) needs its own keyword; eval of text stays forbidden.
  "script-src 'self' 'wasm-unsafe-eval'",
  // Our workers, and the threads of ONNX Runtime, which start from its own module file.
  "worker-src 'self'",
  // Style sheets are files. React sets styles through CSSOM, which needs no permission.
  `style-src 'self' ${styleHashes.join(' ')}`,
  // data: for small images in the style sheets.
  "img-src 'self' data:",
  "font-src 'self'",
  "manifest-src 'self'",
  // The embedded model, the example and ONNX Runtime's .wasm are beside the page. Dropped files are read without fetch.
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
];

/** The policy of the built page, for its <meta> element, and of the scripts of its workers. */
export const CONTENT_SECURITY_POLICY = POLICY.join('; ');

/** The policy of the worker that imports checkpoints. It may reach the hosts that the user names, and sees no texts. */
export const IMPORT_POLICY = mayReachHosts(CONTENT_SECURITY_POLICY);

/** The policy of the service worker. It stores the files of the app, and reaches no other host. */
export const OFFLINE_POLICY = "default-src 'none'; connect-src 'self'";

function mayReachHosts(policy: string): string {
  const hosts = 'https: http://localhost:* http://127.0.0.1:*';
  return policy.replace(/connect-src [^;]*/, (directive) => `${directive} ${hosts}`);
}

/**
 * Headers for hosts, by path pattern; a path has the headers of every pattern that it matches. A worker has the policy
 * of its own script's response, not of the page that starts it. Of several policies in a response all apply, so the one
 * for all paths must be no narrower than that of the import worker.
 */
export const HOST_HEADERS: Record<string, Record<string, string>> = {
  '/*': {
    // The page sets the rest itself, but browsers ignore this directive in a <meta>.
    'Content-Security-Policy': "frame-ancestors 'none'",
    // These two allow shared memory, so that the CPU computes with several threads.
    'Cross-Origin-Opener-Policy': 'same-origin',
    'Cross-Origin-Embedder-Policy': 'require-corp',
    'Referrer-Policy': 'no-referrer',
    'X-Content-Type-Options': 'nosniff',
  },
  '/assets/*': { 'Content-Security-Policy': CONTENT_SECURITY_POLICY },
  '/import/*': { 'Content-Security-Policy': IMPORT_POLICY },
  // Browsers check for a new version at each visit.
  '/sw.js': { 'Cache-Control': 'no-cache', 'Content-Security-Policy': OFFLINE_POLICY },
};

/** During development, Vite puts inline scripts and styles into the page and talks to it through a WebSocket. */
const DEV_POLICY = `${CONTENT_SECURITY_POLICY}; frame-ancestors 'none'`
  .replace("script-src 'self'", "script-src 'self' 'unsafe-inline'")
  .replace(/style-src [^;]*/, "style-src 'self' 'unsafe-inline'")
  .replace("connect-src 'self'", "connect-src 'self' ws:");

const DEV_HEADERS: typeof HOST_HEADERS = {
  '/*': { ...HOST_HEADERS['/*'], 'Content-Security-Policy': DEV_POLICY },
  '/src/packages/packages.worker.ts': { 'Content-Security-Policy': mayReachHosts(DEV_POLICY) },
};

/** Makes Vite's servers send the headers of hosts. (Their `headers` option knows no paths.) */
export function hostHeaders(): Plugin {
  return {
    name: 'tiebreak:host-headers',
    configurePreviewServer({ middlewares }) {
      middlewares.use((request, response, next) => {
        for (const [name, values] of headersOf(HOST_HEADERS, request.url)) {
          response.setHeader(name, values);
        }
        next();
      });
    },
    configureServer({ middlewares }) {
      middlewares.use((request, response, next) => {
        // Only the last policy, since here the narrow one is on every path.
        for (const [name, values] of headersOf(DEV_HEADERS, request.url)) {
          response.setHeader(name, values.at(-1)!);
        }
        next();
      });
    },
  };
}

/** Builds workers. The one that imports gets its own folder, so that hosts can give it its own policy. */
export const WORKERS: NonNullable<UserConfig['worker']> = {
  format: 'es',
  rolldownOptions: {
    output: {
      entryFileNames: ({ name }) =>
        `${name === 'packages.worker' ? 'import' : 'assets'}/[name]-[hash].js`,
    },
  },
};

/** Puts the policy into the built page. */
export function policyInPage(): Plugin {
  return {
    name: 'tiebreak:content-security-policy',
    apply: 'build',
    transformIndexHtml: {
      order: 'post',
      handler: () => [
        {
          tag: 'meta',
          attrs: { 'http-equiv': 'Content-Security-Policy', content: CONTENT_SECURITY_POLICY },
          injectTo: 'head-prepend',
        },
      ],
    },
  };
}

export default defineConfig({
  // Relative addresses: the built page works on any static host and under any path.
  base: './',
  plugins: [
    react(),
    ariaLanguages(),
    aboutTexts(),
    policyInPage(),
    hostHeaders(),
    serviceWorker(HOST_HEADERS),
  ],
  // Its .wasm files are found relative to its own modules, which pre-bundling would move.
  optimizeDeps: { exclude: ['onnxruntime-web'] },
  worker: WORKERS,
  build: {
    outDir: 'dist',
    target: 'es2023',
    // An inlined file would be a data: address, which the policy forbids for everything but images.
    assetsInlineLimit: 0,
    // Every browser with module workers supports modulepreload.
    modulePreload: { polyfill: false },
    // ONNX Runtime's own files are this large, in kB.
    chunkSizeWarningLimit: 1500,
    rolldownOptions: {
      output: {
        // What the page waits for in two files: forty small ones compress worse, and each is a request. What the
        // texts import is apart: the page waits for them while it starts, and they must not wait for the page.
        codeSplitting: {
          groups: [
            {
              name: 'words',
              tags: ['$initial'],
              test: /[/\\]src[/\\](?:texts|domain)[/\\]/,
              priority: 1,
            },
            { name: 'page', tags: ['$initial'] },
          ],
        },
      },
    },
  },
  test: {
    include: ['test/**/*.test.{ts,tsx}'],
    environment: 'node',
    // Tests check results, not speed; on a busy machine a second of work takes ten.
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // Vitest leaves one core unused, which on two cores would be half of the machine.
    maxWorkers: Math.max(2, availableParallelism() - 1),
    // Excluded by `npm test`, included by `npm run test:all`.
    tags: [{ name: 'slow', description: 'Takes long on a software GPU.' }],
  },
});
