import type { Pair, RunSettings } from './settings.ts';
import { PART_HEADINGS, pairText, partTexts } from './template.ts';

/** A row as token ids, with an account of what was left out. */
export interface TokenizedText {
  /** `<bos>` … `<eos>`, at most `maxLength`. */
  ids: Int32Array;
  /** Tokens before truncation, with `<bos>` and `<eos>` (with `spread`, those of every part). */
  length: number;
  truncated: boolean;
  /**
   * Tokens cut from each part as it stands in this text (after swapping), and whole turns dropped. The text is
   * tokenized as one piece, so a token may lie across two parts: the counts of single parts can be off by one or two,
   * and where parts were tokenized alone (`proportional`) so can their sum.
   */
  cut: { prompt: number; responseA: number; responseB: number; turns: number };
}

/** The part of a tokenizer that truncation needs. */
export interface PairTokenizer {
  /** Ids of a text, without `<bos>` and `<eos>` around it. */
  encode(text: string): number[];
  bos: number;
  eos: number;
}

type Counts = [number, number, number];

/** Turns a pair into token ids as the settings ask. */
export function tokenizePair(
  pair: Pair,
  swapped: boolean,
  settings: RunSettings,
  tokenizer: PairTokenizer,
): TokenizedText {
  if (settings.spread) return spread(pair, swapped, settings.maxLength, tokenizer);
  const budget = Math.max(0, settings.maxLength - 2);
  const ids = tokenizer.encode(pairText(pair, swapped));
  if (ids.length <= budget) return result(ids, ids.length, [0, 0, 0], 0, tokenizer);
  switch (settings.truncation) {
    case 'right':
      return cutRight(pair, swapped, ids, budget, tokenizer);
    case 'turns':
      return cutTurns(pair, swapped, ids.length, budget, tokenizer);
    case 'proportional':
      return cutProportional(pair, swapped, ids, budget, tokenizer);
  }
}

/**
 * Splits `available` among three parts of `lengths` tokens. `minimum` of each is kept first; the rest goes to what is
 * left of the parts in proportion, by largest remainder. Sums to `available` exactly. Expects
 * sum(minimum) <= available <= sum(lengths), and no minimum above its length.
 */
export function shareProportionally(lengths: Counts, minimum: Counts, available: number): Counts {
  const open = lengths.map((length, part) => length - minimum[part]!);
  const total = sum(open);
  const extra = available - sum(minimum);
  if (total === 0) return [...minimum];
  // Whole-number arithmetic: rounding a quotient could give a part one token too many.
  const shares = open.map((length) => Math.floor((length * extra) / total));
  const remainders = open.map((length) => (length * extra) % total);
  let left = extra - sum(shares);
  for (const part of [0, 1, 2].sort((x, y) => remainders[y]! - remainders[x]! || x - y)) {
    if (left === 0) break;
    shares[part]! += 1;
    left -= 1;
  }
  return [0, 1, 2].map((part) => minimum[part]! + shares[part]!) as Counts;
}

/** The notebook's way: the first tokens of the whole text. */
function cutRight(
  pair: Pair,
  swapped: boolean,
  ids: number[],
  budget: number,
  tokenizer: PairTokenizer,
): TokenizedText {
  const cut = attribute(partTexts(pair, swapped), ids.length, ids.length - budget, tokenizer);
  return result(ids.slice(0, budget), ids.length, cut, 0, tokenizer);
}

/**
 * Drops the fewest oldest rounds that make the text fit, then cuts on the right. A round is a turn of the prompt with
 * the turns of the answers at the same place; the last turn of each text always stays.
 */
function cutTurns(
  pair: Pair,
  swapped: boolean,
  length: number,
  budget: number,
  tokenizer: PairTokenizer,
): TokenizedText {
  // Halving instead of dropping one by one: a row of thousands of short turns would be tokenized thousands of times.
  let tooFew = 0;
  let enough = Math.max(0, pair.prompt.length - 1);
  while (enough - tooFew > 1) {
    const middle = Math.floor((tooFew + enough) / 2);
    if (tokenizer.encode(pairText(dropRounds(pair, middle), swapped)).length <= budget)
      enough = middle;
    else tooFew = middle;
  }
  const kept = dropRounds(pair, enough);
  const ids = tokenizer.encode(pairText(kept, swapped));
  const before = partTexts(pair, swapped);
  const after = partTexts(kept, swapped);
  const dropped = [1, 2].map((part) =>
    before[part] === after[part]
      ? 0
      : tokenizer.encode(before[part]!).length - tokenizer.encode(after[part]!).length,
  );
  const end = attribute(after, ids.length, Math.max(0, ids.length - budget), tokenizer);
  const a = dropped[0]! + end[1];
  const b = dropped[1]! + end[2];
  const keptIds = ids.slice(0, budget);
  const cut: Counts = [Math.max(0, length - keptIds.length - a - b), a, b];
  return result(keptIds, length, cut, enough, tokenizer);
}

/** The first tokens of each part, in proportion to its length; headings are always kept. */
function cutProportional(
  pair: Pair,
  swapped: boolean,
  whole: number[],
  budget: number,
  tokenizer: PairTokenizer,
): TokenizedText {
  const parts = partTexts(pair, swapped).map((text) => tokenizer.encode(text));
  const lengths = parts.map((part) => part.length) as Counts;
  // Without the trailing space, which belongs to the first word's token.
  const headings = PART_HEADINGS.map((heading, part) =>
    Math.min(lengths[part]!, tokenizer.encode(heading.trimEnd()).length),
  ) as Counts;
  if (sum(headings) > budget) return cutRight(pair, swapped, whole, budget, tokenizer);
  // Parts tokenized alone can, in principle, be shorter than the whole text and fit.
  const shares = shareProportionally(lengths, headings, Math.min(budget, sum(lengths)));
  const ids = parts.flatMap((part, index) => part.slice(0, shares[index]));
  const cut = lengths.map((length, part) => length - shares[part]!) as Counts;
  return result(ids, whole.length, cut, 0, tokenizer);
}

/** The notebook's `spread_max_length`: every part alone, with its own `<bos>` and `<eos>`. */
function spread(
  pair: Pair,
  swapped: boolean,
  maxLength: number,
  tokenizer: PairTokenizer,
): TokenizedText {
  const budget = Math.max(0, Math.floor(maxLength / 3) - 2);
  const ids: number[] = [];
  const cut: Counts = [0, 0, 0];
  let length = 0;
  for (const [part, text] of partTexts(pair, swapped).entries()) {
    const tokens = tokenizer.encode(text);
    length += tokens.length + 2;
    cut[part] = Math.max(0, tokens.length - budget);
    ids.push(tokenizer.bos, ...tokens.slice(0, budget), tokenizer.eos);
  }
  return {
    ids: Int32Array.from(ids),
    length,
    truncated: sum(cut) > 0,
    cut: { prompt: cut[0], responseA: cut[1], responseB: cut[2], turns: 0 },
  };
}

/** Shares out the last `count` of `length` tokens among the parts, from the last part to the first. */
function attribute(
  parts: readonly string[],
  length: number,
  count: number,
  tokenizer: PairTokenizer,
): Counts {
  if (count === 0) return [0, 0, 0];
  const b = Math.min(count, tokenizer.encode(parts[2]!).length);
  const a = b === count ? 0 : Math.min(count - b, tokenizer.encode(parts[1]!).length, length - b);
  return [count - a - b, a, b];
}

/** The pair without its first rounds; the last turn of each text always stays. */
export function dropRounds(pair: Pair, rounds: number): Pair {
  const drop = (turns: string[]) => turns.slice(Math.min(rounds, Math.max(0, turns.length - 1)));
  return {
    prompt: drop(pair.prompt),
    responseA: drop(pair.responseA),
    responseB: drop(pair.responseB),
  };
}

function result(
  tokens: number[],
  lengthBefore: number,
  [prompt, responseA, responseB]: Counts,
  turns: number,
  { bos, eos }: PairTokenizer,
): TokenizedText {
  const ids = new Int32Array(tokens.length + 2);
  ids[0] = bos;
  ids.set(tokens, 1);
  ids[ids.length - 1] = eos;
  return {
    ids,
    length: lengthBefore + 2,
    truncated: lengthBefore > tokens.length || turns > 0,
    cut: { prompt, responseA, responseB, turns },
  };
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
