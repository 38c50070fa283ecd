import { createSHA256, type IHasher } from 'hash-wasm';

/**
 * sha256 of bytes as they come, and where `sliceBytes` is given also of each slice of so many bytes: the hash of the
 * whole says that a file is right, those of the slices where it is not.
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

  /** Takes in the next bytes. */
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

  /** The hash of what came until now; more can follow. */
  async soFar(): Promise<string> {
    const copy = await createSHA256();
    return copy.load(this.all.save()).digest('hex');
  }

  /** The hashes of the whole and of its slices, the last of which may be shorter. Nothing can follow. */
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
