import { TiebreakError } from '../core/errors.ts';
import { type ByteSource, checkRange } from './byte-source.ts';
import { checkPath, missingFile, type PackageFiles } from './package-files.ts';

/** A package on a static web server. Files are read by range requests; a server without them sends whole files. */
export class HttpFiles implements PackageFiles {
  readonly label: string;
  private readonly base: URL;

  /** `base` is the URL of the directory. */
  constructor(base: URL) {
    this.base = new URL(base.href.endsWith('/') ? base.href : `${base.href}/`);
    this.label = this.base.href;
  }

  async open(path: string): Promise<ByteSource> {
    const url = new URL(checkPath(path), this.base);
    const response = await request(url, path, { method: 'HEAD' });
    if (response.status === 404) throw missingFile(this.label, path);
    if (!response.ok) throw refused(path, response);
    // A single-page host answers an unknown path with its index.html and status 200.
    const html = response.headers.get('content-type')?.startsWith('text/html') ?? false;
    if (html) throw missingFile(this.label, path);
    const length = response.headers.get('content-length');
    // A compressed answer's content-length is not the file's; such files (JSON) are small enough to be fetched whole.
    if (length === null || response.headers.has('content-encoding')) {
      const whole = await request(url, path, {});
      if (!whole.ok) throw refused(path, whole);
      return new HttpSource(path, url, new Uint8Array(await whole.arrayBuffer()));
    }
    return new HttpSource(path, url, Number(length));
  }
}

class HttpSource implements ByteSource {
  readonly name: string;
  readonly size: number;
  private readonly url: URL;
  private whole: Uint8Array<ArrayBuffer> | undefined;

  constructor(name: string, url: URL, content: number | Uint8Array<ArrayBuffer>) {
    this.name = name;
    this.url = url;
    this.size = typeof content === 'number' ? content : content.byteLength;
    this.whole = typeof content === 'number' ? undefined : content;
  }

  async read(start: number, end: number): Promise<Uint8Array<ArrayBuffer>> {
    checkRange(this, start, end);
    if (this.whole !== undefined) return this.whole.slice(start, end);
    if (start === end) return new Uint8Array(0);
    const response = await request(this.url, this.name, {
      headers: { Range: `bytes=${start}-${end - 1}` },
    });
    if (!response.ok) throw refused(this.name, response);
    const bytes = new Uint8Array(await response.arrayBuffer());
    if (response.status === 200) {
      this.checkLength(bytes, this.size, start);
      this.whole = bytes;
      return bytes.slice(start, end);
    }
    this.checkLength(bytes, end - start, start);
    return bytes;
  }

  private checkLength(bytes: Uint8Array, expected: number, start: number): void {
    if (bytes.byteLength === expected) return;
    throw new TiebreakError(
      'storage/changed',
      `The server sent ${bytes.byteLength} bytes of ${this.name} where ${expected} were due.`,
      { action: 'Try again; the file may have changed.', place: { file: this.name, byte: start } },
    );
  }
}

async function request(url: URL, path: string, init: RequestInit): Promise<Response> {
  try {
    return await fetch(url, init);
  } catch (cause) {
    throw new TiebreakError('storage/network', `${url.href} cannot be reached.`, {
      action: 'Check the connection and that the host allows requests from this page (CORS).',
      place: { file: path },
      cause,
    });
  }
}

function refused(path: string, response: Response): TiebreakError {
  return new TiebreakError(
    'storage/network',
    `The server answered ${response.status} ${response.statusText} for ${path}.`,
    { place: { file: path } },
  );
}
