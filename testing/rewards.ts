import { CsvFile } from '../src/data/csv/reader.ts';
import { DEFAULT_SETTINGS, type Pair } from '../src/domain/settings.ts';
import type { ModelLane } from '../src/scoring/lanes/start-lanes.ts';
import { RowIndex } from '../src/scoring/rows/row-index.ts';
import { Run, type RunOptions } from '../src/scoring/run.ts';
import type { ByteSource } from '../src/storage/byte-source.ts';
import type { TokenizerPool } from '../src/tokens/pool.ts';
import { FakeLane, fakeLogits, toyTokenizer } from './runs.ts';

/** The conversation that a reward model reads: the prompt and the first answer of an order, one token a character. */
function conversation({ prompt, responseA, responseB }: Pair, swapped: boolean): string {
  const answer = swapped ? responseB : responseA;
  return prompt.map((turn, i) => `[user]${turn}[model]${answer[i] ?? ''}`).join('');
}

/** Tokenizes the conversation of a reward model, cut on the right. */
export const rewardPool: TokenizerPool = {
  size: 1,
  async tokenize(jobs, { maxLength }) {
    return jobs.map(({ pair, swapped }) => {
      const all = [2, ...toyTokenizer.encode(conversation(pair, swapped)), 1];
      const ids = Int32Array.from(all.slice(0, maxLength));
      const cut = { prompt: 0, responseA: all.length - ids.length, responseB: 0, turns: 0 };
      return { ids, length: all.length, truncated: ids.length < all.length, cut };
    });
  },
  close: () => {},
};

/**
 * A reward model whose rewards depend on every token, a little on the other rows of the batch, and on the adapter. It
 * shares beginnings, as our kernels do.
 */
export class RewardLane extends FakeLane implements ModelLane {
  readonly dead = false;
  readonly model: ModelLane['model'];
  override readonly bounds = {
    padMultiple: 1,
    maxScoreBytes: 4_000_000,
    scoreBytesOfOne: 1,
    headGroups: [1],
    sharesPrefixes: true,
  };
  /** Called before each batch. */
  onBatch: (batch: number) => void = () => {};
  private readonly adapters: number;

  constructor(adapters = 1) {
    super();
    this.adapters = adapters;
    Object.assign(this.info, { reading: 'reward' });
    this.model = {
      name: 'fake reward',
      sha256: 'e'.repeat(64),
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
    const rewards = rows.map((ids) => 4 * fakeLogits(ids)[0] * (1 + others * 1e-9));
    return Float32Array.from(
      Array.from({ length: this.adapters }, (_, a) => rewards.map((x) => x / (a + 1) - a)).flat(),
    );
  }
}

/** Reads a file and prepares a run of it with a reward model. */
export async function makeRewardRun(
  source: ByteSource,
  { lane, ...options }: { lane: RewardLane } & Partial<RunOptions>,
): Promise<{ run: Run; index: RowIndex }> {
  const settings = { ...DEFAULT_SETTINGS, ...options.settings };
  const { textMode, tta } = settings;
  const index = await RowIndex.read(await CsvFile.open(source), {
    textMode,
    tta,
    reading: 'reward',
  });
  return { index, run: new Run({ ...options, index, lanes: [lane], pool: rewardPool, settings }) };
}
