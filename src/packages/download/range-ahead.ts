import { TiebreakError } from '../../domain/errors.ts';
import type { ByteSource } from '../../storage/byte-source.ts';
import type { PackageFiles } from '../../storage/package-files.ts';

/** A file to be read, and its required size in bytes. */
interface WantedFile {
  path: string;
  bytes: number;
}

interface Read {
  path: string;
  start: number;
  end: number;
  bytes: Promise<Uint8Array<ArrayBuffer>>;
}

/**
 * Reads files from front to back, one after the other, with `parallel` ranges requested at a time, also across the end
 * of a file. Only these ranges are in memory.
 */
export class RangeAhead {
  private readonly from: PackageFiles;
  private readonly wanted: readonly WantedFile[];
  private readonly options: {
    sliceBytes: number;
    parallel: number;
    /** True if a file need not be read. Called just before it would be. */
    has: (path: string) => boolean;
  };
  private readonly open = new Map<string, Promise<ByteSource>>();
  private reads: Read[] = [];
  /** Start of the next range to request: index of its file in `wanted`, and a byte of that file. */
  private next = { index: 0, start: 0 };

  constructor(from: PackageFiles, wanted: readonly WantedFile[], options: RangeAhead['options']) {
    this.from = from;
    this.wanted = wanted;
    this.options = options;
  }

  /**
   * Yields the bytes of a file from `start` on. Cheapest if files are read in the order of `wanted`, because a jump
   * drops the ranges that were requested ahead.
   * @throws TiebreakError `package/differs` if the file has another size, or whatever reading throws.
   */
  async *pieces(path: string, start: number): AsyncGenerator<{ bytes: Uint8Array; what: string }> {
    const { bytes: size } = this.wanted.find((file) => file.path === path)!;
    for (let at = start; at < size; ) {
      const [first] = this.reads;
      if (first?.path !== path || first.start !== at) this.restart(path, at);
      this.fill();
      const { end, bytes } = this.reads[0]!;
      const piece = await bytes;
      this.reads.shift();
      this.fill();
      at = end;
      yield { bytes: piece, what: path };
    }
    // A host without ranges has sent the whole file, which must not stay in memory.
    this.open.delete(path);
  }

  /** Makes the next read of a file open it anew. */
  reopen(path: string): void {
    this.open.delete(path);
    this.reads = [];
  }

  /** Drops the requested ranges and continues at byte `start` of a file. */
  private restart(path: string, start: number): void {
    this.reads = [];
    this.next = { index: this.wanted.findIndex((file) => file.path === path), start };
  }

  /** Requests further ranges until `parallel` are pending or no file is left. */
  private fill(): void {
    const { sliceBytes, parallel, has } = this.options;
    while (this.reads.length < parallel) {
      const { index, start } = this.next;
      const file = this.wanted[index];
      if (file === undefined) return;
      if (start >= file.bytes || (start === 0 && has(file.path))) {
        this.next = { index: index + 1, start: 0 };
        continue;
      }
      // A range ends at a multiple of the slice size, wherever it begins.
      const end = Math.min(file.bytes, (Math.floor(start / sliceBytes) + 1) * sliceBytes);
      this.next = { index, start: end };
      const bytes = this.read(file, start, end);
      // If an earlier read fails, nobody awaits this one, and its failure must not count as unhandled.
      bytes.catch(() => undefined);
      this.reads.push({ path: file.path, start, end, bytes });
    }
  }

  private async read(file: WantedFile, start: number, end: number) {
    let opened = this.open.get(file.path);
    if (opened === undefined) {
      opened = openWanted(this.from, file);
      this.open.set(file.path, opened);
    }
    return (await opened).read(start, end);
  }
}

/** Opens a file of a required size. @throws TiebreakError `package/differs` if it has another size. */
export async function openWanted(
  from: PackageFiles,
  { path, bytes }: WantedFile,
): Promise<ByteSource> {
  const source = await from.open(path);
  if (source.size === bytes) return source;
  throw new TiebreakError('package/differs', {
    params: { path, size: source.size, bytes },
    place: { file: path },
  });
}
