import { TiebreakError } from '../domain/errors.ts';

export type Json = Record<string, unknown>;

/** The fields of `model` in a tokenizer.json that Tiebreak reads. */
interface BpeJson extends Json {
  type?: unknown;
  vocab: Json;
  merges: (string | [string, string])[];
}

/** Parses one of a tokenizer's two files. @throws TiebreakError `tokens/bad-tokenizer` if it is no JSON object. */
export function parseTokenizer(source: string | object, name: string): Json {
  let value: unknown = source;
  if (typeof source === 'string') {
    try {
      value = JSON.parse(source);
    } catch (cause) {
      throw new TiebreakError('tokens/bad-tokenizer:json', { params: { file: name }, cause });
    }
  }
  if (!isObject(value)) {
    throw new TiebreakError('tokens/bad-tokenizer:object', { params: { file: name } });
  }
  return value;
}

/**
 * The byte-pair model of a tokenizer.json.
 * @throws TiebreakError `tokens/bad-tokenizer` if there is none, or if it uses what our merger does not implement.
 */
export function bpeModel(json: Json): BpeJson {
  const { model } = json;
  // Files of early versions name no type.
  if (isObject(model) && typeof model.type === 'string' && model.type !== 'BPE') {
    throw unsupported(`model ${model.type}`);
  }
  if (!isObject(model) || !isObject(model.vocab) || !Array.isArray(model.merges)) {
    throw new TiebreakError('tokens/bad-tokenizer:model');
  }
  // Each of these changes the pieces in a way that the merger does not implement. Gemma uses none of them.
  for (const field of ['dropout', 'continuing_subword_prefix', 'end_of_word_suffix']) {
    if (model[field]) throw new TiebreakError('tokens/bad-tokenizer:field', { params: { field } });
  }
  return model as BpeJson;
}

/**
 * Rows that an embedding needs for the ids of a tokenizer.json: the largest id, added tokens included, plus one.
 * @throws TiebreakError `tokens/bad-tokenizer`
 */
export function rowsNeeded(json: Json): number {
  let largest = -1;
  const count = (id: unknown) => {
    if (typeof id === 'number' && id > largest) largest = id;
  };
  for (const id of Object.values(bpeModel(json).vocab)) count(id);
  for (const { id } of addedTokens(json)) count(id);
  return largest + 1;
}

/**
 * Throws `tokens/vocabulary` when an embedding of `rows` rows has none for some id of a tokenizer that needs `needed`.
 */
export function checkVocabulary(needed: number, rows: number): void {
  if (needed <= rows) return;
  throw new TiebreakError('tokens/vocabulary', { params: { needed, rows } });
}

/** Entries of `added_tokens`. */
export function addedTokens({ added_tokens: added }: Json): Json[] {
  return Array.isArray(added) ? added.filter(isObject) : [];
}

/** Ids of the special tokens of a tokenizer.json. */
export function specialIds(json: Json): Set<number> {
  return new Set(
    addedTokens(json).flatMap(({ id, special }) =>
      special === true && typeof id === 'number' ? [id] : [],
    ),
  );
}

/** The text of a special token in tokenizer_config.json, which is a text or an object with one. */
export function tokenText(entry: unknown): string | undefined {
  const token = isObject(entry) ? entry.content : entry;
  return typeof token === 'string' ? token : undefined;
}

/** True if a value is an object with fields, not an array or null. */
export function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The error `tokens/bad-tokenizer` for a part of a tokenizer.json that Tiebreak does not implement, by its name. */
export function unsupported(part: string): TiebreakError {
  return new TiebreakError('tokens/bad-tokenizer:part', { params: { part } });
}
