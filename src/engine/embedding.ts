import { decodeFloats } from '../model/dtype.ts';
import type { Manifest } from '../model/manifest.ts';
import { type ModelPackage, tensorName } from '../model/package.ts';
import { type TensorEntry, tensorBytes } from '../model/safetensors.ts';

const DTYPE = { float32: 'F32', float16: 'F16', int8: 'I8' } as const satisfies Record<
  Manifest['embedding'],
  TensorEntry['dtype']
>;

// Up to this size the table is read once and kept; above it, pages of it are read as they are needed.
const RESIDENT_BYTES = 64 * 2 ** 20;
const PAGE_ROWS = 64;
const CACHE_BYTES = 128 * 2 ** 20;

/**
 * The token embedding, gathered on the CPU from the package's file: at 9B it would take 1.8 GB of GPU memory, and a batch
 * reads only a few thousand rows of it.
 */
export class EmbeddingTable {
  private readonly tensor: TensorEntry;
  private readonly scales: Float32Array | undefined;
  private readonly hiddenSize: number;
  private readonly rowBytes: number;
  private readonly pageRows: number;
  /** Pages by index, the least recently used first. */
  private readonly pages = new Map<number, Uint8Array<ArrayBuffer>>();

  private constructor(tensor: TensorEntry, scales: Float32Array | undefined) {
    const [vocabSize, hiddenSize] = tensor.shape as [number, number];
    this.tensor = tensor;
    this.scales = scales;
    this.hiddenSize = hiddenSize;
    this.rowBytes = (tensor.end - tensor.start) / vocabSize;
    this.pageRows = tensor.end - tensor.start <= RESIDENT_BYTES ? vocabSize : PAGE_ROWS;
  }

  /** Opens the embedding of a package. */
  static async open(pkg: ModelPackage): Promise<EmbeddingTable> {
    const { vocabSize, hiddenSize } = pkg.config;
    const type = pkg.manifest.embedding;
    const tensor = pkg.tensor(tensorName.embedding, DTYPE[type], [vocabSize, hiddenSize]);
    const scales =
      type === 'int8'
        ? decodeFloats(
            await tensorBytes(pkg.tensor(tensorName.embeddingScales, 'F32', [vocabSize])),
            'F32',
          )
        : undefined;
    return new EmbeddingTable(tensor, scales);
  }

  /**
   * The first hidden state of a batch: embeddings times sqrt(hidden_size), float32 [rows, padded, hidden_size]. Padding is
   * zero; causal attention never lets a token see what comes after it.
   */
  async gather(rows: readonly Int32Array[], padded: number): Promise<Float32Array<ArrayBuffer>> {
    const H = this.hiddenSize;
    const multiplier = Math.sqrt(H);
    const out = new Float32Array(rows.length * padded * H);
    await this.load(rows);
    for (const [r, ids] of rows.entries()) {
      for (let i = 0; i < ids.length; i += 1) {
        const id = ids[i]!;
        const page = this.pages.get(Math.floor(id / this.pageRows))!;
        const start = (id % this.pageRows) * this.rowBytes;
        const values = this.decode(page.subarray(start, start + this.rowBytes));
        const factor = multiplier * (this.scales?.[id] ?? 1);
        const at = (r * padded + i) * H;
        for (let h = 0; h < H; h += 1) out[at + h] = values[h]! * factor;
      }
    }
    this.trim();
    return out;
  }

  private decode(bytes: Uint8Array<ArrayBuffer>): ArrayLike<number> {
    if (this.tensor.dtype === 'I8') {
      return new Int8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    }
    return decodeFloats(bytes, this.tensor.dtype);
  }

  /** Reads the pages that these ids need, and marks all of them as just used. */
  private async load(rows: readonly Int32Array[]): Promise<void> {
    const needed = new Set<number>();
    for (const ids of rows) for (const id of ids) needed.add(Math.floor(id / this.pageRows));
    const pageBytes = this.pageRows * this.rowBytes;
    await Promise.all(
      [...needed].map(async (page) => {
        const start = this.tensor.start + page * pageBytes;
        const bytes =
          this.pages.get(page) ??
          (await this.tensor.source.read(start, Math.min(this.tensor.end, start + pageBytes)));
        this.pages.delete(page);
        this.pages.set(page, bytes);
      }),
    );
  }

  private trim(): void {
    const limit = Math.max(1, Math.floor(CACHE_BYTES / (this.pageRows * this.rowBytes)));
    for (const page of this.pages.keys()) {
      if (this.pages.size <= limit) return;
      this.pages.delete(page);
    }
  }
}
