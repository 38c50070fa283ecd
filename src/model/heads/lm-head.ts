import * as v from 'valibot';
import { familyOf } from '../config.ts';
import { check, parseJson, positive } from '../json.ts';

/** The head of a causal model: a row for each token of the vocabulary. */
export interface LmHead {
  /** True if its rows are those of the token embedding; else it is `lm_head.weight`. */
  tied: boolean;
  /** Cap of its logits, applied as `cap * tanh(logit / cap)`; null for none. */
  softCap: number | null;
}

const Schema = v.object({
  tie_word_embeddings: v.nullish(v.boolean()),
  final_logit_softcapping: v.nullish(positive),
});

/** Reads what a `config.json` says about the head of its causal model. Throws as `parseConfig` does. */
export function readLmHead(json: string, file = 'config.json'): LmHead {
  const raw = parseJson(json, file, 'model/config');
  const { tied, softCap } = familyOf(raw, file).lmHead;
  const c = check(Schema, raw, file, 'model/config');
  const cap = c.final_logit_softcapping;
  return {
    tied: c.tie_word_embeddings ?? tied,
    softCap: softCap === undefined ? null : cap === undefined ? softCap : cap,
  };
}
