import { aborted, errorAt, TiebreakError, throwIfAborted } from '../domain/errors.ts';
import { joinBytes } from './bytes.ts';
import { givenAddress } from './hub-address.ts';

/** Attempts of a request to a host that has answered before. */
const TRIES = 5;
/**
 * Attempts before a host has answered once: a wrong address is likelier than a short outage then, and five attempts
 * would keep the user waiting.
 */
const FIRST_TRIES = 2;
const BACKOFF_MS = 500;
const MAX_WAIT_MS = 5 * 60_000;
const STALL_MS = 60_000;

/** Credentials, cancellation and patience of requests. */
export interface HttpOptions {
  /** Sent as a bearer token with every request. */
  token?: string;
  /** Ends requests and pauses; pending calls reject with `run/cancelled`. */
  signal?: AbortSignal;
  /** `no-store` keeps responses out of the browser's cache, for files that are read only once. */
  cache?: 'no-store';
  /** Milliseconds before the second attempt; doubled for every further one. For tests. */
  backoffMs?: number;
  /** Milliseconds of the longest pause that a host may request by `Retry-After`. */
  maxWaitMs?: number;
  /** Milliseconds without data after which a connection is dropped and the request repeated. Default one minute. */
  stallMs?: number;
}

/** A response whose body has been read. `bytes` is null if the body exceeds the limit or the status is an error. */
export interface Answer {
  response: Response;
  bytes: Uint8Array<ArrayBuffer> | null;
}

/** A temporary failure, after which another attempt may succeed. */
class TemporaryFailure extends Error {
  readonly error: TiebreakError;
  /** Least milliseconds to wait before that attempt. */
  readonly wait: number;

  constructor(error: TiebreakError, wait = 0) {
    super(error.message);
    this.error = error;
    this.wait = wait;
  }
}

/** Sends requests to one host and repeats them, with growing pauses, as long as their failures are temporary. */
export class HttpClient {
  private readonly options: HttpOptions;
  private answered = false;

  constructor(options: HttpOptions) {
    this.options = options;
  }

  /** Sends a HEAD request. Resolves for any status except those of temporary failures. */
  head(url: URL, path: string): Promise<Response> {
    return this.retry(async () => {
      const { response, end } = await this.send(url, path, { method: 'HEAD' });
      end();
      return response;
    });
  }

  /**
   * Sends a GET request. Resolves for any status except those of temporary failures; the body of an error is not read.
   * With `range` [start, end) a response of status 206 has exactly these bytes, or fewer at the end of the file. Other
   * bodies are read up to `limit` bytes.
   * @param path of the file in its folder, for errors.
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
          const params = { path, sent: bytes?.length ?? null, due };
          throw new TemporaryFailure(
            errorAt({ file: path }, 'storage/network:length-sent', params),
          );
        }
        return { response, bytes };
      } finally {
        end();
      }
    });
  }

  /**
   * Repeats `work` after temporary failures. Pauses double, and vary at random so that clients do not repeat in step.
   */
  private async retry<T>(work: () => Promise<T>): Promise<T> {
    const { signal, backoffMs = BACKOFF_MS, maxWaitMs = MAX_WAIT_MS } = this.options;
    for (let attempt = 1; ; attempt += 1) {
      throwIfAborted(signal);
      try {
        return await work();
      } catch (thrown) {
        throwIfAborted(signal);
        if (!(thrown instanceof TemporaryFailure)) throw thrown;
        if (attempt >= (this.answered ? TRIES : FIRST_TRIES)) throw thrown.error;
        const backoff = backoffMs * 2 ** (attempt - 1) * (0.5 + Math.random());
        await sleep(Math.max(backoff, Math.min(thrown.wait, maxWaitMs)), signal);
      }
    }
  }

  /**
   * Sends a request. The caller must call `end` when it is done with the response, and `progress` for arriving bytes.
   */
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
    // The browser removes this header when the host redirects to another one.
    if (token !== undefined) headers.set('Authorization', `Bearer ${token}`);
    try {
      const response = await fetch(url, { ...init, headers, signal: abort.signal, cache });
      this.answered = true;
      const { status } = response;
      // A server that does not implement HEAD answers 501, which is permanent.
      if (status === 408 || status === 429 || (status >= 500 && status !== 501)) {
        await response.body?.cancel();
        throw new TemporaryFailure(refusedError(path, response), retryAfter(response));
      }
      return { response, end, progress };
    } catch (thrown) {
      end();
      if (thrown instanceof TemporaryFailure) throw thrown;
      throw new TemporaryFailure(unreachable(url, path, thrown));
    }
  }
}

/** The error `storage/network` for a response with an error status. */
export function refusedError(path: string, response: Response): TiebreakError {
  const { status, statusText } = response;
  return errorAt({ file: path }, 'storage/network:status', { path, status, statusText });
}

/** The error for a host that does not answer. It names the address that the user gave, not that of the file. */
function unreachable(url: URL, path: string, cause: unknown): TiebreakError {
  const given = givenAddress(url, path);
  return new TiebreakError('storage/unreachable', { params: { host: url.host, given }, cause });
}

/** `Content-Range` of a response as [start, end (exclusive), total]; null if it is missing or hidden. */
export function contentRange(response: Response): [number, number, number] | null {
  const match = /^bytes (\d+)-(\d+)\/(\d+)$/.exec(response.headers.get('content-range') ?? '');
  return match === null ? null : [Number(match[1]), Number(match[2]) + 1, Number(match[3])];
}

/** Number of bytes that the response to a range request must have. */
function bytesDue(path: string, response: Response, [start, end]: [number, number]): number {
  const sent = contentRange(response);
  // Other origins may hide the header. The caller checks the number of bytes in any case.
  if (sent === null) return end - start;
  if (sent[0] === start && sent[1] === Math.min(end, sent[2])) return sent[1] - start;
  const params = { path, sent: { start: sent[0], end: sent[1] }, asked: { start, end } };
  throw new TemporaryFailure(errorAt({ file: path }, 'storage/network:range', params));
}

/** Reads a body, up to `limit` bytes; null if it is longer. */
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
    const details = { params: { path }, place: { file: path }, cause };
    throw new TemporaryFailure(new TiebreakError('storage/network:broken', details));
  }
  return chunks.length === 1 ? chunks[0]! : joinBytes(chunks);
}

/** `Retry-After` (seconds, or a date) in milliseconds; 0 if there is none. */
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
