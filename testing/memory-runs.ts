import type { RunsFolder } from '../src/scoring/journal/run-archive.ts';
import { type FileWriter, MemorySink } from '../src/storage/sink.ts';
import { errorOf } from './errors.ts';

/** Runs in memory. {@link MemoryRuns.crash} loses unflushed bytes and all locks. */
export class MemoryRuns implements RunsFolder {
  readonly sinks = new Map<string, MemorySink>();
  /** Bytes left until the disk is full. */
  room = Number.POSITIVE_INFINITY;
  unavailable = false;
  /** True if not even a folder can be made, as in Chromium when its quota is used up. */
  noFolders = false;
  private held = new Set<string>();

  async ids(): Promise<string[]> {
    this.check();
    return [...this.sinks.keys()];
  }

  async sink(id: string): Promise<MemorySink> {
    this.check();
    if (this.noFolders && !this.sinks.has(id)) {
      throw errorOf('storage/full', 'No more room.');
    }
    const sink = this.sinks.get(id) ?? this.limited();
    this.sinks.set(id, sink);
    return sink;
  }

  async remove(id: string): Promise<void> {
    this.sinks.delete(id);
  }

  async lock(id: string): Promise<(() => void) | null> {
    this.check();
    const { held } = this;
    if (held.has(id)) return null;
    held.add(id);
    return () => held.delete(id);
  }

  async locked(): Promise<ReadonlySet<string>> {
    return this.held;
  }

  /** The bytes of a journal. */
  bytes(id: string): Uint8Array<ArrayBuffer> {
    return this.sinks.get(id)!.files.files.get('journal')!;
  }

  /** The state that a restarted browser finds: the flushed files, without locks. */
  crash(): MemoryRuns {
    const after = new MemoryRuns();
    for (const [id, { files }] of this.sinks) {
      const sink = after.limited();
      for (const [path, bytes] of files.files) sink.files.files.set(path, bytes.slice());
      after.sinks.set(id, sink);
    }
    return after;
  }

  private limited(): MemorySink {
    const sink = new MemorySink();
    const create = sink.create.bind(sink);
    sink.create = async (path, keep) => {
      const writer = await create(path, keep);
      const write: FileWriter['write'] = async (bytes) => {
        // A disk writes as much as fits before it reports that it is full.
        await writer.write(bytes.subarray(0, Math.max(0, Math.min(bytes.length, this.room))));
        this.room -= bytes.length;
        if (this.room >= 0) return;
        this.room = 0;
        throw errorOf('storage/full', 'No more room.');
      };
      return { ...writer, write };
    };
    return sink;
  }

  private check(): void {
    if (this.unavailable) throw errorOf('journal/unavailable', 'Nothing is kept here.');
  }
}
