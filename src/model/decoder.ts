/**
 * The description of a decoder that all code reads: what its layers have, independent of the family's name. A family's
 * file (`families/`) makes it from a `config.json` and refuses by name every field that it cannot express. Sizes are in
 * elements.
 *
 * A field with only one possible value marks a difference between families of which one kind is implemented. Code reads
 * the field instead of assuming it, so that a second value is a compile error wherever code must handle it.
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
  /** Factor between the token embedding and the first hidden state. */
  embeddingScale: number;
  norm: NormConfig;
  /** Activation of the MLP: `activation(gate) * up`. */
  activation: Activation;
  rotary: RotaryConfig;
  /** Factor of the attention scores, applied before the soft cap. */
  attnScale: number;
  /** Cap of the attention scores, applied as `cap * tanh(score / cap)`; null for none. */
  attnSoftCap: number | null;
  /** For each layer the number of tokens that a token attends to, itself included; null for all up to itself. */
  windows: readonly (number | null)[];
}

/** RMSNorm: `x / sqrt(mean(x²) + epsilon) * (offset + weight)`, in float32. */
export interface NormConfig {
  epsilon: number;
  /** Added to the stored weight: 1 for families whose checkpoints store the weight minus one. */
  offset: 1;
  /** Positions of a layer's norms: before attention and MLP, and again on the output of each. */
  places: 'before-and-after';
}

/** `gelu-tanh`: the tanh form of GELU, as PyTorch's `gelu(approximate="tanh")`. */
export type Activation = 'gelu-tanh';

/**
 * Rotary positions: features i and i + headDim / 2 of a head are rotated together by the angle
 * position * theta ** (-2i / headDim).
 */
interface RotaryConfig {
  theta: number;
}
