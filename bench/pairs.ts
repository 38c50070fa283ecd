import { existsSync, readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { TiebreakError } from '../src/core/errors.ts';
import type { Pair } from '../src/core/settings.ts';

const PAIRS = new URL('../../shared/data/pairs.jsonl.gz', import.meta.url);

/**
 * Rows of the preference data in `../shared/data`, spread evenly over its sources.
 * @throws TiebreakError `bench/no-data` when the folder is not there (a user's clone has none).
 */
export function preferencePairs(count: number): (Pair & { id: string })[] {
  if (!existsSync(PAIRS)) {
    throw new TiebreakError('bench/no-data', 'The preference pairs (../shared/data) are not here.');
  }
  const lines = gunzipSync(readFileSync(PAIRS)).toString('utf8').trimEnd().split('\n');
  const step = lines.length / count;
  return Array.from({ length: count }, (_, i) => {
    const pair = JSON.parse(lines[Math.floor(i * step)]!) as {
      prompt: string[];
      response_a: string[];
      response_b: string[];
    };
    return {
      id: String(1_000_000 + i),
      prompt: pair.prompt,
      responseA: pair.response_a,
      responseB: pair.response_b,
    };
  });
}
