import { aborted, TiebreakError, throwIfAborted } from '../domain/errors.ts';
import { joinBytes } from './bytes.ts';
import { givenAddress } from './hub-address.ts';

const TRIES = 5;
/**
 * Before a host has answered once, a wrong address is likelier than a hiccup; nobody should wait for five tries then.
 */
const FIRST_TRIES = 2;
const BACKOFF_MS = 500;
const MAX_WAIT_MS = 5 * 60_000;
const STALL_MS = 60_000;

export interface HttpOptions {
  /** Sent as a bearer token with every request. */
  token?: string;
  /** Ends requests and waiting; what is under way rejects with `run/cancelled`. */
  signal?: AbortSignal;
  /** `no-store` keeps what is read only once out of the browser's cache. */
  cache?: 'no-store';
  /** Waiting time before the second try; it doubles with every further one. For tests. */
  backoffMs?: number;
  /** The longest pause that a host may ask for with `Retry-After`. */
  maxWaitMs?: number;
  /** A connection over which nothing comes for so long is given up and opened anew. Default one minute. */
  stallMs?: number;
}

/** An answer whose body was read. `bytes` is null when the body is longer than what was allowed. */
export interface Answer {
  response: Response;
  bytes: Uint8Array<ArrayBuffer> | null;
}

/** A failure that may be gone at the next try. */
class Passing extends Error {
  readonly error: TiebreakError;
  /** Least time to wait, in ms. */
  readonly wait: number;

  constructor(error: TiebreakError, wait = 0) {
    super(error.message);
    this.error = error;
    this.wait = wait;
  }
}

/** Requests to one host that are tried again, with growing pauses, while they fail in ways that pass. */
export class HttpClient {
  private readonly options: HttpOptions;
  private answered = false;

  constructor(options: HttpOptions) {
    this.options = options;
  }

  /** The answer to a HEAD request, whatever its status, except those that pass. */
  head(url: URL, path: string): Promise<Response> {
    return this.retry(async () => {
      const { response, end } = await this.send(url, path, { method: 'HEAD' });
      end();
      return response;
    });
  }

  /**
   * The answer to a GET request, whatever its status, except those that pass. With `range` (end exclusive), an answer
   * of status 206 has exactly these bytes, or fewer where the file ends; others may have up to `limit`. Bodies of
   * failures are not read.
   */
  get(url: URL, path: string, range: [number, number] | null, limit: number): Promise<Answer> {
    return this.retry(async () => {
      const headers = range === null ? undefined : { Range: `bytes=${range[0]}-${range[1] - 1}` };
      const { response, end, progress } = await this.send(url, path, { headers });
      try {
        if (!response.ok) {
          await response.body?.cancel();
          return { response, bytes: null };
        }
        const due =
          response.status === 206 && range !== null ? bytesDue(path, response, range) : undefined;
        const bytes = await readBody(path, response, due ?? limit, progress);
        if (due !== undefined && bytes?.length !== due) {
          const sent = bytes === null ? `more than ${due}` : bytes.length;
          throw new Passing(
            networkError(path, `The server sent ${sent} bytes of ${path} where ${due} were due.`),
          );
        }
        return { response, bytes };
      } finally {
        end();
      }
    });
  }

  private async retry<T>(work: () => Promise<T>): Promise<T> {
    const { signal, backoffMs = BACKOFF_MS, maxWaitMs = MAX_WAIT_MS } = this.options;
    for (let attempt = 1; ; attempt += 1) {
      throwIfAborted(signal);
      try {
        return await work();
      } catch (thrown) {
        throwIfAborted(signal);
        if (!(thrown instanceof Passing)) throw thrown;
        if (attempt >= (this.answered ? TRIES : FIRST_TRIES)) throw thrown.error;
        const backoff = backoffMs * 2 ** (attempt - 1) * (0.5 + Math.random());
        await sleep(Math.max(backoff, Math.min(thrown.wait, maxWaitMs)), signal);
      }
    }
  }

  /** Sends a request. The caller calls `end` when it is done with the answer, and `progress` whenever bytes come. */
  private async send(url: URL, path: string, init: RequestInit) {
    const { token, signal, cache, stallMs = STALL_MS } = this.options;
    const abort = new AbortController();
    const stop = () => abort.abort();
    signal?.addEventListener('abort', stop);
    let stalled = setTimeout(stop, stallMs);
    const progress = () => {
      clearTimeout(stalled);
      stalled = setTimeout(stop, stallMs);
    };
    const end = () => {
      clearTimeout(stalled);
      signal?.removeEventListener('abort', stop);
    };
    const headers = new Headers(init.headers);
    // The browser takes it off again when the host redirects to another one.
    if (token !== undefined) headers.set('Authorization', `Bearer ${token}`);
    try {
      const response = await fetch(url, { ...init, headers, signal: abort.signal, cache });
      this.answered = true;
      const { status } = response;
      // 501 is the answer of a server that does not know HEAD.
      if (status === 408 || status === 429 || (status >= 500 && status !== 501)) {
        await response.body?.cancel();
        throw new Passing(refusedError(path, response), retryAfter(response));
      }
      return { response, end, progress };
    } catch (thrown) {
      end();
      if (thrown instanceof Passing) throw thrown;
      throw new Passing(unreachable(url, path, thrown));
    }
  }
}

/** The error for an answer that is no success. */
export function refusedError(path: string, response: Response): TiebreakError {
  return networkError(
    path,
    `The server answered ${response.status} ${response.statusText} for ${path}.`,
  );
}

/** The error for a host that does not answer. It names what the user gave, which the address of a file is not. */
function unreachable(url: URL, path: string, cause: unknown): TiebreakError {
  const given = givenAddress(url, path);
  return new TiebreakError('storage/unreachable', { params: { host: url.host, given }, cause });
}

/** The error for a server or a connection that did not do what it should. */
export function networkError(path: string, message: string, cause?: unknown): TiebreakError {
  return new TiebreakError('storage/network', {
    params: { why: message },
    place: { file: path },
    cause,
  });
}

/** `Content-Range` of an answer as `start` (inclusive), `end` (exclusive) and `total`; null where it cannot be seen. */
export function contentRange(response: Response): [number, number, number] | null {
  const match = /^bytes (\d+)-(\d+)\/(\d+)$/.exec(response.headers.get('content-range') ?? '');
  return match === null ? null : [Number(match[1]), Number(match[2]) + 1, Number(match[3])];
}

/** How many bytes an answer to a request for a range must have. */
function bytesDue(path: string, response: Response, [start, end]: [number, number]): number {
  const sent = contentRange(response);
  // Servers of other origins may hide the header; the number of bytes is checked in any case.
  if (sent === null) return end - start;
  if (sent[0] === start && sent[1] === Math.min(end, sent[2])) return sent[1] - start;
  throw new Passing(
    networkError(
      path,
      `The server sent bytes ${sent[0]} to ${sent[1]} of ${path} where ${start} to ${end} were asked for.`,
    ),
  );
}

/** The body, or null when it is longer than `limit` bytes; no more than these are read. */
async function readBody(
  path: string,
  response: Response,
  limit: number,
  progress: () => void,
): Promise<Uint8Array<ArrayBuffer> | null> {
  const chunks: Uint8Array<ArrayBuffer>[] = [];
  let length = 0;
  if (Number(response.headers.get('content-length')) > limit) {
    await response.body?.cancel();
    return null;
  }
  try {
    const reader = response.body?.getReader();
    for (let part = await reader?.read(); part?.value !== undefined; part = await reader?.read()) {
      progress();
      length += part.value.length;
      if (length > limit) {
        await reader?.cancel();
        return null;
      }
      chunks.push(part.value);
    }
  } catch (cause) {
    throw new Passing(
      networkError(path, `The connection broke while ${path} was being read.`, cause),
    );
  }
  return chunks.length === 1 ? chunks[0]! : joinBytes(chunks);
}

/** `Retry-After` (seconds, or a date) in ms; 0 when there is none. */
function retryAfter(response: Response): number {
  const text = response.headers.get('retry-after')?.trim() ?? '';
  const ms = /^\d+$/.test(text) ? 1000 * Number(text) : Date.parse(text) - Date.now();
  return Math.max(ms || 0, 0);
}

function sleep(ms: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    const done = () => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', done);
      if (signal?.aborted) reject(aborted());
      else resolve();
    };
    const timer = setTimeout(done, ms);
    signal?.addEventListener('abort', done);
  });
}
