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
 * The two style elements that React Aria adds to the page; a hash allows exactly these texts. The first keeps
 * double taps on buttons from zooming, the second (iOS only) keeps the page from scrolling under a dialog.
 */
export const REACT_ARIA_STYLES = [
  '@layer {\n  [data-react-aria-pressable] {\n    touch-action: pan-x pan-y pinch-zoom;\n  }\n}',
  '@layer {\n  * {\n    overscroll-behavior: contain;\n  }\n}',
];

const styleHashes = REACT_ARIA_STYLES.map(
  (text) => `'sha256-${createHash('sha256').update(text).digest('base64')}'`,
);

/**
 * What the built page and its workers may do. No other host can be reached: texts cannot leave, whatever a library
 * does.
 */
const POLICY = [
  "default-src 'none'",
  // Our own files. WebAssembly (ONNX Runtime, hashing) needs a word of its own; eval of text stays forbidden.
  "script-src 'self' 'wasm-unsafe-eval'",
  // Our workers and the threads of ONNX Runtime, which start from its own module file.
  "worker-src 'self'",
  // Style sheets are files. React sets styles through CSSOM, which needs no permission.
  `style-src 'self' ${styleHashes.join(' ')}`,
  // data: for small pictures in the style sheet.
  "img-src 'self' data:",
  "font-src 'self'",
  "manifest-src 'self'",
  // The embedded model, the example and ONNX Runtime's .wasm lie beside the page. Dropped files are read without fetch.
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
];

/** The policy of the built page, as its <meta> element says it, and of the scripts of its workers. */
export const CONTENT_SECURITY_POLICY = POLICY.join('; ');

/** The policy of the worker that imports checkpoints. It reaches the hosts that the user names, and sees no texts. */
export const IMPORT_POLICY = mayReachHosts(CONTENT_SECURITY_POLICY);

/** The policy of the service worker. It stores the files of the app, and reaches nothing else. */
export const OFFLINE_POLICY = "default-src 'none'; connect-src 'self'";

function mayReachHosts(policy: string): string {
  const hosts = 'https: http://localhost:* http://127.0.0.1:*';
  return policy.replace(/connect-src [^;]*/, (directive) => `${directive} ${hosts}`);
}

/**
 * Headers for hosts, by path; a path has those of every pattern that it matches. A worker has the policy of its own
 * script's answer, not of the page that starts it. Several policies of one answer all hold, so what all paths have in
 * common must be no narrower than the policy of the import worker.
 */
export const HOST_HEADERS: Record<string, Record<string, string>> = {
  '/*': {
    // The page says the rest itself, but browsers ignore this in a <meta>.
    'Content-Security-Policy': "frame-ancestors 'none'",
    // These two give shared memory, so that the CPU computes with several threads.
    'Cross-Origin-Opener-Policy': 'same-origin',
    'Cross-Origin-Embedder-Policy': 'require-corp',
    'Referrer-Policy': 'no-referrer',
    'X-Content-Type-Options': 'nosniff',
  },
  '/assets/*': { 'Content-Security-Policy': CONTENT_SECURITY_POLICY },
  '/import/*': { 'Content-Security-Policy': IMPORT_POLICY },
  // Browsers look for a new version at each visit.
  '/sw.js': { 'Cache-Control': 'no-cache', 'Content-Security-Policy': OFFLINE_POLICY },
};

/** While developing, Vite puts inline scripts and styles into the page and talks to it through a WebSocket. */
const DEV_POLICY = `${CONTENT_SECURITY_POLICY}; frame-ancestors 'none'`
  .replace("script-src 'self'", "script-src 'self' 'unsafe-inline'")
  .replace(/style-src [^;]*/, "style-src 'self' 'unsafe-inline'")
  .replace("connect-src 'self'", "connect-src 'self' ws:");

const DEV_HEADERS: typeof HOST_HEADERS = {
  '/*': { ...HOST_HEADERS['/*'], 'Content-Security-Policy': DEV_POLICY },
  '/src/packages/packages.worker.ts': { 'Content-Security-Policy': mayReachHosts(DEV_POLICY) },
};

/** Vite's servers send what hosts send. (Their `headers` option knows no paths.) */
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
        // Only the last policy: here the narrow one is on every path.
        for (const [name, values] of headersOf(DEV_HEADERS, request.url)) {
          response.setHeader(name, values.at(-1)!);
        }
        next();
      });
    },
  };
}

/**
 * How workers are built: the one that imports lies in a folder of its own, so that hosts can give it its own policy.
 */
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
    // An inlined file would be a data: address, which the policy forbids for anything but pictures.
    assetsInlineLimit: 0,
    // Every browser with module workers knows modulepreload.
    modulePreload: { polyfill: false },
    // ONNX Runtime's own files are this large.
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
    // Tests judge results, not speed: on a busy machine a second of work takes ten.
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // Vitest leaves a core free for itself, which on two cores would be half of the machine.
    maxWorkers: Math.max(2, availableParallelism() - 1),
    // Left out by `npm test`, run by `npm run test:all`.
    tags: [{ name: 'slow', description: 'Takes long on a software GPU.' }],
  },
});
