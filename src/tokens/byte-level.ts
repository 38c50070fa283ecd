import { TiebreakError } from '../domain/errors.ts';
import { AddedTokenFinder, readAddedTokens } from './added-tokens.ts';
import { PairMerger } from './bpe.ts';
import { BYTE_CHARACTERS, bytesOfEntry, readableBytes } from './byte-alphabet.ts';
import { splitPattern } from './split-pattern.ts';
import { bpeModel, isObject, type Json, rowsNeeded, unsupported } from './tokenizer-json.ts';
import { WordCache } from './word-cache.ts';

/** Most tokens of a vocabulary, so that a damaged id allocates no gigabytes. */
const MOST_TOKENS = 2 ** 24;
/** Bytes of a word for which memory is kept; a longer word gets its own, which is freed after it. */
const KEPT_BYTES = 4096;
const utf8 = new TextEncoder();

/** True for a tokenizer.json whose vocabulary spells texts in bytes, as those of Llama 3 and Qwen. */
export function isByteLevel({ pre_tokenizer: first }: Json): boolean {
  return preTokenizers(first).some(({ type }) => type === 'ByteLevel');
}

/** Splits texts into the ids of a byte-level vocabulary, as `tokenizers` does, without added special tokens. */
export class ByteLevelEncoder {
  private readonly vocab: ReadonlyMap<string, number>;
  /** Entries of the vocabulary and of the added tokens, by id. */
  private readonly entries: readonly string[];
  private readonly longestEntry: number;
  private readonly added: ReadonlySet<number>;
  private readonly raw: AddedTokenFinder;
  private readonly normalized: AddedTokenFinder;
  private readonly form: 'NFC' | null;
  private readonly pattern: RegExp;
  private readonly ignoresMerges: boolean;
  private readonly merger: PairMerger;
  /** Id of the token of each byte. */
  private readonly byteIds: Int32Array;
  private readonly words = new WordCache((word) => this.merge(word));
  private readonly ids = new Int32Array(KEPT_BYTES);

  /** @throws TiebreakError `tokens/bad-tokenizer`; Error for a merge rule outside the vocabulary. */
  constructor(json: Json) {
    const model = bpeModel(json);
    const tokens = readAddedTokens(json);
    this.vocab = readVocab(model.vocab);
    for (const { id } of tokens) checkId(id);
    const entries = new Array<string>(rowsNeeded(json)).fill('');
    for (const [entry, id] of this.vocab) entries[id] = entry;
    for (const { content, id } of tokens) entries[id] = content;
    this.entries = entries;
    this.longestEntry = entries.reduce((longest, { length }) => Math.max(longest, length), 0);
    this.added = new Set(tokens.map(({ id }) => id));
    this.raw = new AddedTokenFinder(tokens.filter(({ normalized }) => !normalized));
    this.normalized = new AddedTokenFinder(tokens.filter(({ normalized }) => normalized));
    this.form = readForm(json);
    this.pattern = readPattern(json);
    this.ignoresMerges = model.ignore_merges === true;
    this.merger = new PairMerger(this.vocab, model.merges);
    this.byteIds = Int32Array.from(BYTE_CHARACTERS, (character, byte) => {
      const id = this.vocab.get(character);
      if (id !== undefined) return id;
      throw new TiebreakError('tokens/bad-tokenizer:byte', { params: { byte } });
    });
  }

  /** Rows that an embedding needs for the vocabulary. */
  get size(): number {
    return this.entries.length;
  }

  /** The id of an entry of the vocabulary or an added token, as the file spells it; undefined if there is none. */
  idOf(entry: string): number | undefined {
    const id = this.entries.indexOf(entry);
    return id < 0 ? undefined : id;
  }

  /** Ids of a text without lone surrogates. */
  encode(text: string): number[] {
    const ids: number[] = [];
    const add = (id: number) => void ids.push(id);
    const split = (part: string) => this.split(part, ids);
    this.raw.walk(text, (part) => this.normalized.walk(this.spell(part), split, add), add);
    return ids;
  }

  /** A text without added tokens in the form that the tokens spell. */
  spell(text: string): string {
    return this.form === null ? text : text.normalize(this.form);
  }

  /** UTF-8 bytes that a token stands for; none for an unknown id. */
  private bytes(id: number): Uint8Array {
    const entry = this.entries[id] ?? '';
    const bytes = this.added.has(id) ? null : bytesOfEntry(entry);
    return bytes ?? utf8.encode(entry);
  }

  byteLength(id: number): number {
    return this.bytes(id).length;
  }

  /** A token for people; bytes that are only a part of a character read `<0xE3>`. */
  piece(id: number): string {
    return readableBytes(this.bytes(id));
  }

  /** Adds the ids of a text to a list, word by word. */
  private split(text: string, ids: number[]): void {
    const { pattern } = this;
    let gap = 0;
    for (let at = 0; at < text.length; ) {
      pattern.lastIndex = at;
      const end = pattern.test(text) ? pattern.lastIndex : at;
      if (end > at) {
        if (gap < at) this.word(text.slice(gap, at), ids);
        this.word(text.slice(at, end), ids);
        gap = end;
        at = end;
      } else {
        // Text between two matches is a word as well.
        at += text.codePointAt(at)! > 0xffff ? 2 : 1;
      }
    }
    if (gap < text.length) this.word(text.slice(gap), ids);
  }

  private word(word: string, ids: number[]): void {
    const known = this.words.of(word);
    if (typeof known === 'number') ids.push(known);
    else for (let i = 0; i < known.length; i++) ids.push(known[i]!);
  }

  /** The ids of a word, which are mostly one. */
  private merge(word: string): number | Int32Array {
    // UTF-8 has at most three bytes for a UTF-16 unit.
    const ids = word.length * 3 <= KEPT_BYTES ? this.ids : new Int32Array(word.length * 3);
    const bytes = this.byteIdsOf(word, ids);
    const whole = this.ignoresMerges ? this.wholeWord(ids, bytes) : undefined;
    if (whole !== undefined) return whole;
    const count = this.merger.merge(ids, bytes);
    return count === 1 ? ids[0]! : ids.slice(0, count);
  }

  /** Writes the ids of a word's UTF-8 bytes. @returns their number. */
  private byteIdsOf(word: string, ids: Int32Array): number {
    const { byteIds } = this;
    let count = 0;
    for (let at = 0; at < word.length; at++) {
      const unit = word.charCodeAt(at);
      if (unit < 0x80) {
        ids[count++] = byteIds[unit]!;
      } else if (unit < 0x800) {
        ids[count++] = byteIds[0xc0 | (unit >> 6)]!;
        ids[count++] = byteIds[0x80 | (unit & 0x3f)]!;
      } else if (unit < 0xd800 || unit >= 0xe000) {
        ids[count++] = byteIds[0xe0 | (unit >> 12)]!;
        ids[count++] = byteIds[0x80 | ((unit >> 6) & 0x3f)]!;
        ids[count++] = byteIds[0x80 | (unit & 0x3f)]!;
      } else {
        const code = word.codePointAt(at++)!;
        ids[count++] = byteIds[0xf0 | (code >> 18)]!;
        ids[count++] = byteIds[0x80 | ((code >> 12) & 0x3f)]!;
        ids[count++] = byteIds[0x80 | ((code >> 6) & 0x3f)]!;
        ids[count++] = byteIds[0x80 | (code & 0x3f)]!;
      }
    }
    return count;
  }

  /** The token of a whole word, given as the ids of its bytes. */
  private wholeWord(ids: Int32Array, count: number): number | undefined {
    if (count > this.longestEntry) return undefined;
    let entry = '';
    for (let i = 0; i < count; i++) entry += this.entries[ids[i]!]!;
    return this.vocab.get(entry);
  }
}

/** The ids of a vocabulary. @throws TiebreakError for one that is no row of a table. */
function readVocab(vocab: Json): Map<string, number> {
  const entries = Object.entries(vocab);
  for (const [, id] of entries) checkId(id);
  return new Map(entries as [string, number][]);
}

function checkId(id: unknown): void {
  if (Number.isInteger(id) && (id as number) >= 0 && (id as number) < MOST_TOKENS) return;
  throw new TiebreakError('tokens/bad-tokenizer:id', { params: { id: String(id) } });
}

function readForm({ normalizer }: Json): 'NFC' | null {
  if (normalizer === null || normalizer === undefined) return null;
  const { type } = isObject(normalizer) ? normalizer : {};
  if (type === 'NFC') return type;
  throw unsupported(`normalizer ${String(type)}`);
}

/** The pattern of the words: a `Split` that isolates them, followed by a `ByteLevel` that splits no further. */
function readPattern({ pre_tokenizer: first }: Json): RegExp {
  const [split, byteLevel, ...more] = preTokenizers(first);
  if (split?.type !== 'Split' || byteLevel?.type !== 'ByteLevel' || more.length > 0) {
    const types = preTokenizers(first).map(({ type }) => String(type));
    throw unsupported(`pre_tokenizer ${types.join(', ')}`);
  }
  if (byteLevel.use_regex !== false) throw unsupported('ByteLevel: use_regex');
  if (byteLevel.add_prefix_space === true) throw unsupported('ByteLevel: add_prefix_space');
  if (split.behavior !== 'Isolated' || split.invert === true) {
    throw unsupported(`Split: ${split.invert === true ? 'invert' : String(split.behavior)}`);
  }
  const source = isObject(split.pattern) ? split.pattern.Regex : undefined;
  if (typeof source !== 'string') throw unsupported('Split: pattern');
  return splitPattern(source);
}

/** The steps of a pre-tokenizer, which is one or a sequence of them. */
function preTokenizers(first: unknown): Json[] {
  if (!isObject(first)) return [];
  const { type, pretokenizers } = first;
  return type === 'Sequence' && Array.isArray(pretokenizers)
    ? pretokenizers.flatMap(preTokenizers)
    : [first];
}
