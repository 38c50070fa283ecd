import { isObject, type Json, unsupported } from './tokenizer-json.ts';

/** Ids that a tokenizer adds around a text. */
export interface AddedIds {
  before: readonly number[];
  after: readonly number[];
}

const NOTHING: AddedIds = { before: [], after: [] };

/**
 * The special tokens that the `post_processor` of a tokenizer.json adds around a single text.
 * @throws TiebreakError `tokens/bad-tokenizer` for a kind that is not known.
 */
export function readPostProcessor({ post_processor: processor }: Json): AddedIds {
  if (processor === null || processor === undefined) return NOTHING;
  const { type, processors } = isObject(processor) ? processor : {};
  if (type === 'ByteLevel') return NOTHING; // It moves offsets only.
  if (type === 'TemplateProcessing') return template(processor as Json);
  if (type === 'Sequence' && Array.isArray(processors)) {
    return processors
      .map((each: unknown) => readPostProcessor({ post_processor: each }))
      .reduce(
        (inner, outer) => ({
          before: [...outer.before, ...inner.before],
          after: [...inner.after, ...outer.after],
        }),
        NOTHING,
      );
  }
  throw unsupported(`post_processor ${String(type)}`);
}

function template({ single, special_tokens: tokens }: Json): AddedIds {
  const before: number[] = [];
  const after: number[] = [];
  let target = before;
  if (!Array.isArray(single)) throw unsupported('TemplateProcessing');
  for (const piece of single as unknown[]) {
    const { Sequence, SpecialToken } = isObject(piece) ? piece : {};
    if (isObject(Sequence)) target = after;
    else target.push(...specialIds(SpecialToken, tokens));
  }
  return { before, after };
}

function specialIds(special: unknown, tokens: unknown): number[] {
  const name = isObject(special) ? special.id : undefined;
  const entry = isObject(tokens) && typeof name === 'string' ? tokens[name] : undefined;
  const ids = isObject(entry) ? entry.ids : undefined;
  if (!Array.isArray(ids) || !ids.every((id) => Number.isSafeInteger(id))) {
    throw unsupported('TemplateProcessing');
  }
  return ids as number[];
}
