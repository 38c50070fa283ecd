import * as v from 'valibot';
import type { DecoderConfig } from '../decoder.ts';
import { positive } from '../json.ts';

/** The most labels of a head. */
export const MAX_LABELS = 3;
/** The most tokens of all verdicts together. */
export const MAX_VERDICT_TOKENS = 64;

/**
 * Activations between the two layers of a head: `relu`, `gelu` (with the error function) and `gelu-tanh` (its tanh
 * form).
 */
export const HEAD_ACTIVATIONS = ['relu', 'gelu', 'gelu-tanh'] as const;
export type HeadActivation = (typeof HEAD_ACTIVATIONS)[number];

const TokenId = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
const Verdicts = v.pipe(
  v.array(v.pipe(v.array(TokenId), v.minLength(1))),
  v.minLength(1),
  v.maxLength(MAX_LABELS),
  v.check((verdicts) => verdictsFit(verdicts), 'verdict-tokens'),
);

/** True unless a token is named twice or there are more than {@link MAX_VERDICT_TOKENS}. */
export function verdictsFit(verdicts: readonly (readonly number[])[]): boolean {
  const tokens = verdicts.flat();
  return tokens.length <= MAX_VERDICT_TOKENS && new Set(tokens).size === tokens.length;
}

const ReadsLast = v.optional(v.literal(true));

/** Schema of {@link Head} in a manifest. */
export const HeadSchema = v.variant('kind', [
  v.object({ kind: v.literal('linear'), readsLast: ReadsLast }),
  v.object({
    kind: v.literal('two-layer'),
    activation: v.picklist(HEAD_ACTIVATIONS),
    readsLast: ReadsLast,
  }),
  v.object({
    kind: v.literal('verdict'),
    verdicts: Verdicts,
    softCap: v.nullable(positive),
  }),
]);

/**
 * The kind of a package's heads, each of which reads the normed hidden state of one token.
 * - `linear`: one linear layer, whose outputs are the logits.
 * - `two-layer`: a linear layer, an activation, a linear layer.
 * - `verdict`: rows of a causal model's `lm_head`, one for each token of `verdicts`, in their order. `softCap` caps the
 *   logit of a token, as `final_logit_softcapping` does; a verdict's logit is the logsumexp of those of its tokens, so
 *   that softmax over the verdicts is the share of each in their probability.
 *
 * `readsLast`: see {@link readsLastToken}.
 */
export type Head = v.InferOutput<typeof HeadSchema>;

/** The head of packages whose manifest names none. */
export const LINEAR: Head = { kind: 'linear' };

/** Number of logits of a row. @param outputs outputs of the head's last layer. */
export function labelsOfHead(head: Head, outputs: number): number {
  return head.kind === 'verdict' ? head.verdicts.length : outputs;
}

/**
 * The logits [rows, labels] of a head from what its last layer gives, [rows, outputs]. Computed in float64.
 * @param raw finite values.
 * @returns `raw` itself where both are the same.
 */
export function finishLogits(head: Head, raw: Float32Array<ArrayBuffer>) {
  if (head.kind !== 'verdict') return raw;
  const { verdicts, softCap } = head;
  const tokens = verdicts.flat().length;
  const rows = raw.length / tokens;
  const logits = new Float32Array(rows * verdicts.length);
  let at = 0;
  for (let i = 0; i < logits.length; i += 1) {
    const { length } = verdicts[i % verdicts.length]!;
    const capped = Array.from(raw.subarray(at, at + length), (value) =>
      softCap === null ? value : softCap * Math.tanh(value / softCap),
    );
    at += length;
    const most = Math.max(...capped);
    const sum = capped.reduce((total, value) => total + Math.exp(value - most), 0);
    logits[i] = length === 1 ? most : most + Math.log(sum);
  }
  return logits;
}

/**
 * True if a head reads a row's last token, whatever it is. A verdict is the token after the row. The value heads of TRL
 * and GRM (`v_head`) read the last token that is attended to (rewardbench/models/grm.py).
 */
export function readsLastToken(head: Head): boolean {
  return head.kind === 'verdict' || head.readsLast === true;
}

/**
 * Tokens of a row up to the one that the head reads. A classifier reads the last that is not `padTokenId`, wherever
 * else that id occurs, and of a row of nothing else the first; after `GenericForSequenceClassification` of
 * Transformers. Others are read as {@link readsLastToken} says.
 */
export function pooledLength(
  ids: Int32Array,
  { padTokenId }: DecoderConfig,
  head: Head = LINEAR,
): number {
  let length = ids.length;
  if (readsLastToken(head)) return length;
  while (length > 1 && ids[length - 1] === padTokenId) length -= 1;
  return length;
}
