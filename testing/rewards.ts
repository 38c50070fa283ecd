import { CsvFile } from '../src/data/csv/reader.ts';
import { DEFAULT_SETTINGS, type Pair } from '../src/domain/settings.ts';
import { RowIndex } from '../src/scoring/rows/row-index.ts';
import { Run, type RunOptions } from '../src/scoring/run.ts';
import type { ByteSource } from '../src/storage/byte-source.ts';
import type { TokenizerPool } from '../src/tokens/pool/pool.ts';
import { fakeLogits, TellingLane, toyTokenizer } from './runs.ts';

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
export class RewardLane extends TellingLane {
  override readonly bounds = {
    padMultiple: 1,
    maxScoreBytes: 4_000_000,
    scoreBytesOfOne: 1,
    headGroups: [1],
    sharesPrefixes: true,
  };

  constructor(adapters = 1) {
    super('fake reward', adapters);
    Object.assign(this.info, { reading: 'reward' });
  }

  protected override numbersOf(ids: Int32Array): readonly number[] {
    return [4 * fakeLogits(ids)[0]];
  }

  protected override ofAdapter(x: number, a: number): number {
    return x / (a + 1) - a;
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
