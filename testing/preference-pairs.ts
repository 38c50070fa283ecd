import { existsSync, readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { type JudgeKind, judgeKind } from '../src/data/labelled/labelled-file.ts';
import { splitter } from '../src/data/split.ts';
import { LABELS } from '../src/domain/classes.ts';
import type { Pair } from '../src/domain/settings.ts';
import { errorOf } from './errors.ts';

/** Path of the preference data, which a user's clone lacks. */
export const PAIRS = new URL('../../shared/data/pairs.jsonl.gz', import.meta.url);

interface StoredPair {
  prompt: string[];
  response_a: string[];
  response_b: string[];
  label: (typeof LABELS)[number];
  judge: string;
  group: string;
}

/**
 * Returns rows of the preference data in `../shared/data`, spread evenly over its sources.
 * @throws TiebreakError `bench/no-data` if the folder is missing (as in a user's clone).
 */
export function preferencePairs(count: number): (Pair & { id: string })[] {
  const stored = storedPairs();
  const step = stored.length / count;
  return Array.from({ length: count }, (_, i) => ({
    id: String(1_000_000 + i),
    ...pairOf(stored[Math.floor(i * step)]!),
  }));
}

/**
 * Returns the validation rows of one kind of judge, with the indices of their labels in {@link LABELS}.
 * @throws as {@link preferencePairs}.
 */
export async function validationPairs(judge: JudgeKind): Promise<{ pair: Pair; label: number }[]> {
  const splitOf = await splitter();
  return storedPairs()
    .filter((row) => judgeKind(row.judge) === judge && splitOf(row.group) === 'validation')
    .map((row) => ({ pair: pairOf(row), label: LABELS.indexOf(row.label) }));
}

function storedPairs(): StoredPair[] {
  if (!existsSync(PAIRS)) {
    throw errorOf('bench/no-data', 'The preference pairs (../shared/data) are not here.');
  }
  const lines = gunzipSync(readFileSync(PAIRS)).toString('utf8').trimEnd().split('\n');
  return lines.map((line) => JSON.parse(line) as StoredPair);
}

function pairOf({ prompt, response_a, response_b }: StoredPair): Pair {
  return { prompt, responseA: response_a, responseB: response_b };
}
