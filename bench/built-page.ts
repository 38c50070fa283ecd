import { cpSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Connect, preview } from 'vite';

/** A server of the built page. */
export interface BuiltPage {
  url: string;
  close(): Promise<void>;
}

/**
 * Serves a copy of the built page (`npm run build`), so that it can be rebuilt meanwhile.
 *
 * @param engineCode Put before the script of the engine's worker, to look into it.
 * @param also Answers other requests first.
 */
export async function serveBuiltPage(
  port: number,
  { engineCode, also }: { engineCode?: string; also?: Connect.NextHandleFunction } = {},
): Promise<BuiltPage> {
  const root = fileURLToPath(new URL('..', import.meta.url));
  const dist = mkdtempSync(join(tmpdir(), 'tiebreak-dist-'));
  cpSync(join(root, 'dist'), dist, { recursive: true });
  const server = await preview({
    root,
    logLevel: 'error',
    build: { outDir: dist },
    preview: { port, strictPort: true },
    plugins: [
      {
        name: 'tiebreak:bench',
        configurePreviewServer({ middlewares }) {
          if (also !== undefined) middlewares.use(also);
          middlewares.use((request, response, pass) => {
            if (engineCode === undefined || !request.url?.startsWith('/assets/engine.worker-')) {
              return pass();
            }
            response.setHeader('Content-Type', 'text/javascript');
            return response.end(engineCode + readFileSync(join(dist, request.url), 'utf8'));
          });
        },
      },
    ],
  });
  return {
    url: `http://localhost:${port}/`,
    async close() {
      await server.close();
      rmSync(dist, { recursive: true });
    },
  };
}
