import type { Pair, RunSettings } from './settings.ts';
import { PART_HEADINGS, pairText, partTexts } from './template.ts';

/** A pair as token ids, in one order of its answers, with the counts of what was cut. */
export interface TokenizedText {
  /** `<bos>` … `<eos>`, at most `maxLength`. */
  ids: Int32Array;
  /** Number of tokens before truncation, `<bos>` and `<eos>` included (with `spread`, those of every part). */
  length: number;
  truncated: boolean;
  /**
   * Tokens cut from each part, and the number of rounds dropped (`turns`). `responseA` is the answer that stands first
   * in this text, after swapping. The text is tokenized as a whole, so a token may lie across two parts: the count of a
   * part can be off by one or two, and with `proportional`, which tokenizes parts separately, so can the sum.
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

/**
 * Tokenizes a pair, in the order of the file or swapped, and truncates it as the settings say. Without `spread` the
 * result has at most `maxLength` tokens and ends in `<eos>`, which is the token that the model pools.
 */
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
 * Divides `available` tokens among three parts of `lengths` tokens. Each part first gets its `minimum`; the rest is
 * divided in proportion to the tokens that the parts still lack, by the method of largest remainders. The result sums
 * to `available` exactly. Requires sum(minimum) <= available <= sum(lengths) and no minimum above its length.
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

/** Keeps the first `budget` tokens of the whole text, as the notebook does. */
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
 * Drops as few of the oldest rounds as make the text fit, then cuts on the right. A round is a turn of the prompt with
 * the turns of both answers at the same position; the last turn of each part always stays.
 */
function cutTurns(
  pair: Pair,
  swapped: boolean,
  length: number,
  budget: number,
  tokenizer: PairTokenizer,
): TokenizedText {
  // Binary search: dropping one round at a time would tokenize a row of thousands of short turns thousands of times.
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

/**
 * Keeps the first tokens of each part, in proportion to its length, and every heading. Where the headings alone exceed
 * the budget, cuts on the right instead.
 */
function cutProportional(
  pair: Pair,
  swapped: boolean,
  whole: number[],
  budget: number,
  tokenizer: PairTokenizer,
): TokenizedText {
  const parts = partTexts(pair, swapped).map((text) => tokenizer.encode(text));
  const lengths = parts.map((part) => part.length) as Counts;
  // The heading's trailing space belongs to the token of the first word.
  const headings = PART_HEADINGS.map((heading, part) =>
    Math.min(lengths[part]!, tokenizer.encode(heading.trimEnd()).length),
  ) as Counts;
  if (sum(headings) > budget) return cutRight(pair, swapped, whole, budget, tokenizer);
  // Parts that are tokenized separately can have fewer tokens than the whole text, and fit.
  const shares = shareProportionally(lengths, headings, Math.min(budget, sum(lengths)));
  const ids = parts.flatMap((part, index) => part.slice(0, shares[index]));
  const cut = lengths.map((length, part) => length - shares[part]!) as Counts;
  return result(ids, whole.length, cut, 0, tokenizer);
}

/** Tokenizes each part by itself, as {@link RunSettings.spread} says, and joins the three results. */
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

/** Counts how many of the last `count` of `length` tokens belong to each part, from the last part to the first. */
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

/** The pair without its first `rounds` rounds; the last turn of each part always stays. */
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
