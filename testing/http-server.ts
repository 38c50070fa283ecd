import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createServer as createRawServer } from 'node:net';

export type Handler = (request: IncomingMessage, response: ServerResponse) => void;

export interface TestServer {
  url: URL;
  /** Method, path and range of every request, for example `GET /a bytes=0-9`. */
  requests: string[];
  close(): Promise<void>;
}

/** Starts a local web server with the test's answers. */
export async function serve(handler: Handler): Promise<TestServer> {
  const requests: string[] = [];
  const server = createServer((request, response) => {
    const { range } = request.headers;
    requests.push([request.method, request.url, range].filter(Boolean).join(' '));
    handler(request, response);
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  return {
    url: new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`),
    requests,
    close: () => {
      server.closeAllConnections();
      return new Promise((done) => server.close(() => done()));
    },
  };
}

/** Starts a server that sends the same text to every client, HTTP or not. */
export async function serveRaw(text: string): Promise<{ url: URL; close(): void }> {
  const server = createRawServer((socket) => {
    socket.on('error', () => socket.destroy());
    socket.once('data', () => socket.end(text));
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const { port } = server.address() as AddressInfo;
  return { url: new URL(`http://127.0.0.1:${port}/`), close: () => server.close() };
}

/** Answers correctly with a file: HEAD, ranges and an entity tag. */
export function sendFile(
  request: IncomingMessage,
  response: ServerResponse,
  file: Uint8Array,
  headers: Record<string, string> = {},
): void {
  const match = /^bytes=(\d+)-(\d+)$/.exec(request.headers.range ?? '');
  const common = { 'Accept-Ranges': 'bytes', ETag: '"v1"', ...headers };
  if (match === null) {
    response.writeHead(200, { 'Content-Length': file.length, ...common });
    response.end(request.method === 'HEAD' ? undefined : file);
    return;
  }
  const [start, end] = [Number(match[1]), Math.min(Number(match[2]) + 1, file.length)];
  if (start >= file.length) {
    response.writeHead(416, { 'Content-Range': `bytes */${file.length}`, ...common }).end();
    return;
  }
  const range = `bytes ${start}-${end - 1}/${file.length}`;
  response.writeHead(206, { 'Content-Range': range, 'Content-Length': end - start, ...common });
  response.end(file.subarray(start, end));
}
