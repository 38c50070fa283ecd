import { createSHA256, type IHasher } from 'hash-wasm';

/**
 * Incremental SHA-256 of a file and, if `sliceBytes` is given, of each of its slices of that size. The hash of the
 * whole tells if a file is intact; the hashes of slices locate damage.
 */
export class FileDigest {
  private readonly all: IHasher;
  private readonly slice: { hash: IHasher; size: number; filled: number } | null;
  private readonly ended: string[] = [];

  private constructor(all: IHasher, slice: FileDigest['slice']) {
    this.all = all;
    this.slice = slice;
  }

  /** An empty digest. */
  static async create(sliceBytes?: number): Promise<FileDigest> {
    const slice =
      sliceBytes === undefined ? null : { hash: await createSHA256(), size: sliceBytes, filled: 0 };
    return new FileDigest(await createSHA256(), slice);
  }

  /** Appends bytes. */
  update(bytes: Uint8Array): void {
    this.all.update(bytes);
    const { slice } = this;
    if (slice === null) return;
    for (let at = 0; at < bytes.length; ) {
      const part = bytes.subarray(at, at + slice.size - slice.filled);
      slice.hash.update(part);
      slice.filled += part.length;
      at += part.length;
      if (slice.filled === slice.size) this.endSlice(slice);
    }
  }

  /** The hash in hexadecimal of the bytes so far; more bytes may follow. */
  async soFar(): Promise<string> {
    const copy = await createSHA256();
    return copy.load(this.all.save()).digest('hex');
  }

  /** Ends the digest: the hashes in hexadecimal of the whole and of its slices, the last of which may be shorter. */
  end(): { sha256: string; slices: string[] } {
    if (this.slice !== null && this.slice.filled > 0) this.endSlice(this.slice);
    return { sha256: this.all.digest('hex'), slices: this.ended };
  }

  private endSlice(slice: { hash: IHasher; filled: number }): void {
    this.ended.push(slice.hash.digest('hex'));
    slice.hash.init();
    slice.filled = 0;
  }
}
