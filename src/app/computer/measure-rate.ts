import { DEFAULT_SETTINGS } from '../../domain/settings.ts';
import type { ModelInfo } from '../../scoring/lanes/model-request.ts';
import type { Explored } from '../../scoring/worker/explore-api.ts';
import { operationsOf, type Rate } from '../page/rate.ts';
import type { RunClient } from '../state/client.ts';

/** Words of the first text, some 40 tokens. It compiles the kernels, and reveals a slow device. */
const FIRST_WORDS = 16;
/** Words of the other texts, some 260 tokens with the template. */
const WORDS = 240;
/** Texts of a batch: a GPU needs several to show its speed. */
const TEXTS = { webgpu: 8, wasm: 2 } as const;
/** Seconds of the first text above which the device is too slow for more. Below, the time may have been compilation. */
const SLOW = 10;
/** Seconds above which the batch is skipped, predicted from the single text before it. */
const PATIENCE = 4;

/**
 * Times the loaded model with a short text, a longer one, and a batch of longer ones, skipping those that would take
 * long. Returns the best rate; on a slow device that of a single text, which is a little low. Starting a run cancels
 * it.
 * @throws TiebreakError as exploring does: `explore/busy`, `run/cancelled`, and the errors of scoring.
 */
export async function measureRate(
  client: Pick<RunClient, 'explore'>,
  { engine, flops }: Pick<ModelInfo, 'engine' | 'flops'>,
  adapter: string | null,
): Promise<Rate> {
  const batch = TEXTS[engine.gpu?.fallback ? 'wasm' : engine.device];
  let number = 0;
  const time = async (count: number, words: number) => {
    const answer = await client.explore({
      texts: Array.from({ length: count }, () => textOf(number++, words)),
      adapters: [adapter],
      settings: DEFAULT_SETTINGS,
    });
    const { seconds } = answer;
    return { seconds, perOperation: seconds / operationsOf(flops, textsOf(answer)) };
  };
  const first = await time(1, FIRST_WORDS);
  const timed = [first];
  if (first.seconds <= SLOW) {
    const longer = await time(1, WORDS);
    timed.push(longer);
    if (longer.seconds * batch <= PATIENCE) timed.push(await time(batch, WORDS));
  }
  const secondsPerOperation = Math.min(...timed.map(({ perOperation }) => perOperation));
  return { secondsPerOperation, flops, place: engine.place, how: 'measured' };
}

function textsOf({ facts }: Explored) {
  const tokens = facts.reduce((sum, fact) => sum + fact.tokens, 0);
  const squares = facts.reduce((sum, fact) => sum + fact.tokens ** 2, 0);
  return { tokens, squares };
}

/** Makes a text that differs for each number, since equal texts are computed once. */
function textOf(number: number, length: number) {
  const words = Array.from({ length: length / 2 }, (_, i) => (i % 7 === 0 ? `${number}` : 'time'));
  const response = [words.join(' ')];
  return {
    pair: { prompt: [`Text ${number}`], responseA: response, responseB: response },
    swapped: false,
  };
}
