import * as v from 'valibot';
import { check } from '../json.ts';
import { layerTypes, refuseSet, size, windowsOf } from './fields.ts';
import { LLAMA_LIKE, llamaLike } from './llama-like.ts';

const Schema = v.object({
  ...LLAMA_LIKE,
  attention_bias: v.nullish(v.boolean()),
  use_sliding_window: v.nullish(v.boolean()),
  sliding_window: v.nullish(size),
  max_window_layers: v.nullish(v.pipe(v.number(), v.integer(), v.minValue(0))),
  layer_types: layerTypes,
  dual_chunk_attention_config: v.nullish(v.unknown()),
});

/** The common part of Qwen2 and Qwen3, and their `attention_bias`. @throws TiebreakError as `Family.parse` does. */
export function parseQwen(raw: unknown, file: string) {
  const c = check(Schema, raw, file, 'model/config');
  const { dual_chunk_attention_config } = c;
  refuseSet({ dual_chunk_attention_config }, file);
  const common = llamaLike(c, file);
  // The window stays in the file where it is switched off.
  const window = c.use_sliding_window ? (c.sliding_window ?? null) : null;
  const first = c.max_window_layers ?? 28;
  const slides = (layer: number) => window !== null && layer >= first;
  return {
    attentionBias: c.attention_bias ?? false,
    common: {
      ...common,
      windows: windowsOf(common.numLayers, c.layer_types, window, slides, file),
    },
  };
}
