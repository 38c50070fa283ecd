import { existsSync, readFileSync, statSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join } from 'node:path';
import { HOST_HEADERS, headersOf } from '../../vite.config.ts';
import { sendFile } from '../http-server.ts';
import { dist } from './workers.ts';

const TYPES: Record<string, string> = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.wasm': 'application/wasm',
  '.json': 'application/json',
  '.svg': 'image/svg+xml',
};

/** A host of the built app that can be stopped. */
export interface AppHost {
  url: string;
  /** Paths that were requested. */
  requests: string[];
  /** Files served instead of those of the build, by path. */
  replaced: Map<string, Buffer>;
  stop(): Promise<void>;
  /** Starts the host again at the same address. */
  start(): Promise<void>;
}

/** Serves the built app at its own port. @param headers by path; by default those of the app. */
export async function hostApp(headers: typeof HOST_HEADERS = HOST_HEADERS): Promise<AppHost> {
  const requests: string[] = [];
  const replaced = new Map<string, Buffer>();
  const server = createServer((request, response) => {
    const path = decodeURIComponent(request.url!.split('?')[0]!.slice(1)) || 'index.html';
    requests.push(path);
    const file = join(dist, path);
    const isThere = existsSync(file) && statSync(file).isFile();
    const content = replaced.get(path) ?? (isThere ? readFileSync(file) : undefined);
    for (const [name, values] of headersOf(headers, request.url)) {
      response.setHeader(name, values);
    }
    if (content === undefined) {
      response.writeHead(404).end();
      return;
    }
    const type = TYPES[extname(path)] ?? 'text/plain';
    sendFile(request, response, content, { 'Content-Type': type, ETag: `"${content.length}"` });
  });
  let port = 0;
  const start = () =>
    new Promise<void>((done) => {
      server.listen(port, '127.0.0.1', () => {
        port = (server.address() as AddressInfo).port;
        done();
      });
    });
  await start();
  return {
    url: `http://127.0.0.1:${port}/`,
    requests,
    replaced,
    start,
    stop() {
      server.closeAllConnections();
      return new Promise((done) => server.close(() => done()));
    },
  };
}
