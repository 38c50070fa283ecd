import { errorAt, TiebreakError } from '../domain/errors.ts';
import { type ByteSource, checkRange } from './byte-source.ts';
import {
  type Answer,
  contentRange,
  HttpClient,
  type HttpOptions,
  refusedError,
} from './http-client.ts';
import { HUB } from './hub-address.ts';
import { checkPath, missingFile, type PackageFiles } from './package-files.ts';

/** Largest file in bytes that is read whole if the server sends no parts. */
const MAX_WHOLE = 64 * 2 ** 20;

/**
 * A folder on a web server, read by range requests. Temporary failures are retried. In addition to what
 * {@link PackageFiles} and {@link ByteSource} say, methods throw `storage/unreachable` if the server does not answer,
 * `storage/network` if it misbehaves, `storage/denied` if it refuses access, and `storage/no-ranges` for a large file
 * of which it sends no parts.
 */
export class HttpFiles implements PackageFiles {
  readonly label: string;
  private readonly base: URL;
  private readonly token: boolean;
  private readonly client: HttpClient;

  /**
   * @param base URL of the folder.
   * @throws TiebreakError `storage/token` for a token that cannot be sent safely.
   */
  constructor(base: URL, options: HttpOptions = {}) {
    this.base = new URL(base.href.endsWith('/') ? base.href : `${base.href}/`);
    this.label = this.base.href;
    this.token = options.token !== undefined;
    if (options.token !== undefined) checkToken(options.token, this.base);
    this.client = new HttpClient(options);
  }

  async open(path: string): Promise<ByteSource> {
    // A "#", "?" or "%" in a file's name must not act as part of the URL's syntax.
    const encoded = checkPath(path).split('/').map(encodeURIComponent).join('/');
    const url = new URL(encoded, this.base);
    // Not a HEAD request: it may return the length of a compressed response, and other origins hide that it is
    // compressed; ranges never are. Signed addresses, to which hubs redirect, may allow GET only. Two bytes are
    // requested because sirv, which Vite uses, takes "bytes=0-0" for the whole file.
    const { response, bytes } = await this.get(url, path, 0, 2, MAX_WHOLE);
    // The file is empty, so the range does not exist.
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
   * Requests bytes `start` to `end` (exclusive) for a source of these files. A response of status 200 has the whole
   * file, or null if that is longer than `limit` bytes.
   */
  get(url: URL, path: string, start: number, end: number, limit: number): Promise<Answer> {
    return this.client.get(url, path, [start, end], limit);
  }

  /** Throws for a response with an error status. */
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
    // A small file may be sent compressed, so only its bytes tell its length.
    const { response, bytes } = await this.client.get(url, path, null, MAX_WHOLE);
    this.check(path, response);
    if (bytes === null) throw errorAt({ file: path }, 'storage/network:hidden-length', { path });
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

  /**
   * @param content size of the file, or its bytes if they are known already.
   * @param opened the response that told the size.
   */
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
    const { name } = this;
    const place = { file: name, byte: start };
    const small = this.size <= MAX_WHOLE;
    const { response, bytes } = await this.files.get(
      this.url,
      this.name,
      start,
      end,
      small ? this.size : 0,
    );
    if (response.status === 416 || response.status === 404) {
      throw errorAt(place, 'storage/changed:gone', { name, start, end });
    }
    this.files.check(this.name, response);
    if (response.status !== 206 && !small) throw onlyWhole(this.name);
    const etag = strongTag(response);
    const total = contentRange(response)?.[2] ?? this.size;
    if ((etag !== null && this.etag !== null && etag !== this.etag) || total !== this.size) {
      throw errorAt(place, 'storage/changed:replaced', { name });
    }
    if (response.status === 206) return bytes!;
    if (bytes?.byteLength !== this.size) {
      throw errorAt(place, 'storage/changed:size', { name, size: this.size });
    }
    this.whole = bytes;
    return bytes.slice(start, end);
  }
}

/** Returns `length`, or throws if no file can have it. */
function checkLength(path: string, length: number): number {
  if (Number.isSafeInteger(length) && length >= 0) return length;
  throw errorAt({ file: path }, 'storage/network:length', { path, length });
}

/** The error for a large file of which the server sends no parts. */
function onlyWhole(path: string): TiebreakError {
  return new TiebreakError('storage/no-ranges', { params: { path }, place: { file: path } });
}

/** The entity tag of a response if it is strong, that is, identifies the exact bytes; else null. */
function strongTag(response: Response): string | null {
  const tag = response.headers.get('etag');
  return tag?.startsWith('"') ? tag : null;
}

function checkToken(token: string, base: URL): void {
  if (!/^[\x21-\x7e]+$/.test(token)) throw new TiebreakError('storage/token:characters');
  if (base.protocol === 'http:' && !/^(localhost|127\.[\d.]+|\[::1\])$/.test(base.hostname)) {
    throw new TiebreakError('storage/token:unencrypted', { params: { host: base.host } });
  }
}
