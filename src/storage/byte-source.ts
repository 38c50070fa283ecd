import { TiebreakError } from '../domain/errors.ts';

/**
 * Random access to the bytes of one file, wherever it lies. Implementations never hold the whole file.
 */
export interface ByteSource {
  /** A name for messages. */
  readonly name: string;
  /** Bytes in the file. */
  readonly size: number;
  /**
   * Differs when the content does: for telling, later on, whether a file is still the same. Left out: it cannot be
   * told.
   */
  readonly version?: string;
  /**
   * Bytes `start` (inclusive) to `end` (exclusive).
   * @throws TiebreakError `storage/range` when the range is not in the file, `storage/changed` when the file is no
   *   longer what it was when opened, `storage/read` when reading fails.
   */
  read(start: number, end: number): Promise<Uint8Array<ArrayBuffer>>;
}

/** Throws `storage/range` unless `0 <= start <= end <= source.size`, all whole numbers. */
export function checkRange(
  source: { name: string; size: number },
  start: number,
  end: number,
): void {
  if (
    !Number.isSafeInteger(start) ||
    !Number.isSafeInteger(end) ||
    start < 0 ||
    end < start ||
    end > source.size
  ) {
    throw new TiebreakError('storage/range', {
      params: { start, end, size: source.size },
      place: { file: source.name },
    });
  }
}

/** Bytes already in memory. */
export class MemorySource implements ByteSource {
  readonly name: string;
  readonly size: number;
  private readonly bytes: Uint8Array<ArrayBuffer>;

  constructor(name: string, bytes: Uint8Array<ArrayBuffer>) {
    this.name = name;
    this.bytes = bytes;
    this.size = bytes.byteLength;
  }

  async read(start: number, end: number): Promise<Uint8Array<ArrayBuffer>> {
    checkRange(this, start, end);
    return this.bytes.slice(start, end);
  }
}

/** A `Blob` or `File` of the browser (Node has `Blob` too). */
export class BlobSource implements ByteSource {
  readonly name: string;
  readonly size: number;
  readonly version?: string;
  private readonly blob: Blob;

  constructor(name: string, blob: Blob) {
    this.name = name;
    this.blob = blob;
    this.size = blob.size;
    if (blob instanceof File) this.version = `${blob.lastModified}-${blob.size}`;
  }

  async read(start: number, end: number): Promise<Uint8Array<ArrayBuffer>> {
    checkRange(this, start, end);
    let buffer: ArrayBuffer;
    try {
      buffer = await this.blob.slice(start, end).arrayBuffer();
    } catch (cause) {
      // Chrome answers NotReadableError for a file that was modified or removed after it was chosen.
      throw new TiebreakError('storage/changed', {
        params: { name: this.name },
        place: { file: this.name, byte: start },
        cause,
      });
    }
    if (buffer.byteLength !== end - start) {
      throw new TiebreakError('storage/changed:shorter', {
        params: { name: this.name },
        place: { file: this.name, byte: start + buffer.byteLength },
      });
    }
    return new Uint8Array(buffer);
  }
}
