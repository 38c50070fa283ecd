import * as v from 'valibot';
import { check } from '../json.ts';
import { COMMON, layerTypes, refuseSet, size, sizesOf, unsupported, windowsOf } from './fields.ts';
import { oneRotary, ROPE } from './rotary.ts';

const Schema = v.object({
  ...COMMON,
  ...ROPE,
  hidden_act: v.nullish(v.string()),
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
  const activation = c.hidden_act ?? 'silu';
  if (activation !== 'silu') throw unsupported(file, 'hidden_act', activation);
  const { dual_chunk_attention_config } = c;
  refuseSet({ dual_chunk_attention_config }, file);
  const sizes = sizesOf(c, file);
  // The window stays in the file where it is switched off.
  const window = c.use_sliding_window ? (c.sliding_window ?? null) : null;
  const first = c.max_window_layers ?? 28;
  const slides = (layer: number) => window !== null && layer >= first;
  const attentionBias = c.attention_bias ?? false;
  return {
    attentionBias,
    common: {
      ...sizes,
      embeddingScale: 1,
      activation: 'silu' as const,
      rotary: oneRotary(c, 10_000, file),
      attnScale: sizes.headDim ** -0.5,
      attnSoftCap: null,
      windows: windowsOf(sizes.numLayers, c.layer_types, window, slides, file),
    },
    norm: { epsilon: c.rms_norm_eps, offset: 0 as const, places: 'before' as const },
  };
}
