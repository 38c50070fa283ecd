import { MemorySource } from '../../src/storage/byte-source.ts';
import { checkPath, missingFile, type PackageFiles } from '../../src/storage/package-files.ts';

/** A rule that a reader broke. It is not a {@link TiebreakError}, which would count as a refusal. */
export class BrokenRule extends Error {
  override readonly name = 'BrokenRule';
}

/** The bytes that readers requested. */
export interface Demand {
  /** Bytes of the largest read. */
  largest: number;
  /** Bytes of all reads. */
  total: number;
}

/** A file in memory that throws on reads outside its range, since a reader must check a range first. */
class WatchedSource extends MemorySource {
  private readonly demand: Demand;

  constructor(name: string, bytes: Uint8Array<ArrayBuffer>, demand: Demand) {
    super(name, bytes);
    this.demand = demand;
  }

  override read(start: number, end: number): Promise<Uint8Array<ArrayBuffer>> {
    const whole = Number.isSafeInteger(start) && Number.isSafeInteger(end);
    if (!(whole && start >= 0 && start <= end && end <= this.size)) {
      throw new BrokenRule(`${this.name}: asked for bytes ${start} to ${end} of ${this.size}`);
    }
    this.demand.largest = Math.max(this.demand.largest, end - start);
    this.demand.total += end - start;
    return super.read(start, end);
  }
}

/** A folder in memory that records the reads of its files. */
export class WatchedFiles implements PackageFiles {
  readonly label = 'fuzz';
  readonly demand: Demand = { largest: 0, total: 0 };
  readonly files: ReadonlyMap<string, Uint8Array<ArrayBuffer>>;

  constructor(files: ReadonlyMap<string, Uint8Array<ArrayBuffer>>) {
    this.files = files;
  }

  /** Bytes of all files. */
  get size(): number {
    return [...this.files.values()].reduce((sum, file) => sum + file.length, 0);
  }

  async open(path: string): Promise<WatchedSource> {
    const file = this.files.get(checkPath(path));
    if (file === undefined) throw missingFile(this.label, path);
    return new WatchedSource(path, file, this.demand);
  }
}
