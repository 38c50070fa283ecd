import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Dice } from '../fuzz/dice.ts';
import { sendFile, serve, type TestServer } from '../http-server.ts';

type Answer = (request: IncomingMessage, response: ServerResponse, file: Uint8Array) => void;

/** Faults of a host, by name. */
const FAULTS: Record<string, (dice: Dice, other: Uint8Array) => Answer> = {
  drop: () => (request) => request.socket.destroy(),
  cut: (dice) => (request, response, file) => {
    const part = partOf(request, file);
    response.writeHead(206, { ...rangeOf(request, file), 'Content-Length': part.length });
    response.write(part.subarray(0, dice.below(part.length + 1)));
    setTimeout(() => request.socket.destroy(), 2);
  },
  short: (dice) => (request, response, file) => {
    const part = partOf(request, file);
    response.writeHead(206, rangeOf(request, file)).end(part.subarray(0, dice.below(part.length)));
  },
  long: (dice) => (request, response, file) => {
    response.writeHead(206, rangeOf(request, file));
    response.end(Buffer.concat([partOf(request, file), dice.bytes(1 + dice.below(5000))]));
  },
  'wrong total': (dice) => (request, response, file) => {
    const { 'Content-Range': range } = rangeOf(request, file);
    const total = dice.pick([0, 1, file.length + 1, 2 * file.length, 1e12, 1e30]);
    response.writeHead(206, { 'Content-Range': range.replace(/\d+$/, String(total)) });
    response.end(partOf(request, file));
  },
  'wrong range': (dice) => (request, response, file) => {
    const shift = 1 + dice.below(100);
    const [start, end] = wanted(request, file);
    const range = `bytes ${start + shift}-${end - 1 + shift}/${file.length}`;
    response.writeHead(206, { 'Content-Range': range }).end(partOf(request, file));
  },
  flip: (dice) => (request, response, file) => {
    const flipped = file.slice();
    const [start, end] = wanted(request, file);
    if (end > start) flipped[start + dice.below(end - start)]! ^= 1 << dice.below(8);
    sendFile(request, response, flipped);
  },
  html: () => (_, response) => {
    response.writeHead(200, { 'Content-Type': 'text/html' }).end('<html>Sign in</html>');
  },
  'html as a range': () => (request, response, file) => {
    response.writeHead(206, { ...rangeOf(request, file), 'Content-Type': 'text/html' });
    response.end('<html>Sign in</html>'.repeat(300).slice(0, partOf(request, file).length));
  },
  '416': () => (_, response, file) => {
    response.writeHead(416, { 'Content-Range': `bytes */${file.length}` }).end();
  },
  'no ranges': () => (_, response, file) => void response.writeHead(200).end(file),
  'no ranges, wrong file': (_, other) => (__, response) => void response.writeHead(200).end(other),
  'no length': () => (request, response, file) => {
    response.writeHead(206, { 'Content-Range': 'bytes */*' }).end(partOf(request, file));
  },
  replaced: (_, other) => (request, response) =>
    sendFile(request, response, other, { ETag: '"v2"' }),
  'replaced, same tag': (_, other) => (request, response) => sendFile(request, response, other),
  'no answer': () => () => undefined,
  'no end': (dice) => (request, response, file) => {
    const part = partOf(request, file);
    response.writeHead(206, { ...rangeOf(request, file), 'Content-Length': part.length });
    response.write(part.subarray(0, dice.below(part.length)));
  },
  busy: (dice) => (_, response) => {
    const wait = dice.pick(['0', '1', '9999', 'Wed, 21 Oct 2099 07:28:00 GMT', 'soon']);
    response.writeHead(dice.pick([408, 429, 503]), { 'Retry-After': wait }).end();
  },
  broken: (dice) => (_, response) => {
    response.writeHead(dice.pick([400, 401, 403, 404, 410, 500, 502, 504])).end('no');
  },
  'empty success': (dice) => (_, response) =>
    void response.writeHead(dice.pick([200, 204, 206])).end(),
  'another address': () => (request, response) => {
    response.writeHead(302, { Location: request.url! }).end();
  },
};

/** The behaviour of a faulty host. */
export interface Temper {
  /** Faults that may occur. */
  kinds: string[];
  /** Probability of a fault at each request, 0 to 1. */
  chance: number;
  /** Number of faults after which the host behaves. */
  most: number;
  /** Number of requests after which every file is replaced by another version; by default never. */
  replacedAfter?: number;
}

/** Names of all faults. */
export const FAULT_KINDS = Object.keys(FAULTS);

/** Serves a package with faults. `other` is another version of it. Counts the faults in `faults`. */
export async function serveBadly(
  files: ReadonlyMap<string, Uint8Array>,
  other: ReadonlyMap<string, Uint8Array>,
  temper: Temper,
  dice: Dice,
  faults: Map<string, number>,
): Promise<TestServer> {
  let requests = 0;
  let done = 0;
  return serve((request, response) => {
    requests += 1;
    const path = decodeURIComponent(request.url!.slice(1));
    const isReplaced = requests > (temper.replacedAfter ?? Number.POSITIVE_INFINITY);
    const [now, then] = isReplaced ? [other, files] : [files, other];
    const file = now.get(path);
    if (file === undefined) {
      response.writeHead(404).end();
      return;
    }
    if (done < temper.most && dice.chance(temper.chance)) {
      done += 1;
      const kind = dice.pick(temper.kinds);
      faults.set(kind, (faults.get(kind) ?? 0) + 1);
      FAULTS[kind]!(dice, then.get(path)!)(request, response, file);
      return;
    }
    sendFile(request, response, file, isReplaced ? { ETag: '"v2"' } : {});
  });
}

function wanted({ headers }: IncomingMessage, file: Uint8Array): [number, number] {
  const match = /^bytes=(\d+)-(\d+)$/.exec(headers.range ?? '');
  if (match === null) return [0, file.length];
  const end = Math.min(file.length, Number(match[2]) + 1);
  return [Math.min(Number(match[1]), end), end];
}

function partOf(request: IncomingMessage, file: Uint8Array): Uint8Array {
  return file.subarray(...wanted(request, file));
}

function rangeOf(request: IncomingMessage, file: Uint8Array) {
  const [start, end] = wanted(request, file);
  return { 'Content-Range': `bytes ${start}-${end - 1}/${file.length}` };
}
