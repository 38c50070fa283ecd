import type { DecoderConfig } from './decoder.ts';
import { decodeRow, type EmbeddingType, embeddingTensors } from './embedding.ts';
import type { ModelPackage } from './package.ts';
import type { TensorEntry } from './safetensors.ts';

// A table up to this size is read once and kept; of a larger one rows are read when they are needed.
const RESIDENT_BYTES = 64 * 2 ** 20;
const CACHE_BYTES = 128 * 2 ** 20;

/**
 * The bytes of consecutive rows, one array for each tensor of the embedding. A small table is one page; a page of a
 * large table is a single row, because tokens with neighbouring ids are not used together.
 */
type Page = Uint8Array<ArrayBuffer>[];

/**
 * The token embedding, gathered on the CPU from the package's file: for a 9B model it would occupy 1.8 GB of GPU
 * memory, of which a batch reads only a few thousand rows.
 */
export class EmbeddingTable {
  private readonly type: EmbeddingType;
  private readonly tensors: TensorEntry[];
  private readonly hiddenSize: number;
  private readonly scale: number;
  /** Bytes of a row in each tensor. */
  private readonly rowBytes: number[];
  private readonly pageRows: number;
  /** Pages by index, the least recently used first. */
  private readonly pages = new Map<number, Page>();

  private constructor(type: EmbeddingType, tensors: TensorEntry[], config: DecoderConfig) {
    const vocabSize = tensors[0]!.shape[0]!;
    this.type = type;
    this.tensors = tensors;
    this.hiddenSize = config.hiddenSize;
    this.scale = config.embeddingScale;
    this.rowBytes = tensors.map(({ start, end }) => (end - start) / vocabSize);
    const bytes = tensors.reduce((sum, { start, end }) => sum + end - start, 0);
    this.pageRows = bytes <= RESIDENT_BYTES ? vocabSize : 1;
  }

  /** Opens the embedding of a package. @throws TiebreakError `package/tensor` for a missing or different tensor. */
  static open(pkg: ModelPackage): EmbeddingTable {
    const { embedding } = pkg.manifest;
    const tensors = embeddingTensors(pkg.config, embedding).map(({ name, dtype, shape }) =>
      pkg.tensor(name, dtype, shape),
    );
    return new EmbeddingTable(embedding, tensors, pkg.config);
  }

  /**
   * Gathers the first hidden state of a batch: embeddings times their scale, float32 [rows, padded, hidden_size], where
   * `padded` is the length of the longest row or more. Padding on the right is zero: causal attention never sees it.
   */
  async gather(rows: readonly Int32Array[], padded: number): Promise<Float32Array<ArrayBuffer>> {
    const H = this.hiddenSize;
    const out = new Float32Array(rows.length * padded * H);
    await this.load(rows);
    for (const [r, ids] of rows.entries()) {
      for (let i = 0; i < ids.length; i += 1) {
        const id = ids[i]!;
        const page = this.pages.get(Math.floor(id / this.pageRows))!;
        const row = page.map((bytes, t) => {
          const start = (id % this.pageRows) * this.rowBytes[t]!;
          return bytes.subarray(start, start + this.rowBytes[t]!);
        });
        decodeRow(this.type, row, out, (r * padded + i) * H, this.scale);
      }
    }
    this.trim();
    return out;
  }

  /** Bytes of a stored row if the table is float16, which devices can decode themselves; else null. */
  get halfBytes(): number | null {
    return this.type === 'float16' ? this.rowBytes[0]! : null;
  }

  /** Copies the stored float16 rows of `ids` into `into`, {@link EmbeddingTable.halfBytes} bytes each. */
  async halves(ids: Int32Array, into: Uint8Array): Promise<void> {
    await this.load([ids]);
    const [bytes] = this.rowBytes as [number];
    for (const [i, id] of ids.entries()) {
      const [page] = this.pages.get(Math.floor(id / this.pageRows))!;
      const start = (id % this.pageRows) * bytes;
      into.set(page!.subarray(start, start + bytes), i * bytes);
    }
    this.trim();
  }

  /** Reads the pages of these ids that are not cached, and marks all of them as most recently used. */
  private async load(rows: readonly Int32Array[]): Promise<void> {
    const needed = new Set<number>();
    for (const ids of rows) for (const id of ids) needed.add(Math.floor(id / this.pageRows));
    await Promise.all(
      [...needed].map(async (index) => {
        const page = this.pages.get(index) ?? (await this.read(index));
        this.pages.delete(index);
        this.pages.set(index, page);
      }),
    );
  }

  private read(index: number): Promise<Page> {
    return Promise.all(
      this.tensors.map(({ source, start, end }, t) => {
        const from = start + index * this.pageRows * this.rowBytes[t]!;
        return source.read(from, Math.min(end, from + this.pageRows * this.rowBytes[t]!));
      }),
    );
  }

  private trim(): void {
    const pageBytes = this.pageRows * this.rowBytes.reduce((sum, bytes) => sum + bytes, 0);
    const limit = Math.max(1, Math.floor(CACHE_BYTES / pageBytes));
    for (const page of this.pages.keys()) {
      if (this.pages.size <= limit) return;
      this.pages.delete(page);
    }
  }
}
