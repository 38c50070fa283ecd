import * as v from 'valibot';
import { COMMON, sizesOf, unsupported } from './fields.ts';
import { oneRotary, ROPE } from './rotary.ts';

/** Fields of the config.json of every family that {@link llamaLike} describes. */
export const LLAMA_LIKE = { ...COMMON, ...ROPE, hidden_act: v.nullish(v.string()) };

type LlamaLike = v.InferOutput<v.ObjectSchema<typeof LLAMA_LIKE, undefined>>;

/**
 * The part of the description that Llama and the families after it share: SiLU, norms before attention and MLP with
 * their weights as they are stored, one kind of rotary positions, scores over the square root of the head's width.
 * @throws TiebreakError as `Family.parse` does.
 */
export function llamaLike(c: LlamaLike, file: string) {
  const activation = c.hidden_act ?? 'silu';
  if (activation !== 'silu') throw unsupported(file, 'hidden_act', activation);
  const sizes = sizesOf(c, file);
  return {
    ...sizes,
    embeddingScale: 1,
    norm: {
      epsilon: c.rms_norm_eps,
      offset: 0 as const,
      places: 'before' as const,
      ofHeads: false,
    },
    activation: 'silu' as const,
    rotary: oneRotary(c, 10_000, file),
    attnScale: sizes.headDim ** -0.5,
    attnSoftCap: null,
  };
}
