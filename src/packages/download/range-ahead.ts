import { TiebreakError } from '../../domain/errors.ts';
import type { ByteSource } from '../../storage/byte-source.ts';
import type { PackageFiles } from '../../storage/package-files.ts';

/** A file to be read, and the bytes that it must have. */
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
 * Reads files front to back, one after the other, with so many ranges under way at a time, those of the next files
 * included. No more than these ranges are ever in memory.
 */
export class RangeAhead {
  private readonly from: PackageFiles;
  private readonly wanted: readonly WantedFile[];
  private readonly options: {
    sliceBytes: number;
    parallel: number;
    /** True where a file is not needed any more. Called just before it would be read. */
    has: (path: string) => boolean;
  };
  private readonly open = new Map<string, Promise<ByteSource>>();
  private reads: Read[] = [];
  /** Where the next range begins. */
  private next = { index: 0, start: 0 };

  constructor(from: PackageFiles, wanted: readonly WantedFile[], options: RangeAhead['options']) {
    this.from = from;
    this.wanted = wanted;
    this.options = options;
  }

  /**
   * Bytes of a file from `start` on. Cheapest when files are asked for in their order.
   * @throws TiebreakError `package/differs` when the file has another size, and what reading throws.
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
    // A host without ranges sent it whole; that must not stay in memory.
    this.open.delete(path);
  }

  /** Opens a file anew when it is read the next time. */
  reopen(path: string): void {
    this.open.delete(path);
    this.reads = [];
  }

  private restart(path: string, start: number): void {
    this.reads = [];
    this.next = { index: this.wanted.findIndex((file) => file.path === path), start };
  }

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
      // Ends where slices end, wherever it began.
      const end = Math.min(file.bytes, (Math.floor(start / sliceBytes) + 1) * sliceBytes);
      this.next = { index, start: end };
      const bytes = this.read(file, start, end);
      // When an earlier one fails nobody waits for this one; its failure must not count as unhandled.
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

/** Opens a file that must have a certain size. @throws TiebreakError `package/differs` when it has another. */
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
