import { TiebreakError } from '../domain/errors.ts';
import { type ByteSource, checkRange } from './byte-source.ts';
import {
  type Answer,
  contentRange,
  HttpClient,
  type HttpOptions,
  networkError,
  refusedError,
} from './http-client.ts';
import { HUB } from './hub-address.ts';
import { checkPath, missingFile, type PackageFiles } from './package-files.ts';

/** Files up to this size are read whole when the server does not send parts of them. */
const MAX_WHOLE = 64 * 2 ** 20;

/**
 * A folder on a web server, read by range requests; what fails in passing is tried again. Reading throws, besides what
 * {@link PackageFiles} and {@link ByteSource} say, `storage/network` when the server cannot be reached or does not do
 * what it should, `storage/denied` when it wants a token, `storage/no-ranges` for a large file that it only sends
 * whole.
 */
export class HttpFiles implements PackageFiles {
  readonly label: string;
  private readonly base: URL;
  private readonly token: boolean;
  private readonly client: HttpClient;

  /**
   * `base` is the URL of the folder.
   * @throws TiebreakError `storage/token` for a token that cannot be sent.
   */
  constructor(base: URL, options: HttpOptions = {}) {
    this.base = new URL(base.href.endsWith('/') ? base.href : `${base.href}/`);
    this.label = this.base.href;
    this.token = options.token !== undefined;
    if (options.token !== undefined) checkToken(options.token, this.base);
    this.client = new HttpClient(options);
  }

  async open(path: string): Promise<ByteSource> {
    // A "#", "?" or "%" in a file's name is none of the address.
    const encoded = checkPath(path).split('/').map(encodeURIComponent).join('/');
    const url = new URL(encoded, this.base);
    // A HEAD request would tell the length of a compressed answer, and other origins hide that it is compressed; an
    // answer to a range never is. Signed addresses, to which hubs redirect, may allow GET alone. Two bytes, because
    // sirv (which Vite serves with) takes "bytes=0-0" for the whole file.
    const { response, bytes } = await this.get(url, path, 0, 2, MAX_WHOLE);
    // There is no first byte.
    if (response.status === 416) {
      return new HttpSource(path, url, this, new Uint8Array(0), response);
    }
    this.check(path, response);
    // A single-page host answers an unknown path with its index.html and status 200.
    if (response.headers.get('content-type')?.startsWith('text/html')) {
      throw missingFile(this.label, path);
    }
    if (response.status !== 206) {
      if (bytes === null) throw onlyWhole(path);
      return new HttpSource(path, url, this, bytes, response);
    }
    const range = contentRange(response);
    if (range === null) return this.openHidden(url, path);
    return new HttpSource(path, url, this, checkLength(path, range[2]), response);
  }

  /**
   * The answer to a request for bytes `start` to `end` (exclusive), for a source of these files. One with status 200
   * has the whole file, or null when that is longer than `limit`.
   */
  get(url: URL, path: string, start: number, end: number, limit: number): Promise<Answer> {
    return this.client.get(url, path, [start, end], limit);
  }

  /** Throws unless an answer is a success. */
  check(path: string, response: Response): void {
    const { status } = response;
    if (status === 404) throw missingFile(this.label, path);
    if (status === 401 || status === 403) throw this.denied(path, status);
    if (!response.ok) throw refusedError(path, response);
  }

  /** Opens a file of another origin that hides `Content-Range`. */
  private async openHidden(url: URL, path: string): Promise<ByteSource> {
    const head = await this.client.head(url, path);
    const length = head.headers.get('content-length');
    if (head.ok && length !== null && checkLength(path, Number(length)) > MAX_WHOLE) {
      return new HttpSource(path, url, this, Number(length), head);
    }
    // A small file may be compressed, so that only its bytes tell its length.
    const { response, bytes } = await this.client.get(url, path, null, MAX_WHOLE);
    this.check(path, response);
    if (bytes === null) throw networkError(path, `The server hides the length of ${path}.`);
    return new HttpSource(path, url, this, bytes, response);
  }

  private denied(path: string, status: number): TiebreakError {
    const hub = this.base.origin === HUB;
    return new TiebreakError('storage/denied', {
      params: { host: this.base.host, path, status, hub, token: Boolean(this.token) },
      place: { file: path },
    });
  }
}

class HttpSource implements ByteSource {
  readonly name: string;
  readonly size: number;
  readonly version?: string;
  private readonly url: URL;
  private readonly files: HttpFiles;
  private readonly etag: string | null;
  private whole: Uint8Array<ArrayBuffer> | undefined;

  /** `content`: the file's size, or the file. `opened`: the answer that told it. */
  constructor(
    name: string,
    url: URL,
    files: HttpFiles,
    content: number | Uint8Array<ArrayBuffer>,
    opened: Response,
  ) {
    this.name = name;
    this.url = url;
    this.files = files;
    this.size = typeof content === 'number' ? content : content.byteLength;
    this.whole = typeof content === 'number' ? undefined : content;
    this.etag = strongTag(opened);
    const version = opened.headers.get('etag') ?? opened.headers.get('last-modified');
    if (version !== null) this.version = version;
  }

  async read(start: number, end: number): Promise<Uint8Array<ArrayBuffer>> {
    checkRange(this, start, end);
    if (this.whole !== undefined) return this.whole.slice(start, end);
    if (start === end) return new Uint8Array(0);
    const small = this.size <= MAX_WHOLE;
    const { response, bytes } = await this.files.get(
      this.url,
      this.name,
      start,
      end,
      small ? this.size : 0,
    );
    if (response.status === 416 || response.status === 404) {
      throw this.changed(start, `The server has no bytes ${start} to ${end} any more.`);
    }
    this.files.check(this.name, response);
    if (response.status !== 206 && !small) throw onlyWhole(this.name);
    const etag = strongTag(response);
    const total = contentRange(response)?.[2] ?? this.size;
    if ((etag !== null && this.etag !== null && etag !== this.etag) || total !== this.size) {
      throw this.changed(start, 'It was replaced on the server while it was being read.');
    }
    if (response.status === 206) return bytes!;
    if (bytes?.byteLength !== this.size) {
      throw this.changed(start, `The server sent a file that has not ${this.size} bytes.`);
    }
    this.whole = bytes;
    return bytes.slice(start, end);
  }

  private changed(byte: number, why: string): TiebreakError {
    return new TiebreakError('storage/changed:host', {
      params: { name: this.name, why },
      place: { file: this.name, byte },
    });
  }
}

/** Throws unless this is a length that a file can have. */
function checkLength(path: string, length: number): number {
  if (Number.isSafeInteger(length) && length >= 0) return length;
  throw networkError(path, `The server says that ${path} has a length of ${length} bytes.`);
}

/** The error for a large file that cannot be had in parts. */
function onlyWhole(path: string): TiebreakError {
  return new TiebreakError('storage/no-ranges', { params: { path }, place: { file: path } });
}

/** The entity tag of an answer when it stands for exactly these bytes. */
function strongTag(response: Response): string | null {
  const tag = response.headers.get('etag');
  return tag?.startsWith('"') ? tag : null;
}

function checkToken(token: string, base: URL): void {
  const refuse = (message: string, action: string): never => {
    throw new TiebreakError('storage/token', { params: { why: message, action } });
  };
  if (!/^[\x21-\x7e]+$/.test(token)) {
    refuse('The access token contains invalid characters.', 'Copy the token again.');
  }
  if (base.protocol === 'http:' && !/^(localhost|127\.[\d.]+|\[::1\])$/.test(base.hostname)) {
    refuse(
      `A token is not sent to ${base.host} without encryption.`,
      'Use an address that starts with https://, or leave the token out.',
    );
  }
}
