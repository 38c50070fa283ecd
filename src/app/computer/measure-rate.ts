import { DEFAULT_SETTINGS } from '../../domain/settings.ts';
import type { ModelInfo } from '../../scoring/lanes/model-request.ts';
import type { Explored } from '../../scoring/worker/explore-api.ts';
import { operationsOf, type Rate } from '../page/rate.ts';
import type { RunClient } from '../state/client.ts';

/** Words of the first text, of some 40 tokens: it compiles what has to be compiled, and warns of a slow device. */
const FIRST_WORDS = 16;
/** Words of the others: some 260 tokens with the template. */
const WORDS = 240;
/** Texts of a batch: a GPU shows little of its speed with few. */
const TEXTS = { webgpu: 8, wasm: 2 } as const;
/** Where the first text takes longer, in seconds, the device is too slow for more; else it may have compiled. */
const SLOW = 10;
/** A batch that is likely to take longer is left out. */
const PATIENCE = 4;

/**
 * Times the loaded model with a short text, a longer one, and a batch of longer ones, as far as each is soon done. The
 * best rate counts; on a slow device it is that of a single text, which is rather too slow. A run that starts ends it.
 * @throws TiebreakError as exploring does: `explore/busy`, `run/cancelled`, and what scoring throws.
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

/** A text that no other number has: equal ones are computed once. */
function textOf(number: number, length: number) {
  const words = Array.from({ length: length / 2 }, (_, i) => (i % 7 === 0 ? `${number}` : 'time'));
  const response = [words.join(' ')];
  return {
    pair: { prompt: [`Text ${number}`], responseA: response, responseB: response },
    swapped: false,
  };
}
