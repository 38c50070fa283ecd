import type { DecoderConfig } from '../decoder.ts';

/** The meaning of a config.json that does not name these fields. */
export interface LmHeadDefaults {
  /** `tie_word_embeddings`: the rows of the head are those of the token embedding. */
  tied: boolean;
  /** `final_logit_softcapping`; left out for families that do not read it. */
  softCap?: number | null;
}

/** A family of models, which knows how its `config.json` becomes a {@link DecoderConfig}. */
export interface Family {
  /** `model_type` of config.json. */
  modelType: string;
  /** Accepted values of `architectures[0]` in a checkpoint's config.json; all name their tensors alike. */
  architectures: readonly string[];
  /** The head of its causal model. */
  lmHead: LmHeadDefaults;
  /**
   * Makes the description of a model.
   * @param raw the parsed config.json.
   * @param file name of that file, for errors.
   * @throws TiebreakError `model/config` for a field of the wrong type or range, `model/unsupported` for a field that
   *   would be computed wrongly.
   */
  parse(raw: unknown, file: string): DecoderConfig;
}
