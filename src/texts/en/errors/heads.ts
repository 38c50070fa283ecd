import type { TensorShapes } from './model.ts';

const OTHER_TOKENS =
  'Name other tokens. “npm run tokens” shows into which ids a text is split; ids joined by “+” count as one verdict.';
const NAME_VERDICTS =
  'Name the tokens of its verdicts with “npm run build-model -- --verdict-tokens”, or give an adapter that was trained with modules_to_save=["score"].';

/** English texts of errors about the heads of models, by their ids. */
export const headsErrors = {
  'model/no-score:causal': {
    message: ({ architecture }: { architecture: string }) =>
      `The checkpoint is a causal language model (${architecture}) and has no score head.`,
    action: NAME_VERDICTS,
  },
  'model/verdict:head': {
    message: ({ adapter }: { adapter: string | null }) =>
      `${adapter === null ? 'The checkpoint' : `The adapter ${adapter}`} has a score head, so verdict tokens cannot be its head too.`,
    action: 'Leave out the verdict tokens, or give a causal language model without a score head.',
  },
  'model/verdict:vocabulary': {
    message: ({ token, most }: { token: number; most: number }) =>
      `The verdict token ${token} is outside the vocabulary, whose ids are 0 to ${most}.`,
    action: OTHER_TOKENS,
  },
  'model/verdict:tokens': {
    message: ({ most }: { most: number }) =>
      `The verdicts name a token twice, or more than ${most} tokens.`,
    action: 'Name each token once.',
  },
  'model/verdict:count': {
    message: ({ verdicts, most }: { verdicts: number; most: number }) =>
      `There are ${verdicts} verdicts; a head has ${most} at most.`,
    action: 'Join tokens that mean the same by “+”, as in 11+12,57,301.',
  },
  'model/verdict:text': {
    message: ({ text, pieces }: { text: string; pieces: readonly string[] }) =>
      `The verdict “${text}” is no single token, but ${pieces.length}: ${pieces.join(', ')}.`,
    action: 'Choose a text of one token. A space before a word often belongs to its token.',
  },
  'model/no-lm-head': {
    message: ({ tensor }: { tensor: string }) =>
      `The checkpoint lacks ${tensor}, and config.json says that its rows are not those of the embedding (tie_word_embeddings).`,
    action: 'Use the complete checkpoint of the causal language model.',
  },
  'model/head-activation': {
    message: ({ tensor }: { tensor: string }) =>
      `The head has two layers (${tensor}), and nothing in the checkpoint says which activation is between them.`,
    action:
      'Name the activation of its training with “npm run build-model -- --head-activation relu”, “gelu” or “gelu-tanh”.',
  },
  'model/head-activation:linear': {
    message: 'The head is a single linear layer, so it has no activation.',
    action: 'Leave out --head-activation.',
  },
  'model/shape:head': {
    message: ({ tensor, dtype, shape, expected }: TensorShapes & { dtype: string }) =>
      `The head does not fit the model: ${tensor} is ${dtype} [${shape.join(', ')}], expected real numbers [${expected.join(', ')}].`,
    action: 'Use config.json and the head of the same model.',
  },
  'model/unsupported:head': {
    message: ({ tensor }: { tensor: string }) =>
      `This model cannot be run: the part ${tensor} of its head is no matrix with its bias.`,
    action: 'Use a head of one or two linear layers.',
  },
  'model/unsupported:head-layers': {
    message: ({ root, layers }: { root: string; layers: number }) =>
      `This model cannot be run: its head ${root} has ${layers} linear layers.`,
    action: 'Use a head of one or two linear layers.',
  },
  'model/unsupported:two-heads': {
    message: ({ tensor }: { tensor: string }) =>
      `This model cannot be run: it has two heads, the second with ${tensor}.`,
    action: 'Save the checkpoint with the head that is meant.',
  },
  'adapter/mismatch:head': {
    message: ({ layers }: { layers: readonly number[] }) =>
      `The heads that are used together have different numbers of layers: ${layers.join(', ')}.`,
    action: 'Build a package of its own for each kind of head.',
  },
  'adapter/mismatch:head-names': {
    message: ({ tensors }: { tensors: readonly string[] }) =>
      `The heads that are used together read different tokens: ${tensors.join(', ')}.`,
    action: 'Build a package of its own for each kind of head.',
  },
  'package/head': {
    message: ({ model, adapter, kind }: { model: string; adapter: string | null; kind: string }) =>
      `The head of ${adapter === null ? model : `the adapter ${adapter} of ${model}`} is not of the kind “${kind}” that the manifest names.`,
    action: 'Build the package again with npm run build-model.',
  },
};
