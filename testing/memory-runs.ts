import type { RunsFolder } from '../src/scoring/journal/run-store.ts';
import { type FileWriter, MemorySink } from '../src/storage/sink.ts';
import { errorOf } from './errors.ts';

/** Runs in memory. What was not flushed is lost with {@link MemoryRuns.crash}, as is whoever held a lock. */
export class MemoryRuns implements RunsFolder {
  readonly sinks = new Map<string, MemorySink>();
  /** Bytes that may still be written before the disk is full. */
  room = Number.POSITIVE_INFINITY;
  unavailable = false;
  /** Not even a folder can be made: as Chromium has it when its quota is used up. */
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

  /** What a new browser finds: the same files, nobody at work. */
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
        // A disk takes what fits before it says that it is full.
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
