import * as v from 'valibot';
import { errorAt, TiebreakError, throwIfAborted } from '../domain/errors.ts';
import { FileEntry } from '../model/manifest.ts';
import type { ByteSource } from '../storage/byte-source.ts';
import { FileDigest } from '../storage/file-digest.ts';
import { slices } from '../storage/hash.ts';
import { type PackageFiles, readText } from '../storage/package-files.ts';
import type { PackageSink } from '../storage/sink.ts';

/** Name of the journal in a package that is being written. It exists exactly as long as the package is incomplete. */
export const JOURNAL = 'import.json';

/** Default of {@link WriteOptions.checkpointBytes}. */
const CHECKPOINT_BYTES = 64 * 2 ** 20;

const JournalSchema = v.object({
  version: v.literal(1),
  /** Hash of everything that decides the package's bytes. */
  fingerprint: v.string(),
  /** Complete files, with the hashes of their slices if these were requested. */
  files: v.record(
    v.string(),
    v.object({ ...FileEntry.entries, slices: v.optional(v.array(v.string())) }),
  ),
  /** The file in progress: its first `bytes` bytes are durable and have this hash. More bytes may lie after them. */
  open: v.nullable(v.object({ path: v.string(), ...FileEntry.entries })),
});

type Journal = v.InferOutput<typeof JournalSchema>;
type Entry = v.InferOutput<typeof FileEntry>;

/**
 * Yields the bytes of a file from byte `from` on, in pieces. `from` is 0 or the end of a piece of an earlier call.
 * `what` names what a piece belongs to, for progress.
 */
export type Pieces = (from: number) => AsyncIterable<{ bytes: Uint8Array; what: string }>;

/** Progress and cancellation of writing. */
export interface WriteOptions {
  signal?: AbortSignal;
  /** Called with the bytes written so far, those of earlier attempts included, and what was written last. */
  onBytes?: (done: number, what: string) => void;
  /** Bytes between two saves of the journal, and so the most that are written again after a crash. Default 64 MiB. */
  checkpointBytes?: number;
  /** Size in bytes of slices whose hashes are recorded. Left out, none are. */
  sliceBytes?: number;
}

/**
 * Writes the files of a package and keeps a journal of its progress. Opened again with the same fingerprint, it
 * continues from there. Bytes on the disk are trusted only if they have the hash in the journal: the journal is saved
 * after the bytes that it describes have been flushed, so a crash can at most leave bytes that it does not mention.
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
   * Opens a sink. Files that a build with another fingerprint left there are removed. Files without a journal stay: see
   * {@link PackageWriter.adopt}.
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

  /** The complete files, in the form of the manifest. */
  get files(): Record<string, Entry> {
    const entries = Object.entries(this.journal.files);
    return Object.fromEntries(
      entries.map(([path, { bytes, sha256 }]) => [path, { bytes, sha256 }]),
    );
  }

  /** Hashes of the slices of complete files; empty for files without. */
  get slices(): Record<string, string[]> {
    const entries = Object.entries(this.journal.files);
    return Object.fromEntries(entries.map(([path, { slices = [] }]) => [path, slices]));
  }

  /** True if a file is complete. */
  has(path: string): boolean {
    return Object.hasOwn(this.journal.files, path);
  }

  /**
   * Counts an existing file that the journal does not mention as written, if it has the expected size and hash. This
   * saves a package of which only the manifest was lost. Reads the file once.
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
   * Writes one file, or the rest of it; a complete one is skipped. The file is durable before the journal says so.
   * @throws TiebreakError `package/damaged` if size or hash differ from `expected`; the file then counts as not
   * written.
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
      // Keeps the bytes that have arrived, so that they need not be fetched again. This may fail as the writing did.
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

  /** Removes a file from the journal, so that it is written anew. */
  async discard(path: string): Promise<void> {
    delete this.journal.files[path];
    if (this.journal.open?.path === path) this.journal.open = null;
    await this.save();
  }

  /** Writes the last file, the manifest, in one step and then removes the journal: the directory is a package now. */
  async finish(path: string, bytes: Uint8Array): Promise<void> {
    await this.sink.replace(path, bytes);
    await this.sink.remove(JOURNAL);
  }

  /** True if the journal has a file as complete and it still has its size; otherwise the journal forgets it. */
  private async isComplete(path: string): Promise<boolean> {
    const entry = this.journal.files[path];
    if (entry === undefined) return false;
    const source = await openIfThere(this.sink.files, path);
    if (source?.size === entry.bytes) return true;
    delete this.journal.files[path];
    return false;
  }

  /** Number of bytes of a file that can be kept, and a digest of these. */
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

/** The journal of a directory; null if there is none or it is unreadable, so that everything is written anew. */
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
