import { TiebreakError } from '../domain/errors.ts';

/**
 * Random access to the bytes of one file, wherever it is stored. Implementations for large files never hold it whole.
 */
export interface ByteSource {
  /** Name of the file, for messages. */
  readonly name: string;
  /** Size of the file in bytes. */
  readonly size: number;
  /**
   * A text that differs if the content does (a time of modification, an entity tag), to recognise the same file later.
   * Left out if none is known.
   */
  readonly version?: string;
  /**
   * Reads bytes `start` (inclusive) to `end` (exclusive) into memory that the caller owns.
   * @throws TiebreakError `storage/range` if the range is not in the file, `storage/changed` if the file has changed
   *   since it was opened, `storage/read` if reading fails.
   */
  read(start: number, end: number): Promise<Uint8Array<ArrayBuffer>>;
}

/** Throws `storage/range` unless start and end are integers with `0 <= start <= end <= source.size`. */
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

/** A file whose bytes are in memory. */
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

/** A file behind a `Blob` or `File`. */
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
      // Chromium rejects with NotReadableError if the file was modified or removed after the user chose it.
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
