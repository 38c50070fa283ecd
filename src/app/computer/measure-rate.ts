import { DEFAULT_SETTINGS } from '../../domain/settings.ts';
import type { ModelInfo } from '../../scoring/lanes/model-request.ts';
import type { Explored } from '../../scoring/worker/explore-api.ts';
import type { RunClient } from '../shell/client.ts';
import { operationsOf, type Rate } from './model-times.ts';

/** Words of each text: some 260 tokens with the template. */
const WORDS = 240;
/** Texts of a batch: a GPU shows little of its speed with few. */
const TEXTS = { webgpu: 8, wasm: 2 } as const;

/**
 * Times the loaded model with two short batches, of which the first compiles what has to be compiled. A run that starts
 * ends it. @throws TiebreakError as exploring does: `explore/busy`, `run/cancelled`, and what scoring throws.
 */
export async function measureRate(
  client: Pick<RunClient, 'explore'>,
  { engine, flops }: Pick<ModelInfo, 'engine' | 'flops'>,
  adapter: string | null,
): Promise<Rate> {
  const texts = TEXTS[engine.gpu?.fallback ? 'wasm' : engine.device];
  const rates: number[] = [];
  for (const batch of [0, 1]) {
    const answer = await client.explore({
      texts: Array.from({ length: texts }, (_, i) => textOf(batch * texts + i)),
      adapters: [adapter],
      settings: DEFAULT_SETTINGS,
    });
    rates.push(answer.seconds / operationsOf(flops, textsOf(answer)));
  }
  const { place } = engine;
  const secondsPerOperation = Math.min(...rates);
  return { secondsPerOperation, flops, place, how: 'measured' };
}

function textsOf({ facts }: Explored) {
  const tokens = facts.reduce((sum, fact) => sum + fact.tokens, 0);
  const squares = facts.reduce((sum, fact) => sum + fact.tokens ** 2, 0);
  return { tokens, squares };
}

/** A text that no other number has: equal ones are computed once. */
function textOf(number: number) {
  const words = Array.from({ length: WORDS / 2 }, (_, i) => (i % 7 === 0 ? `${number}` : 'time'));
  const response = [words.join(' ')];
  return {
    pair: { prompt: [`Text ${number}`], responseA: response, responseB: response },
    swapped: false,
  };
}
