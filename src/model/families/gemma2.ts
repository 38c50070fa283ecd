import * as v from 'valibot';
import { errorAt } from '../../domain/errors.ts';
import type { DecoderConfig } from '../decoder.ts';
import { check, positive } from '../json.ts';
import { type Family, MAX_SIZE, size } from './family.ts';

const Schema = v.object({
  model_type: v.string(),
  hidden_size: size,
  intermediate_size: size,
  num_hidden_layers: v.pipe(size, v.maxValue(1000)),
  num_attention_heads: size,
  num_key_value_heads: size,
  head_dim: size,
  vocab_size: size,
  rms_norm_eps: positive,
  rope_theta: v.optional(positive),
  rope_parameters: v.optional(
    v.object({ rope_theta: v.optional(positive), rope_type: v.optional(v.string()) }),
  ),
  rope_scaling: v.nullish(v.unknown()),
  query_pre_attn_scalar: positive,
  sliding_window: v.nullish(size),
  layer_types: v.optional(v.array(v.picklist(['sliding_attention', 'full_attention']))),
  attn_logit_softcapping: v.nullish(positive),
  attention_bias: v.optional(v.boolean()),
  use_bidirectional_attention: v.nullish(v.boolean()),
  hidden_activation: v.nullish(v.string()),
  hidden_act: v.nullish(v.string()),
  max_position_embeddings: size,
  id2label: v.optional(v.record(v.string(), v.string())),
});

/** Gemma-2, after `modeling_gemma2.py` and `configuration_gemma2.py` of Transformers. */
export const GEMMA2: Family = {
  modelType: 'gemma2',
  architectures: ['Gemma2ForCausalLM', 'Gemma2ForSequenceClassification'],
  parse,
};

function parse(raw: unknown, file: string): DecoderConfig {
  const c = check(Schema, raw, file, 'model/config');
  checkSupported(c, file);
  const window = c.sliding_window ?? c.max_position_embeddings;
  return {
    hiddenSize: c.hidden_size,
    intermediateSize: c.intermediate_size,
    numLayers: c.num_hidden_layers,
    numHeads: c.num_attention_heads,
    numKeyValueHeads: c.num_key_value_heads,
    headDim: c.head_dim,
    vocabSize: c.vocab_size,
    maxPositions: c.max_position_embeddings,
    embeddingScale: Math.sqrt(c.hidden_size),
    norm: { epsilon: c.rms_norm_eps, offset: 1, places: 'before-and-after' },
    activation: 'gelu-tanh',
    rotary: { theta: c.rope_parameters?.rope_theta ?? c.rope_theta ?? 10000 },
    attnScale: c.query_pre_attn_scalar ** -0.5,
    attnSoftCap: c.attn_logit_softcapping ?? null,
    // Files older than `layer_types` mean that every second layer has a window, beginning with the first.
    windows: Array.from({ length: c.num_hidden_layers }, (_, i) => {
      const slides =
        c.layer_types === undefined ? i % 2 === 0 : c.layer_types[i] === 'sliding_attention';
      return slides ? window : null;
    }),
  };
}

function checkSupported(c: v.InferOutput<typeof Schema>, file: string): void {
  const place = { file };
  const field = (name: string, value: unknown) =>
    errorAt(place, 'model/unsupported:field', { field: name, value: JSON.stringify(value) });
  const { num_attention_heads: heads, num_key_value_heads: keyValueHeads, head_dim: headDim } = c;
  const activation = c.hidden_activation ?? c.hidden_act ?? 'gelu_pytorch_tanh';
  if (activation !== 'gelu_pytorch_tanh') throw field('hidden_activation', activation);
  if (c.attention_bias) throw field('attention_bias', true);
  if (c.use_bidirectional_attention) throw field('use_bidirectional_attention', true);
  if (c.rope_scaling != null) {
    throw errorAt(place, 'model/unsupported:set', { field: 'rope_scaling' });
  }
  const ropeType = c.rope_parameters?.rope_type ?? 'default';
  if (ropeType !== 'default') throw field('rope_type', ropeType);
  if (heads % keyValueHeads !== 0) {
    throw errorAt(place, 'model/unsupported:heads', { heads, keyValueHeads });
  }
  if (headDim % 2 !== 0) throw errorAt(place, 'model/unsupported:odd-head', { headDim });
  if (heads * headDim > MAX_SIZE) {
    throw errorAt(place, 'model/unsupported:head-size', { heads, headDim });
  }
  const labels = c.id2label === undefined ? undefined : Object.keys(c.id2label).length;
  // The config of a causal language model has the two default labels; the score head comes from the adapter then.
  if (labels !== undefined && labels !== 3 && labels !== 2) {
    throw errorAt(place, 'model/unsupported:labels', { labels });
  }
  const entries = c.layer_types?.length;
  if (entries !== undefined && entries !== c.num_hidden_layers) {
    throw errorAt(place, 'model/unsupported:layer-types', { entries, layers: c.num_hidden_layers });
  }
}
