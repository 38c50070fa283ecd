import * as v from 'valibot';
import { errorAt, type TiebreakError } from '../../domain/errors.ts';
import type { DecoderConfig } from '../decoder.ts';
import { positive } from '../json.ts';

/** Largest size in a config.json: shaders index with 32-bit integers. */
const MAX_SIZE = 2 ** 31 - 1;

/** A size in a config.json. */
export const size = v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(MAX_SIZE));

/** Fields that every family has, under the same names. */
export const COMMON = {
  model_type: v.string(),
  hidden_size: size,
  intermediate_size: size,
  num_hidden_layers: v.pipe(size, v.maxValue(1000)),
  num_attention_heads: size,
  num_key_value_heads: v.nullish(size),
  head_dim: v.nullish(size),
  vocab_size: size,
  rms_norm_eps: positive,
  max_position_embeddings: size,
  pad_token_id: v.nullish(v.pipe(v.number(), v.integer())),
};

/** The kind of each layer, as newer versions of Transformers write it. */
export const layerTypes = v.nullish(v.array(v.picklist(['sliding_attention', 'full_attention'])));

type Common = v.InferOutput<v.ObjectSchema<typeof COMMON, undefined>>;

/** Makes the error for a field whose value would be computed wrongly. */
export function unsupported(file: string, field: string, value: unknown): TiebreakError {
  return errorAt({ file }, 'model/unsupported:field', { field, value: JSON.stringify(value) });
}

/** Throws for the first of these fields that is set: to anything but null and false. */
export function refuseSet(fields: Record<string, unknown>, file: string): void {
  for (const [name, value] of Object.entries(fields)) {
    if (value !== null && value !== undefined && value !== false) {
      throw unsupported(file, name, value);
    }
  }
}

/**
 * The sizes of a model. `head_dim` and `num_key_value_heads` may be left out or null: heads then divide the hidden
 * size, and each has its own keys and values.
 * @throws TiebreakError `model/unsupported` for heads that cannot be computed.
 */
export function sizesOf(c: Common, file: string) {
  const heads = c.num_attention_heads;
  const keyValueHeads = c.num_key_value_heads ?? heads;
  const headDim = c.head_dim ?? c.hidden_size / heads;
  const place = { file };
  if (heads % keyValueHeads !== 0) {
    throw errorAt(place, 'model/unsupported:heads', { heads, keyValueHeads });
  }
  if (headDim % 2 !== 0) throw errorAt(place, 'model/unsupported:odd-head', { headDim });
  if (heads * headDim > MAX_SIZE) {
    throw errorAt(place, 'model/unsupported:head-size', { heads, headDim });
  }
  return {
    hiddenSize: c.hidden_size,
    intermediateSize: c.intermediate_size,
    numLayers: c.num_hidden_layers,
    numHeads: heads,
    numKeyValueHeads: keyValueHeads,
    headDim,
    vocabSize: c.vocab_size,
    maxPositions: c.max_position_embeddings,
    padTokenId: c.pad_token_id ?? null,
  } satisfies Partial<DecoderConfig>;
}

/**
 * The window of each layer; null for none.
 * @param types `layer_types`; left out: `slides` tells which layers have the window.
 * @throws TiebreakError `model/unsupported` for another number of types than layers, or a layer without its window.
 */
export function windowsOf(
  layers: number,
  types: v.InferOutput<typeof layerTypes>,
  window: number | null,
  slides: (layer: number) => boolean,
  file: string,
): (number | null)[] {
  const entries = types?.length ?? layers;
  if (entries !== layers) {
    throw errorAt({ file }, 'model/unsupported:layer-types', { entries, layers });
  }
  return Array.from({ length: layers }, (_, layer) => {
    if (!(types == null ? slides(layer) : types[layer] === 'sliding_attention')) return null;
    if (window === null) throw unsupported(file, 'sliding_window', window);
    return window;
  });
}
