/**
 * A decoder as every part of the program reads it: what its layers have, whatever their family is called. A family's
 * file (`families/`) makes it from a `config.json`, and refuses by name what no value here can say. Sizes are in
 * elements.
 *
 * A field with one possible value is a place where families differ and only one kind is implemented: code reads it
 * instead of assuming it, so that a second value is a compile error wherever something has to be done about it.
 */
export interface DecoderConfig {
  hiddenSize: number;
  /** Width of the MLP. */
  intermediateSize: number;
  numLayers: number;
  numHeads: number;
  /** Heads of keys and values; each serves `numHeads / numKeyValueHeads` heads of queries. */
  numKeyValueHeads: number;
  /** `numHeads * headDim` need not be the hidden size. */
  headDim: number;
  vocabSize: number;
  /** The longest row, in tokens. */
  maxPositions: number;
  /** The token embedding is multiplied by this to give the first hidden state. */
  embeddingScale: number;
  norm: NormConfig;
  /** Applied to the gate of the MLP, which then multiplies `up`. */
  activation: Activation;
  rotary: RotaryConfig;
  /** Multiplies the scores of attention, before the soft cap. */
  attnScale: number;
  /** Attention scores are soft-capped to ± this: `cap * tanh(score / cap)`; null for none. */
  attnSoftCap: number | null;
  /** Per layer: how many tokens a token sees, itself included; null for all before it. */
  windows: readonly (number | null)[];
}

/** RMSNorm: `x / sqrt(mean(x²) + epsilon) * (offset + weight)`, in float32. */
export interface NormConfig {
  epsilon: number;
  /** Added to the stored weight: 1 where checkpoints store the weight's distance from one. */
  offset: 1;
  /** Where a layer has norms: before attention and MLP, and again on what each of them gives. */
  places: 'before-and-after';
}

/** `gelu-tanh`: the tanh form of GELU, as PyTorch's `gelu(approximate="tanh")`. */
export type Activation = 'gelu-tanh';

/**
 * Rotary positions: feature i of a head is turned with feature i + headDim / 2, by position * theta ** (-2i / headDim).
 */
interface RotaryConfig {
  theta: number;
}
