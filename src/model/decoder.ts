/**
 * The description of a decoder that all code reads: what its layers have, independent of the family's name. A family's
 * file (`families/`) makes it from a `config.json` and refuses by name every field that it cannot express. Sizes are in
 * elements.
 */
export interface DecoderConfig {
  hiddenSize: number;
  /** Width of the MLP. */
  intermediateSize: number;
  numLayers: number;
  numHeads: number;
  /** Heads of keys and values; each is shared by `numHeads / numKeyValueHeads` query heads. */
  numKeyValueHeads: number;
  /** Width of a head. `numHeads * headDim` may differ from the hidden size. */
  headDim: number;
  vocabSize: number;
  /** Tokens of the longest sequence that the model supports. */
  maxPositions: number;
  /** The token that fills rows up: logits are read at a row's last token that is not this one; null for none. */
  padTokenId: number | null;
  /** Factor between the token embedding and the first hidden state. */
  embeddingScale: number;
  norm: NormConfig;
  biases: Biases;
  /** Activation of the MLP: `activation(gate) * up`. */
  activation: Activation;
  /** Rotary positions of the layers that attend to all tokens, and of those with a window. */
  rotary: { full: RotaryConfig; sliding: RotaryConfig };
  /** Factor of the attention scores, applied before the soft cap. */
  attnScale: number;
  /** Cap of the attention scores, applied as `cap * tanh(score / cap)`; null for none. */
  attnSoftCap: number | null;
  /** For each layer the number of tokens that a token attends to, itself included; null for all up to itself. */
  windows: readonly (number | null)[];
}

/**
 * RMSNorm: `x / sqrt(mean(x²) + epsilon) * (offset + weight)`, in float32. Transformers rounds to the type of the
 * activations before the product with the weight where the offset is 0, and after it where it is 1; both are the same
 * in float32.
 */
export interface NormConfig {
  epsilon: number;
  /** Added to the stored weight: 1 for families whose checkpoints store the weight minus one. */
  offset: 0 | 1;
  /** Positions of a layer's norms: before attention and MLP, or before them and again on the output of each. */
  places: 'before' | 'before-and-after';
  /** True if each head of queries and keys is normed, before it is rotated. */
  ofHeads: boolean;
}

/** The linear layers that add a bias to their output. */
export interface Biases {
  /** `q_proj`, `k_proj` and `v_proj`. */
  qkv: boolean;
  /** `o_proj`. */
  o: boolean;
  /** `gate_proj`, `up_proj` and `down_proj`. */
  mlp: boolean;
}

/**
 * `gelu-tanh`: the tanh form of GELU, as PyTorch's `gelu(approximate="tanh")`. `silu`: x times its logistic function.
 */
export type Activation = 'gelu-tanh' | 'silu';

/**
 * Rotary positions: features i and i + headDim / 2 of a head are rotated together by the angle position * f(i), where
 * f(i) is theta ** (-2i / headDim), scaled.
 */
export interface RotaryConfig {
  theta: number;
  /** Change of the frequencies for texts longer than those of the first training; null for none. */
  scaling: RotaryScaling | null;
}

/**
 * Scaling of rotary frequencies, after `modeling_rope_utils.py` of Transformers.
 * - `linear`: all are divided by the factor.
 * - `llama3`: those whose wavelength is above `originalPositions / lowFactor` are divided by the factor, those below
 *   `originalPositions / highFactor` stay, and those in between are interpolated.
 */
export type RotaryScaling =
  | { type: 'linear'; factor: number }
  | {
      type: 'llama3';
      factor: number;
      lowFactor: number;
      highFactor: number;
      originalPositions: number;
    };

/** The rotary positions of a layer. */
export function rotaryOf({ rotary, windows }: DecoderConfig, layer: number): RotaryConfig {
  return windows[layer] === null ? rotary.full : rotary.sliding;
}

/** The different rotary positions that the layers have, in the order of their first use. */
export function rotaryKinds(config: DecoderConfig): RotaryConfig[] {
  return [...new Set(config.windows.map((_, layer) => rotaryOf(config, layer)))];
}
