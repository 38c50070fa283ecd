import * as v from 'valibot';
import { errorAt, TiebreakError, throwIfAborted } from '../domain/errors.ts';
import { FileEntry } from '../model/manifest.ts';
import type { ByteSource } from '../storage/byte-source.ts';
import { FileDigest } from '../storage/file-digest.ts';
import { slices } from '../storage/hash.ts';
import { type PackageFiles, readText } from '../storage/package-files.ts';
import type { PackageSink } from '../storage/sink.ts';

/** Name of the journal in a package that is being written. It is there exactly while the package is not complete. */
export const JOURNAL = 'import.json';

/** So many bytes at most are written twice when writing was stopped. */
const CHECKPOINT_BYTES = 64 * 2 ** 20;

const JournalSchema = v.object({
  version: v.literal(1),
  /** Of everything that decides the package's bytes. */
  fingerprint: v.string(),
  /** Files that are complete, with the hashes of their slices where these were asked for. */
  files: v.record(
    v.string(),
    v.object({ ...FileEntry.entries, slices: v.optional(v.array(v.string())) }),
  ),
  /** The file under way: its first `bytes` bytes are on the disk and have this hash. */
  open: v.nullable(v.object({ path: v.string(), ...FileEntry.entries })),
});

type Journal = v.InferOutput<typeof JournalSchema>;
type Entry = v.InferOutput<typeof FileEntry>;

/** Bytes of a file from byte `from` on, in pieces; `from` is 0 or where an earlier piece ended. */
export type Pieces = (from: number) => AsyncIterable<{ bytes: Uint8Array; what: string }>;

/** Progress and cancellation of writing. */
export interface WriteOptions {
  signal?: AbortSignal;
  /** Called with bytes written so far, those of an earlier try included, and what was written last. */
  onBytes?: (done: number, what: string) => void;
  /** At most this many bytes are written again after a stop. Default 64 MiB. */
  checkpointBytes?: number;
  /** Keep the hash of every slice of so many bytes. Left out: none. */
  sliceBytes?: number;
}

/**
 * Writes the files of a package and keeps a journal of how far it came. Opened again with the same fingerprint it goes
 * on there; what it finds on the disk is believed only when its hash is that of the journal.
 */
export class PackageWriter {
  private readonly sink: PackageSink;
  private readonly options: WriteOptions;
  private readonly journal: Journal;
  /** Bytes of the complete files. */
  private done = 0;

  private constructor(sink: PackageSink, journal: Journal, options: WriteOptions) {
    this.sink = sink;
    this.journal = journal;
    this.options = options;
  }

  /**
   * Opens a sink. What another fingerprint left there is removed; files without a journal stay: see {@link
   * PackageWriter.adopt}.
   */
  static async open(
    sink: PackageSink,
    fingerprint: string,
    options: WriteOptions = {},
  ): Promise<PackageWriter> {
    const found = await readJournal(sink.files);
    if (found?.fingerprint === fingerprint) return new PackageWriter(sink, found, options);
    if (found !== null) {
      for (const path of Object.keys(found.files)) await sink.remove(path);
      if (found.open !== null) await sink.remove(found.open.path);
    }
    const writer = new PackageWriter(
      sink,
      { version: 1, fingerprint, files: {}, open: null },
      options,
    );
    await writer.save();
    return writer;
  }

  /** The files that are complete, as the manifest lists them. */
  get files(): Record<string, Entry> {
    const entries = Object.entries(this.journal.files);
    return Object.fromEntries(
      entries.map(([path, { bytes, sha256 }]) => [path, { bytes, sha256 }]),
    );
  }

  /** Hashes of the slices of the files that are complete, where they were kept. */
  get slices(): Record<string, string[]> {
    const entries = Object.entries(this.journal.files);
    return Object.fromEntries(entries.map(([path, { slices = [] }]) => [path, slices]));
  }

  /** Whether a file is complete. */
  has(path: string): boolean {
    return Object.hasOwn(this.journal.files, path);
  }

  /**
   * Takes a file that lies there without being in the journal as written, if it is what is expected: so it is where
   * only the manifest of a package was lost. Reads it once.
   */
  async adopt(path: string, expected: Entry): Promise<void> {
    if (this.has(path) || this.journal.open?.path === path) return;
    const { signal, sliceBytes } = this.options;
    const source = await openIfThere(this.sink.files, path);
    if (source?.size !== expected.bytes) return;
    const digest = await FileDigest.create(sliceBytes);
    for await (const bytes of slices(source, 0, source.size)) {
      throwIfAborted(signal);
      digest.update(bytes);
    }
    const { sha256, slices: hashes } = digest.end();
    if (sha256 !== expected.sha256) return;
    this.journal.files[path] = {
      ...expected,
      ...(sliceBytes === undefined ? {} : { slices: hashes }),
    };
    await this.save();
  }

  /**
   * Writes one file, or what is missing of it.
   * @throws TiebreakError `package/damaged` when it does not come out as `expected`, and forgets it then.
   */
  async write(path: string, pieces: Pieces, expected?: Entry): Promise<void> {
    const { signal, onBytes, checkpointBytes = CHECKPOINT_BYTES } = this.options;
    throwIfAborted(signal);
    if (await this.isComplete(path)) {
      this.done += this.journal.files[path]!.bytes;
      onBytes?.(this.done, path);
      return;
    }
    const { digest, bytes: kept } = await this.resume(path);
    const file = await this.sink.create(path, kept);
    let bytes = kept;
    let saved = kept;
    const checkpoint = async () => {
      await file.flush();
      this.journal.open = { path, bytes, sha256: await digest.soFar() };
      await this.save();
      saved = bytes;
    };
    try {
      for await (const piece of pieces(kept)) {
        throwIfAborted(signal);
        await file.write(piece.bytes);
        digest.update(piece.bytes);
        bytes += piece.bytes.byteLength;
        onBytes?.(this.done + bytes, piece.what);
        if (bytes - saved >= checkpointBytes) await checkpoint();
      }
      await file.flush();
    } catch (thrown) {
      // Keeps what has arrived, so that it need not be sent again. Whatever stopped the writing may stop this too.
      if (bytes > saved) await checkpoint().catch(() => undefined);
      throw thrown;
    } finally {
      await file.close();
    }
    const { sha256, slices } = digest.end();
    this.journal.open = null;
    if (expected !== undefined && (bytes !== expected.bytes || sha256 !== expected.sha256)) {
      await this.save();
      throw errorAt({ file: path }, 'package/damaged:arrived', { path });
    }
    this.journal.files[path] = {
      bytes,
      sha256,
      ...(this.options.sliceBytes === undefined ? {} : { slices }),
    };
    await this.save();
    this.done += bytes;
  }

  /** Forgets a file, so that it is written anew. */
  async discard(path: string): Promise<void> {
    delete this.journal.files[path];
    if (this.journal.open?.path === path) this.journal.open = null;
    await this.save();
  }

  /** Puts the last file in its place and removes the journal: now the directory is a package. */
  async finish(path: string, bytes: Uint8Array): Promise<void> {
    await this.sink.replace(path, bytes);
    await this.sink.remove(JOURNAL);
  }

  private async isComplete(path: string): Promise<boolean> {
    const entry = this.journal.files[path];
    if (entry === undefined) return false;
    const source = await openIfThere(this.sink.files, path);
    if (source?.size === entry.bytes) return true;
    delete this.journal.files[path];
    return false;
  }

  /** The part of a file that can be kept, in bytes, and its digest. */
  private async resume(path: string): Promise<{ digest: FileDigest; bytes: number }> {
    const { open } = this.journal;
    const { signal, sliceBytes } = this.options;
    if (open?.path === path) {
      const source = await openIfThere(this.sink.files, path);
      if (source !== undefined && source.size >= open.bytes) {
        const digest = await FileDigest.create(sliceBytes);
        for await (const bytes of slices(source, 0, open.bytes)) {
          throwIfAborted(signal);
          digest.update(bytes);
        }
        if ((await digest.soFar()) === open.sha256) return { digest, bytes: open.bytes };
      }
    }
    return { digest: await FileDigest.create(sliceBytes), bytes: 0 };
  }

  private save(): Promise<void> {
    const text = JSON.stringify(this.journal);
    return this.sink.replace(JOURNAL, new TextEncoder().encode(text));
  }
}

/** The journal of a directory; null when there is none or it cannot be read, and everything must be written anew. */
async function readJournal(files: PackageFiles): Promise<Journal | null> {
  let text: string;
  try {
    text = await readText(files, JOURNAL);
  } catch (error) {
    if (error instanceof TiebreakError && error.code === 'storage/missing') return null;
    throw error;
  }
  try {
    return v.parse(JournalSchema, JSON.parse(text));
  } catch {
    return null;
  }
}

async function openIfThere(files: PackageFiles, path: string): Promise<ByteSource | undefined> {
  try {
    return await files.open(path);
  } catch (error) {
    if (error instanceof TiebreakError && error.code === 'storage/missing') return undefined;
    throw error;
  }
}
