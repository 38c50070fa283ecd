import * as v from 'valibot';
import { TiebreakError } from '../domain/errors.ts';

/** What Tiebreak needs of a Gemma-2 `config.json`. Sizes in elements. */
export interface Gemma2Config {
  hiddenSize: number;
  intermediateSize: number;
  numLayers: number;
  numHeads: number;
  numKeyValueHeads: number;
  headDim: number;
  vocabSize: number;
  rmsNormEps: number;
  ropeTheta: number;
  /** Query scale is this to the power of -1/2. */
  queryPreAttnScalar: number;
  /** Tokens a sliding layer looks back on, itself included. */
  slidingWindow: number;
  /** Per layer: does it attend through the sliding window? */
  sliding: boolean[];
  /** Attention scores are soft-capped to ± this; null for none. */
  attnSoftCap: number | null;
  maxPositions: number;
}

const MAX_SIZE = 2 ** 31 - 1;
const size = v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(MAX_SIZE));
/** A number that is finite in float32, in which everything is computed. */
export const float32 = v.pipe(
  v.number(),
  v.check((value) => Number.isFinite(Math.fround(value)), 'Expected a finite float32 number'),
);
/** The same above 0. */
export const positive = v.pipe(
  float32,
  v.check((value) => Math.fround(value) > 0, 'Expected a float32 number above 0'),
);

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

/**
 * Reads a `config.json` as Transformers writes it for Gemma-2.
 * @throws TiebreakError `model/config` for a file that is not one, `model/unsupported` for an architecture that would
 *   be computed wrongly; both name the field.
 */
export function parseConfig(json: string, file = 'config.json'): Gemma2Config {
  const raw = parseJson(json, file, 'model/config');
  const refuse = (what: string): never => {
    throw new TiebreakError('model/unsupported', `This model cannot be run: ${what}.`, {
      action: 'Tiebreak runs Gemma-2 sequence classifiers (2B, 9B, 27B and smaller shapes).',
      place: { file },
    });
  };
  const type = (raw as { model_type?: unknown } | null)?.model_type;
  if (type !== 'gemma2') {
    refuse(
      `model_type is ${typeof type === 'string' ? `"${type}"` : typeof type}, expected "gemma2"`,
    );
  }
  const c = check(Schema, raw, file, 'model/config');
  const activation = c.hidden_activation ?? c.hidden_act ?? 'gelu_pytorch_tanh';
  if (activation !== 'gelu_pytorch_tanh') refuse(`hidden_activation is "${activation}"`);
  if (c.attention_bias) refuse('attention_bias is true');
  if (c.use_bidirectional_attention) refuse('use_bidirectional_attention is true');
  if (c.rope_scaling != null) refuse('rope_scaling is set');
  const ropeType = c.rope_parameters?.rope_type ?? 'default';
  if (ropeType !== 'default') refuse(`rope_type is "${ropeType}"`);
  if (c.num_attention_heads % c.num_key_value_heads !== 0) {
    refuse(
      `${c.num_attention_heads} attention heads cannot share ${c.num_key_value_heads} key/value heads`,
    );
  }
  if (c.head_dim % 2 !== 0) refuse(`head_dim ${c.head_dim} is odd`);
  if (c.num_attention_heads * c.head_dim > MAX_SIZE) {
    refuse(`${c.num_attention_heads} attention heads of ${c.head_dim} are too large`);
  }
  const labels = c.id2label === undefined ? undefined : Object.keys(c.id2label).length;
  // A causal language model's config has the two default labels; the adapter's head then decides.
  if (labels !== undefined && labels !== 3 && labels !== 2)
    refuse(`it has ${labels} labels, not 3`);
  if (c.layer_types !== undefined && c.layer_types.length !== c.num_hidden_layers) {
    refuse(`layer_types has ${c.layer_types.length} entries for ${c.num_hidden_layers} layers`);
  }
  return {
    hiddenSize: c.hidden_size,
    intermediateSize: c.intermediate_size,
    numLayers: c.num_hidden_layers,
    numHeads: c.num_attention_heads,
    numKeyValueHeads: c.num_key_value_heads,
    headDim: c.head_dim,
    vocabSize: c.vocab_size,
    rmsNormEps: c.rms_norm_eps,
    ropeTheta: c.rope_parameters?.rope_theta ?? c.rope_theta ?? 10000,
    queryPreAttnScalar: c.query_pre_attn_scalar,
    slidingWindow: c.sliding_window ?? c.max_position_embeddings,
    sliding: Array.from({ length: c.num_hidden_layers }, (_, i) =>
      c.layer_types === undefined ? i % 2 === 0 : c.layer_types[i] === 'sliding_attention',
    ),
    attnSoftCap: c.attn_logit_softcapping ?? null,
    maxPositions: c.max_position_embeddings,
  };
}

/** `JSON.parse` whose failure is a {@link TiebreakError} that names the file. */
export function parseJson(json: string, file: string, code: string): unknown {
  try {
    return JSON.parse(json);
  } catch (cause) {
    throw new TiebreakError(code, `${file} is not JSON: ${(cause as Error).message}.`, {
      action: 'The file is damaged or is not what its name says; fetch it again.',
      place: { file },
      cause,
    });
  }
}

/** Validates parsed JSON; the error names the file and the path of the first field that is wrong. */
export function check<T extends v.GenericSchema>(
  schema: T,
  value: unknown,
  file: string,
  code: string,
): v.InferOutput<T> {
  // Only the first issue is shown; a long list of wrong items would have a million.
  const result = v.safeParse(schema, value, { abortEarly: true });
  if (result.success) return result.output;
  const [issue] = result.issues;
  const path = v.getDotPath(issue) ?? '(top level)';
  throw new TiebreakError(code, `${file}, field ${path}: ${issue.message}.`, { place: { file } });
}

/** A linear layer of a decoder layer, under PEFT's name. */
export type LinearName =
  | 'q_proj'
  | 'k_proj'
  | 'v_proj'
  | 'o_proj'
  | 'gate_proj'
  | 'up_proj'
  | 'down_proj';

/** The seven linear layers in the order they run. */
export const LINEAR_NAMES: readonly LinearName[] = [
  'q_proj',
  'k_proj',
  'v_proj',
  'o_proj',
  'gate_proj',
  'up_proj',
  'down_proj',
];

/** The four norms of a decoder layer. */
export const NORM_NAMES = [
  'input_layernorm',
  'post_attention_layernorm',
  'pre_feedforward_layernorm',
  'post_feedforward_layernorm',
] as const;

/** Input (K) and output (N) features of a linear layer. */
export function linearShape(config: Gemma2Config, name: LinearName): { K: number; N: number } {
  const attention = config.numHeads * config.headDim;
  const keyValue = config.numKeyValueHeads * config.headDim;
  switch (name) {
    case 'q_proj':
      return { K: config.hiddenSize, N: attention };
    case 'k_proj':
    case 'v_proj':
      return { K: config.hiddenSize, N: keyValue };
    case 'o_proj':
      return { K: attention, N: config.hiddenSize };
    case 'gate_proj':
    case 'up_proj':
      return { K: config.hiddenSize, N: config.intermediateSize };
    case 'down_proj':
      return { K: config.intermediateSize, N: config.hiddenSize };
  }
}

/** Module path of a linear layer inside a decoder layer: `self_attn.q_proj`, `mlp.up_proj`. */
export function modulePath(name: LinearName): string {
  return `${name.endsWith('up_proj') || name === 'gate_proj' || name === 'down_proj' ? 'mlp' : 'self_attn'}.${name}`;
}
