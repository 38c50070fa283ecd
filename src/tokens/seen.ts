import { PAIR_PARTS } from '../domain/pair.ts';
import type { Pair, RunSettings } from '../domain/settings.ts';
import { PART_HEADINGS, partTexts } from '../domain/template.ts';
import { dropRounds, type PairTokenizer, type TokenizedText } from '../domain/truncate.ts';

/** The parts that a token can belong to. `responseA` is answer A of the pair, also in a text with swapped answers. */
export const TOKEN_PARTS = ['special', 'template', 'prompt', 'responseA', 'responseB'] as const;
export type TokenPart = (typeof TOKEN_PARTS)[number];

/** Name of one of the three parts of a pair. */
type PartName = keyof Pair;

/** The tokens of a text with their origins, and the text that truncation removed. */
export interface SeenText {
  ids: Int32Array;
  /** The text of each token; a token that is one byte of a character reads `<0xE3>`. */
  pieces: string[];
  /** Index into {@link TOKEN_PARTS} for each token. A token across two parts belongs to the one in which it ends. */
  parts: Uint8Array;
  /** The turn of each token, counted from 0; a token of the template has that of the turn after it. */
  turns: Uint16Array;
  /** Positions of special tokens that the text itself spells out, such as a literal `<eos>`. */
  literal: number[];
  /** Text that the model did not see, in reading order. `turn` counts from 0. */
  unseen: { part: PartName; turn: number; text: string }[];
  /** As {@link TokenizedText.length}. */
  length: number;
  cut: TokenizedText['cut'];
}

/** The part of a tokenizer that {@link seenText} needs. */
interface PieceTokenizer {
  /** The text of a token, where `<0xE3>` stands for a byte that is only a part of a character. */
  piece(id: number): string;
  /** UTF-8 bytes of the text that a token spells. */
  byteLength(id: number): number;
  /** A text as its tokens spell it. */
  spell(text: string): string;
  isSpecial(id: number): boolean;
}

/** A stretch of the text: a turn, or what the template writes before it. */
export interface Stretch {
  part: 'template' | PartName;
  turn: number;
  text: string;
}

const LONE_HALF = /\p{Surrogate}/gu;
const encoder = new TextEncoder();
// Not fatal: a token may end inside a character, and the bytes after it alone are not valid UTF-8.
const decoder = new TextDecoder();

/**
 * Finds the part and turn of each token of a text, and the text that was cut. `text` must be the result of
 * `tokenizePair` for the same pair, order, settings and tokenizer.
 */
export function seenText(
  pair: Pair,
  swapped: boolean,
  settings: RunSettings,
  text: TokenizedText,
  tokenizer: PieceTokenizer & PairTokenizer,
): SeenText {
  const { ids, length, cut } = text;
  const kept = dropRounds(pair, cut.turns);
  const seen: SeenText = {
    ids,
    pieces: Array.from(ids, (id) => tokenizer.piece(id)),
    parts: new Uint8Array(ids.length),
    turns: new Uint16Array(ids.length),
    literal: [],
    unseen: PAIR_PARTS.flatMap((part) =>
      pair[part]
        .slice(0, pair[part].length - kept[part].length)
        .map((turn, i) => ({ part, turn: i, text: turn })),
    ),
    length,
    cut: swapped ? { ...cut, responseA: cut.responseB, responseB: cut.responseA } : cut,
  };
  const parts = stretchesOf(pair, kept, swapped);
  for (const run of runsOf(parts, pair, swapped, settings, text, tokenizer)) {
    const rest = assignTokens(seen, run, tokenizer);
    seen.unseen.push(...rest);
  }
  return seen;
}

/** Tokens `start` to `end` (exclusive) that were tokenized as one text, and the stretches of that text. */
interface Run {
  stretches: Stretch[];
  start: number;
  end: number;
}

function runsOf(
  parts: Stretch[][],
  pair: Pair,
  swapped: boolean,
  { spread, truncation, maxLength }: RunSettings,
  { ids, length, cut }: TokenizedText,
  tokenizer: PairTokenizer,
): Run[] {
  const whole = { stretches: parts.flat(), start: 1, end: ids.length - 1 };
  const isShared = truncation === 'proportional' && length > maxLength;
  if (!spread && !isShared) return [whole];
  const cuts = [cut.prompt, cut.responseA, cut.responseB];
  const kept = partTexts(pair, swapped).map((part, i) => tokenizer.encode(part).length - cuts[i]!);
  // If not even the headings fit, the text was cut on the right as a whole, and its last part is gone.
  const isWhole = kept.some((tokens) => tokens < 1) || sum(kept) !== ids.length - 2;
  if (!spread && isWhole) return [whole];
  let at = 1;
  return parts.map((stretches, i) => {
    const run = { stretches, start: at, end: at + kept[i]! };
    at = run.end + (spread ? 2 : 0); // <eos>, and <bos> of the next
    return run;
  });
}

/**
 * Assigns tokens to stretches by counting bytes of both. Special tokens that the template writes are not literal ones.
 * @returns the rest of the stretches, which no token spells.
 */
export function assignTokens(
  seen: Pick<SeenText, 'ids' | 'parts' | 'turns' | 'literal'>,
  { stretches, start, end }: Run,
  tokenizer: Omit<PieceTokenizer, 'piece'>,
): SeenText['unseen'] {
  const bytes = stretches.map(({ text }) => encoder.encode(tokenizer.spell(text)));
  let stretch = 0;
  let past = 0; // bytes of all previous stretches
  let at = 0;
  for (let i = start; i < end; i += 1) {
    const id = seen.ids[i]!;
    at += tokenizer.byteLength(id);
    while (stretch + 1 < stretches.length && at > past + bytes[stretch]!.length) {
      past += bytes[stretch]!.length;
      stretch += 1;
    }
    const { part, turn } = stretches[stretch]!;
    seen.parts[i] = TOKEN_PARTS.indexOf(part);
    seen.turns[i] = turn;
    if (part !== 'template' && tokenizer.isSpecial(id)) seen.literal.push(i);
  }
  const unseen: SeenText['unseen'] = [];
  for (const { part, turn } of stretches.slice(stretch)) {
    const own = bytes[stretch]!;
    const rest = own.subarray(Math.max(0, at - past));
    if (part !== 'template' && rest.length > 0) {
      unseen.push({ part, turn, text: decoder.decode(rest) });
    }
    past += own.length;
    stretch += 1;
  }
  return unseen;
}

/** The stretches of the three parts, in the order in which the parts stand in the text. */
function stretchesOf(pair: Pair, kept: Pair, swapped: boolean): Stretch[][] {
  const names: PartName[] = swapped ? ['prompt', 'responseB', 'responseA'] : PAIR_PARTS;
  return names.map((part, i) => {
    const dropped = pair[part].length - kept[part].length;
    const heading: Stretch = { part: 'template', turn: dropped, text: PART_HEADINGS[i]! };
    const turns = kept[part].flatMap((text, t): Stretch[] => {
      const turn = dropped + t;
      const own: Stretch = { part, turn, text: text.replace(LONE_HALF, '\uFFFD') };
      return t === 0 ? [own] : [{ part: 'template', turn, text: ' ' }, own];
    });
    return [heading, ...turns];
  });
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
