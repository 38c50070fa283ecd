import { createHash } from 'node:crypto';
import react from '@vitejs/plugin-react';
import type { Plugin } from 'vite';
import { defineConfig } from 'vitest/config';

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

/** What the built page may do. No other host can be reached: texts cannot leave, whatever a library does. */
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
  // The embedded model, the example and ONNX Runtime's .wasm lie beside the page. Dropped files are read without fetch.
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
];

/** The policy of the built page, as its <meta> element says it. */
export const CONTENT_SECURITY_POLICY = POLICY.join('; ');

/** Headers for hosts; browsers ignore frame-ancestors in a <meta>, so it is only here. */
export const HOST_HEADERS = {
  'Content-Security-Policy': `${CONTENT_SECURITY_POLICY}; frame-ancestors 'none'`,
  // These two give shared memory, so that the CPU computes with several threads.
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'require-corp',
  'Referrer-Policy': 'no-referrer',
  'X-Content-Type-Options': 'nosniff',
};

/** While developing, Vite puts inline scripts and styles into the page and talks to it through a WebSocket. */
const DEV_POLICY = CONTENT_SECURITY_POLICY.replace(
  "script-src 'self'",
  "script-src 'self' 'unsafe-inline'",
)
  .replace(/style-src [^;]*/, "style-src 'self' 'unsafe-inline'")
  .replace("connect-src 'self'", "connect-src 'self' ws:");

function policyInPage(): Plugin {
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
  plugins: [react(), policyInPage()],
  // Its .wasm files are found relative to its own modules, which pre-bundling would move.
  optimizeDeps: { exclude: ['onnxruntime-web'] },
  worker: { format: 'es' },
  build: {
    outDir: 'dist',
    target: 'es2023',
    // An inlined file would be a data: address, which the policy forbids for anything but pictures.
    assetsInlineLimit: 0,
    // Every browser with module workers knows modulepreload.
    modulePreload: { polyfill: false },
    // ONNX Runtime's own files are this large.
    chunkSizeWarningLimit: 1500,
  },
  server: { headers: { ...HOST_HEADERS, 'Content-Security-Policy': DEV_POLICY } },
  preview: { headers: HOST_HEADERS },
  test: { include: ['test/**/*.test.{ts,tsx}'], environment: 'node' },
});
