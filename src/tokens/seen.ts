import { PAIR_PARTS } from '../domain/pair.ts';
import type { Pair, RunSettings } from '../domain/settings.ts';
import { PART_HEADINGS, partTexts } from '../domain/template.ts';
import { dropRounds, type PairTokenizer, type TokenizedText } from '../domain/truncate.ts';

/** The part of the text that a token belongs to. Answers are those of the pair, whatever their order in the text. */
export const TOKEN_PARTS = ['special', 'template', 'prompt', 'responseA', 'responseB'] as const;
export type TokenPart = (typeof TOKEN_PARTS)[number];

/** The texts of a pair. */
type PartName = keyof Pair;

/** The tokens of a text, and what was left out of it. */
export interface SeenText {
  ids: Int32Array;
  /** The text of each token; of a token that is a part of a character, its byte as `<0xE3>`. */
  pieces: string[];
  /** Places in {@link TOKEN_PARTS}. A token that lies across two parts counts for the one it ends in. */
  parts: Uint8Array;
  /** The turn of each token, from 0; of the template, the turn that follows. */
  turns: Uint16Array;
  /** Tokens that the text spells, and that mean to the model what no text can, such as `<eos>`. */
  literal: number[];
  /** Text that the model did not see, in order. `turn` from 0. */
  unseen: { part: PartName; turn: number; text: string }[];
  /** As {@link TokenizedText.length}. */
  length: number;
  cut: TokenizedText['cut'];
}

/** The part of a tokenizer that is needed to show its tokens. */
interface PieceTokenizer extends PairTokenizer {
  /** The vocabulary's entry of an id, where `▁` stands for a space and `<0xE3>` for a byte. */
  piece(id: number): string;
  isSpecial(id: number): boolean;
}

/** A stretch of the text: a turn, or what the template puts before it. */
interface Stretch {
  part: 'template' | PartName;
  turn: number;
  text: string;
}

const BYTE = /^<0x[\dA-F]{2}>$/;
/** Stands for a space in the vocabulary. A text's own `▁` becomes the same token, so it counts as one byte too. */
const SPACE = '▁';
const LONE_HALF = /\p{Surrogate}/gu;
const encoder = new TextEncoder();
// A token may end within a character, whose first bytes are then no text.
const decoder = new TextDecoder();

/** Tells what each token of a text is a part of, and what was cut. `text` is the pair as it was tokenized. */
export function seenText(
  pair: Pair,
  swapped: boolean,
  settings: RunSettings,
  text: TokenizedText,
  tokenizer: PieceTokenizer,
): SeenText {
  const { ids, length, cut } = text;
  const kept = dropRounds(pair, cut.turns);
  const seen: SeenText = {
    ids,
    pieces: Array.from(ids, (id) => pieceText(id, tokenizer)),
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
    walk(seen, run, tokenizer);
  }
  return seen;
}

/** Tokens from `start` to before `end` that are a text of their own, or the first part of one. */
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
  // Where not even the headings fit, the text was cut as one, and nothing is left of its last part.
  const isWhole = kept.some((tokens) => tokens < 1) || sum(kept) !== ids.length - 2;
  if (!spread && isWhole) return [whole];
  let at = 1;
  return parts.map((stretches, i) => {
    const run = { stretches, start: at, end: at + kept[i]! };
    at = run.end + (spread ? 2 : 0); // <eos>, and <bos> of the next
    return run;
  });
}

/** Goes through the bytes of tokens and of stretches side by side. */
function walk(seen: SeenText, { stretches, start, end }: Run, tokenizer: PieceTokenizer): void {
  const bytes = stretches.map(({ text }) => encoder.encode(text.replaceAll(SPACE, ' ')));
  let stretch = 0;
  let past = 0; // bytes of the stretches before
  let at = 0;
  for (let i = start; i < end; i += 1) {
    const id = seen.ids[i]!;
    at += bytesOf(id, tokenizer);
    while (stretch + 1 < stretches.length && at > past + bytes[stretch]!.length) {
      past += bytes[stretch]!.length;
      stretch += 1;
    }
    const { part, turn } = stretches[stretch]!;
    seen.parts[i] = TOKEN_PARTS.indexOf(part);
    seen.turns[i] = turn;
    if (tokenizer.isSpecial(id)) seen.literal.push(i);
  }
  for (const { part, turn } of stretches.slice(stretch)) {
    const own = bytes[stretch]!;
    const rest = own.subarray(Math.max(0, at - past));
    if (part !== 'template' && rest.length > 0) {
      seen.unseen.push({ part, turn, text: decoder.decode(rest) });
    }
    past += own.length;
    stretch += 1;
  }
}

/** The three parts in the order in which they stand in the text. */
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

function bytesOf(id: number, tokenizer: PieceTokenizer): number {
  const piece = tokenizer.piece(id);
  if (tokenizer.isSpecial(id)) return piece.length;
  if (BYTE.test(piece)) return 1;
  return encoder.encode(piece.replaceAll(SPACE, ' ')).length;
}

function pieceText(id: number, tokenizer: PieceTokenizer): string {
  const piece = tokenizer.piece(id);
  return tokenizer.isSpecial(id) ? piece : piece.replaceAll(SPACE, ' ');
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
