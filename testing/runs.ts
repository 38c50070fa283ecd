import { toKaggleCsv } from '../src/data/csv/kaggle.ts';
import { CsvFile } from '../src/data/csv/reader.ts';
import { aborted } from '../src/domain/errors.ts';
import type { Reading } from '../src/domain/reading.ts';
import { DEFAULT_SETTINGS, type RunSettings } from '../src/domain/settings.ts';
import type { EngineInfo } from '../src/engine/engine.ts';
import type { Lane } from '../src/scoring/lanes/lane.ts';
import type { ModelLane } from '../src/scoring/lanes/start-lanes.ts';
import { RowIndex } from '../src/scoring/rows/row-index.ts';
import { Run, type RunOptions } from '../src/scoring/run.ts';
import { type ByteSource, MemorySource } from '../src/storage/byte-source.ts';
import { inlinePool, type TokenizerPool } from '../src/tokens/pool/pool.ts';
import type { PairTextTokenizer } from '../src/tokens/tokenizer.ts';
import { random } from './synthetic.ts';

const toyIds = (text: string) => Array.from(text, (c) => 10 + (c.codePointAt(0)! % 900));

/** One token per character, which is enough for every test but those of the ids themselves. */
export const toyTokenizer: PairTextTokenizer = {
  encode: toyIds,
  encodeText: toyIds,
  piece: (id) => (id < 10 ? ['<pad>', '<eos>', '<bos>'][id] : undefined) ?? '?',
  byteLength: () => 1,
  spell: (text) => text,
  isSpecial: (id) => id < 3,
  bos: 2,
  eos: 1,
  pad: 0,
  vocabSize: 1000,
};

export interface TestRow {
  id: string;
  prompt: string[];
  responseA: string[];
  responseB: string[];
}

/** Makes rows with varied lengths and turns from a seed. A turn has up to `longest` words. */
export function makeRows(count: number, seed = 1, longest = 40): TestRow[] {
  const uniform = random(seed);
  const next = (below: number) => Math.floor(uniform() * below);
  const words = [
    'rain',
    'a "quoted" word',
    'x/y',
    'naïve',
    '日本',
    '😀',
    'line\nbreak',
    '1.',
    '```',
    '<b>',
  ];
  const turn = () =>
    Array.from({ length: 1 + next(longest) }, () => words[next(words.length)]!).join(' ');
  return Array.from({ length: count }, (_, i) => {
    const turns = 1 + (next(5) === 0 ? next(3) : 0);
    const list = () => Array.from({ length: turns }, turn);
    return {
      id: String(4_000_000_000 + i * 7),
      prompt: list(),
      responseA: list(),
      responseB: list(),
    };
  });
}

/** The rows as the competition's CSV. */
export function csvOf(rows: TestRow[]): MemorySource {
  return new MemorySource('test.csv', new TextEncoder().encode(toKaggleCsv(rows)));
}

/** A lane whose logits depend only on the tokens of a row. */
export class FakeLane implements Lane {
  readonly info: EngineInfo;
  readonly bounds = {
    padMultiple: 8,
    maxScoreBytes: 4_000_000,
    scoreBytesOfOne: 1,
    headGroups: [1],
  };
  /** Rows of every computed batch. */
  readonly batches: Int32Array[][] = [];
  delayMs = 0;
  /** Number of the first batch that fails. */
  failAt = Number.POSITIVE_INFINITY;

  constructor() {
    this.info = {
      model: 'fake',
      reading: 'pair',
      device: 'webgpu',
      computesOn: 'fake GPU',
      precision: 'float32',
      softCap: 50,
    } as EngineInfo;
  }

  async logits(rows: Int32Array[], signal?: AbortSignal): Promise<Float32Array> {
    if (this.batches.length >= this.failAt) throw new Error('the device is lost');
    this.batches.push(rows);
    if (this.delayMs > 0) await new Promise((resolve) => setTimeout(resolve, this.delayMs));
    if (signal?.aborted) throw aborted();
    return Float32Array.from(rows.flatMap(fakeLogits));
  }
}

/**
 * A lane whose numbers also depend on the other rows of the batch, as float32 sums do in their last digits. Each
 * adapter gives different numbers.
 */
export class TellingLane extends FakeLane implements ModelLane {
  readonly dead = false;
  readonly model: ModelLane['model'];
  /** Called before each batch. */
  onBatch: (batch: number) => void = () => {};
  private readonly adapters: number;

  constructor(model = 'fake', adapters = 1) {
    super();
    this.adapters = adapters;
    const sha256 = model.charCodeAt(0).toString(16).repeat(32);
    this.model = {
      name: model,
      sha256,
      notice: null,
      adapters: [],
      baseHasHead: true,
      flops: { token: 1000, square: 10 },
      engine: this.info,
    };
  }

  async setAdapters(): Promise<void> {}

  close(): void {}

  override async logits(rows: Int32Array[], signal?: AbortSignal): Promise<Float32Array> {
    this.onBatch(this.batches.length);
    await super.logits(rows, signal);
    const others = rows.reduce((sum, row) => sum + row.length * row[3]!, 0);
    const first = rows.flatMap((ids) => this.numbersOf(ids)).map((x) => x * (1 + others * 1e-9));
    return Float32Array.from(
      Array.from({ length: this.adapters }, (_, a) =>
        first.map((x) => this.ofAdapter(x, a)),
      ).flat(),
    );
  }

  /** The numbers of the head for a row alone. */
  protected numbersOf(ids: Int32Array): readonly number[] {
    return fakeLogits(ids);
  }

  /** Such a number as adapter `a` gives it. */
  protected ofAdapter(x: number, a: number): number {
    return x / (a + 1) - a * 0.1;
  }
}

/** Three numbers that depend on every token and its position. */
export function fakeLogits(ids: Int32Array): [number, number, number] {
  const out: [number, number, number] = [0, 0, 0];
  for (const [i, id] of ids.entries()) {
    for (let c = 0; c < 3; c += 1) out[c]! += Math.sin(id * (c + 1) + i * 0.01);
  }
  return out.map((value) => value / Math.sqrt(ids.length)) as [number, number, number];
}

/** Reads a file and prepares a run of it. */
export async function makeRun(
  source: ByteSource,
  options: {
    settings?: Partial<RunSettings>;
    pool?: TokenizerPool;
    lanes: Lane[];
    equalRowsOnce?: boolean;
    reading?: Reading;
  } & Partial<Omit<RunOptions, 'settings' | 'index' | 'pool' | 'lanes'>>,
): Promise<{ run: Run; index: RowIndex }> {
  const settings = { ...DEFAULT_SETTINGS, ...options.settings };
  const csv = await CsvFile.open(source);
  const { textMode, tta } = settings;
  const { equalRowsOnce, reading } = options;
  const index = await RowIndex.read(csv, { textMode, tta, equalRowsOnce, reading });
  const pool = options.pool ?? inlinePool(toyTokenizer);
  return { index, run: new Run({ ...options, index, pool, settings }) };
}

/** Parses the rows of a submission: id and three numbers. */
export function parseSubmission(chunks: string[]): { header: string; rows: [string, number[]][] } {
  const [header, ...lines] = chunks.join('').trimEnd().split('\n');
  return {
    header: header!,
    rows: lines.map((line) => {
      const [id, ...numbers] = line.split(',');
      return [id!, numbers.map(Number)];
    }),
  };
}
