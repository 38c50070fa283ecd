import { Readable } from 'node:stream';
import { afterEach, describe, expect, test } from 'vitest';
import type { HttpOptions } from '../../src/storage/http-client.ts';
import { HttpFiles } from '../../src/storage/http-files.ts';
import { readText } from '../../src/storage/package-files.ts';
import { refusal } from '../../testing/checkpoints.ts';
import {
  type Handler,
  sendFile,
  serve,
  serveRaw,
  type TestServer,
} from '../../testing/http-server.ts';

const file = Uint8Array.from({ length: 1000 }, (_, i) => (7 * i) % 256);
const MB = 2 ** 20;

const opened: { close(): unknown }[] = [];
afterEach(async () => {
  for (const server of opened.splice(0)) await server.close();
});

async function host(
  handler: Handler,
  options: HttpOptions = {},
): Promise<TestServer & { files: HttpFiles }> {
  const server = await serve(handler);
  opened.push(server);
  return { ...server, files: new HttpFiles(server.url, { backoffMs: 1, ...options }) };
}

/** A host that lets a file be opened, then answers correctly, unless `mishap` answers itself (and returns true). */
function mostlyGood(
  mishap: (attempt: number, ...args: Parameters<Handler>) => boolean,
  options?: HttpOptions,
) {
  let attempt = -1;
  return host((request, response) => {
    attempt += 1;
    if (attempt > 0 && mishap(attempt, request, response)) return;
    sendFile(request, response, file);
  }, options);
}

describe('reading', () => {
  test('reads ranges of a file, whose size the first byte tells', async () => {
    const { files, requests } = await host((request, response) =>
      sendFile(request, response, file),
    );
    const source = await files.open('a/b.bin');
    expect(source).toMatchObject({ name: 'a/b.bin', size: 1000, version: '"v1"' });
    expect(await source.read(10, 20)).toEqual(file.slice(10, 20));
    expect(await source.read(999, 1000)).toEqual(file.slice(999));
    expect(await source.read(5, 5)).toHaveLength(0);
    expect((await refusal(source.read(0, 1001))).code).toBe('storage/range');
    expect(requests).toEqual([
      'GET /a/b.bin bytes=0-1',
      'GET /a/b.bin bytes=10-19',
      'GET /a/b.bin bytes=999-999',
    ]);
  });

  test('the version is the date where there is no entity tag, else unknown', async () => {
    const date = 'Wed, 21 Oct 2015 07:28:00 GMT';
    const { files } = await host((request, response) => {
      if (request.url === '/dated') response.setHeader('Last-Modified', date);
      response.writeHead(200).end('abc');
    });
    expect((await files.open('dated')).version).toBe(date);
    expect((await files.open('plain')).version).toBeUndefined();
  });

  test('names stay names, whatever characters they have', async () => {
    const { files, requests } = await host((request, response) =>
      sendFile(request, response, file),
    );
    await files.open('a?b/c#d e%20.json');
    expect(requests).toEqual(['GET /a%3Fb/c%23d%20e%2520.json bytes=0-1']);
    expect((await refusal(files.open('../x'))).code).toBe('storage/path');
  });

  test('a file that is not there is missing, also on a host that answers with its page', async () => {
    const { files } = await host((request, response) => {
      if (request.url === '/page') {
        response.writeHead(200, { 'Content-Type': 'text/html; charset=utf-8' }).end('<html>');
      } else response.writeHead(404).end();
    });
    expect((await refusal(files.open('a'))).code).toBe('storage/missing');
    expect((await refusal(files.open('page'))).code).toBe('storage/missing');
  });

  test('an empty file has no first byte', async () => {
    const { files } = await host((request, response) =>
      sendFile(request, response, new Uint8Array(0)),
    );
    const source = await files.open('a');
    expect(source.size).toBe(0);
    expect(await source.read(0, 0)).toHaveLength(0);
  });

  test('a file of one byte, and a host that takes a last byte of 0 for the end', async () => {
    const { files } = await host((request, response) => {
      const content = file.subarray(0, request.url === '/one' ? 1 : 1000);
      // Like sirv, which Vite uses as its server.
      if (request.headers.range === 'bytes=0-0') request.headers.range = 'bytes=0-999';
      sendFile(request, response, content);
    });
    for (const [path, size] of [
      ['one', 1],
      ['many', 1000],
    ] as const) {
      const source = await files.open(path);
      expect(source.size).toBe(size);
      expect(await source.read(0, size)).toEqual(file.slice(0, size));
    }
  });

  test('a file that comes whole, with or without a length, is kept', async () => {
    const { files, requests } = await host((request, response) => {
      if (request.url === '/told') response.setHeader('Content-Length', 9);
      response.writeHead(200, { ETag: '"v1"' }).end('some text');
    });
    for (const path of ['told', 'untold']) expect(await readText(files, path)).toBe('some text');
    expect(requests).toEqual(['GET /told bytes=0-1', 'GET /untold bytes=0-1']);
  });

  test('a host that stops sending ranges sends the file once', async () => {
    const { files, requests } = await mostlyGood((_, _request, response) => {
      response.writeHead(200).end(file);
      return true;
    });
    const source = await files.open('a');
    expect(await source.read(5, 9)).toEqual(file.slice(5, 9));
    expect(await source.read(0, 4)).toEqual(file.slice(0, 4));
    expect(requests).toEqual(['GET /a bytes=0-1', 'GET /a bytes=5-8']);
  });

  test.each([200, 405])(
    'a small file whose total is hidden is read whole (HEAD: %d)',
    async (head) => {
      const { files, requests } = await host((request, response) => {
        // HEAD reports the length of a compressed body.
        if (request.method === 'HEAD') response.writeHead(head, { 'Content-Length': 40 }).end();
        else if (request.headers.range !== undefined)
          response.writeHead(206).end(file.subarray(0, 2));
        else response.writeHead(200).end(file);
      });
      const source = await files.open('a');
      expect(source.size).toBe(1000);
      expect(await source.read(0, 1000)).toEqual(file);
      expect(requests).toEqual(['GET /a bytes=0-1', 'HEAD /a', 'GET /a']);
    },
  );

  test('a large file whose total is hidden has the length that HEAD tells', async () => {
    const { files } = await host((request, response) => {
      if (request.method === 'HEAD') response.writeHead(200, { 'Content-Length': 65 * MB }).end();
      else {
        const [, start, end] = /(\d+)-(\d+)/.exec(request.headers.range!)!;
        response.writeHead(206).end(new Uint8Array(Number(end) - Number(start) + 1).fill(3));
      }
    });
    const source = await files.open('a');
    expect(source.size).toBe(65 * MB);
    expect(await source.read(60 * MB, 60 * MB + 4)).toEqual(new Uint8Array(4).fill(3));
  });

  test('a large file that is only sent whole is refused without being read', async () => {
    let sent = 0;
    function* megabytes() {
      for (let i = 0; i < 70; i += 1) {
        sent += MB;
        yield new Uint8Array(MB);
      }
    }
    const { files } = await host(({ url, headers }, response) => {
      if (url === '/later' && headers.range === 'bytes=0-1') {
        response.writeHead(206, { 'Content-Range': `bytes 0-1/${70 * MB}` }).end('xy');
        return;
      }
      response.writeHead(200, url === '/untold' ? {} : { 'Content-Length': 70 * MB });
      Readable.from(megabytes())
        .on('error', () => undefined)
        .pipe(response);
    });
    const error = { code: 'storage/no-ranges', place: { file: 'told' } };
    expect(await refusal(files.open('told'))).toMatchObject(error);
    const source = await files.open('later');
    expect((await refusal(source.read(0, 10))).code).toBe('storage/no-ranges');
    expect(sent).toBeLessThan(20 * MB);
    expect((await refusal(files.open('untold'))).code).toBe('storage/no-ranges');
  });
});

describe('temporary failures are retried', () => {
  test.each([408, 429, 500, 502, 503])('status %d', async (status) => {
    const { files, requests } = await mostlyGood((attempt, _, response) => {
      if (attempt < 5) response.writeHead(status).end('busy');
      return attempt < 5;
    });
    expect(await (await files.open('a')).read(0, 10)).toEqual(file.slice(0, 10));
    expect(requests).toHaveLength(6);
  });

  test('five times, then the error says what the server answered', async () => {
    const { files, requests } = await mostlyGood((_, _request, response) => {
      response.writeHead(503).end();
      return true;
    });
    const source = await files.open('a');
    expect(await refusal(source.read(0, 10))).toMatchObject({
      code: 'storage/network',
      message: expect.stringContaining('503'),
      place: { file: 'a' },
    });
    expect(requests).toHaveLength(6);
  });

  test('after as many seconds as the server says', async () => {
    const { files } = await mostlyGood((attempt, _, response) => {
      if (attempt === 1) response.writeHead(429, { 'Retry-After': '1' }).end();
      return attempt === 1;
    });
    const source = await files.open('a');
    const before = performance.now();
    await source.read(0, 10);
    expect(performance.now() - before).toBeGreaterThan(950);
  });

  test('a connection that breaks before or within the answer', async () => {
    const { files, requests } = await mostlyGood((attempt, request, response) => {
      if (attempt === 1) request.socket.destroy();
      else if (attempt === 2) {
        response.writeHead(206, { 'Content-Range': 'bytes 0-99/1000', 'Content-Length': 100 });
        response.write(file.subarray(0, 50), () => response.destroy());
      }
      return attempt < 3;
    });
    expect(await (await files.open('a')).read(0, 100)).toEqual(file.slice(0, 100));
    expect(requests).toHaveLength(4);
  });

  test.each<[string, number, string]>([
    ['fewer bytes', 60, 'bytes 0-99/1000'],
    ['more bytes', 130, 'bytes 0-99/1000'],
    ['a shorter range', 60, 'bytes 0-59/1000'],
    ['another range', 100, 'bytes 1-100/1000'],
  ])('an answer with %s', async (_, length, range) => {
    const { files, requests } = await mostlyGood((attempt, _request, response) => {
      if (attempt === 2) return false;
      response.writeHead(206, { 'Content-Range': range }).end(file.subarray(0, length));
      return true;
    });
    const source = await files.open('a');
    expect(await source.read(0, 100)).toEqual(file.slice(0, 100));
    expect(requests).toHaveLength(3);
    expect(await refusal(source.read(0, 100))).toMatchObject({
      code: 'storage/network',
      place: { file: 'a' },
    });
    expect(requests).toHaveLength(8);
  });

  test('a host that cannot be reached at all is given up sooner', async () => {
    const gone = await serve(() => undefined);
    await gone.close();
    const files = new HttpFiles(gone.url, { backoffMs: 1 });
    expect(await refusal(files.open('a'))).toMatchObject({
      code: 'storage/unreachable',
      message: `${gone.url.host} cannot be reached, so ${gone.url.href} cannot be read.`,
      action: expect.stringContaining('CORS'),
    });
  });

  test('a signal ends waiting and reading', async () => {
    for (const status of [503, 206]) {
      const abort = new AbortController();
      const { files } = await mostlyGood(
        (_, _request, response) => {
          response.writeHead(status, { 'Content-Range': 'bytes 0-9/1000' });
          // The response with 206 never ends.
          if (status === 503) response.end();
          else response.write('x');
          return true;
        },
        { signal: abort.signal, backoffMs: 60_000 },
      );
      const source = await files.open('a');
      const reading = refusal(source.read(0, 10));
      setTimeout(() => abort.abort(), 50);
      const before = performance.now();
      expect((await reading).code).toBe('run/cancelled');
      // Half of what it would wait without the signal.
      expect(performance.now() - before).toBeLessThan(30_000);
      expect((await refusal(files.open('a'))).code).toBe('run/cancelled');
    }
  });
});

describe('a file that changed on the server', () => {
  test.each<[string, Handler]>([
    ['another entity tag', (q, s) => sendFile(q, s, file, { ETag: '"v2"' })],
    ['another length', (q, s) => sendFile(q, s, file.subarray(0, 900), { ETag: '"v1"' })],
    ['it became shorter', (q, s) => sendFile(q, s, file.subarray(0, 3))],
    ['it is gone', (_, s) => s.writeHead(404).end()],
    ['a page in its place', (_, s) => s.writeHead(200).end('<html>please log in')],
  ])('%s', async (_, mishap) => {
    const { files, requests } = await mostlyGood((_attempt, request, response) => {
      mishap(request, response);
      return true;
    });
    const source = await files.open('a');
    expect(await refusal(source.read(10, 20))).toMatchObject({
      code: 'storage/changed',
      place: { file: 'a', byte: 10 },
    });
    expect(requests).toHaveLength(2);
  });

  test('weak and missing entity tags are not compared', async () => {
    for (const tag of ['W/"v2"', '']) {
      const { files } = await mostlyGood((_, request, response) => {
        sendFile(request, response, file, tag === '' ? {} : { ETag: tag });
        return true;
      });
      expect(await (await files.open('a')).read(0, 3)).toEqual(file.slice(0, 3));
    }
  });
});

describe('lengths that cannot be', () => {
  test.each(['9007199254740993', '18446744073709551615', `1${'0'.repeat(400)}`])(
    'a total of %s is refused',
    async (total) => {
      const { files } = await host((_, response) => {
        response.writeHead(206, { 'Content-Range': `bytes 0-1/${total}` }).end('xy');
      });
      expect(await refusal(files.open('a'))).toMatchObject({
        code: 'storage/network',
        message: expect.stringContaining('length'),
      });
    },
  );

  test.each(['18446744073709551615', '-5', '12abc', '0x10', '5, 6'])(
    'a Content-Length of %j is refused',
    async (length) => {
      const server = await serveRaw(`HTTP/1.1 200 OK\r\nContent-Length: ${length}\r\n\r\n`);
      opened.push(server);
      const files = new HttpFiles(server.url, { backoffMs: 1 });
      expect((await refusal(files.open('a'))).code).toMatch(
        /^storage\/(network|unreachable|no-ranges)$/,
      );
    },
  );

  test('an answer that is not HTTP is refused', async () => {
    const server = await serveRaw('hello\r\n\r\n');
    opened.push(server);
    const files = new HttpFiles(server.url, { backoffMs: 1 });
    expect((await refusal(files.open('a'))).code).toBe('storage/unreachable');
  });
});

describe('tokens', () => {
  test.each([401, 403])('status %d says that a token is needed', async (status) => {
    const { files, requests } = await host((_, response) => response.writeHead(status).end());
    expect(await refusal(files.open('a'))).toMatchObject({
      code: 'storage/denied',
      action: expect.stringContaining('token'),
    });
    expect(requests).toHaveLength(1);
  });

  test('a token goes with every request to the host, and not where the host redirects to', async () => {
    const seen: string[] = [];
    const note: Handler = ({ method, headers }) =>
      seen.push(`${method} ${headers.host} ${headers.authorization}`);
    const cdn = await host((request, response) => {
      note(request, response);
      sendFile(request, response, file);
    });
    const { files, url } = await host(
      (request, response) => {
        note(request, response);
        response.writeHead(302, { Location: `${cdn.url.href}blob` }).end();
      },
      { token: 'hf_secret' },
    );
    expect(await (await files.open('a')).read(0, 9)).toEqual(file.slice(0, 9));
    expect(seen).toEqual([
      `GET ${url.host} Bearer hf_secret`,
      `GET ${cdn.url.host} undefined`,
      `GET ${url.host} Bearer hf_secret`,
      `GET ${cdn.url.host} undefined`,
    ]);
  });

  test('a token that is none, or that would go over the network unencrypted, is refused', () => {
    for (const [url, token] of [
      ['https://huggingface.co/a/b/', 'hf_x\r\nX-Evil: 1'],
      ['https://huggingface.co/a/b/', ''],
      ['http://models.example/', 'hf_x'],
    ] as const) {
      expect(() => new HttpFiles(new URL(url), { token })).toThrowError(
        expect.objectContaining({ code: 'storage/token' }),
      );
    }
  });
});
