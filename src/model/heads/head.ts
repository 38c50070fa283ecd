import { errorAt } from '../domain/errors.ts';
import type { DecoderConfig } from './decoder.ts';
import type { TensorEntry } from './safetensors.ts';

/** The most labels that kernels and graphs are written for. */
const MAX_LABELS = 3;

/**
 * Number of labels of a score head, which is the number of its rows: [labels, hidden_size].
 * @throws TiebreakError `model/unsupported` for other than 1 to 3.
 */
export function labelsOf({ name, shape, source }: TensorEntry): number {
  const [labels = 0] = shape;
  if (shape.length === 2 && labels >= 1 && labels <= MAX_LABELS) return labels;
  throw errorAt({ file: source.name }, 'model/unsupported:labels', { tensor: name, shape });
}

/**
 * Tokens of a row up to the one that the score head reads: the last that is not `padTokenId`, wherever else that id
 * occurs. A row of nothing else is read at its first token. After `GenericForSequenceClassification` of Transformers.
 */
export function pooledLength(ids: Int32Array, { padTokenId }: DecoderConfig): number {
  let length = ids.length;
  while (length > 1 && ids[length - 1] === padTokenId) length -= 1;
  return length;
}
