import * as v from 'valibot';
import type { DecoderConfig } from '../decoder.ts';

/** A family of models, which knows how its `config.json` becomes a {@link DecoderConfig}. */
export interface Family {
  /** `model_type` of config.json. */
  modelType: string;
  /** Accepted values of `architectures[0]` in a checkpoint's config.json; all name their tensors alike. */
  architectures: readonly string[];
  /**
   * Makes the description of a model.
   * @param raw the parsed config.json.
   * @param file name of that file, for errors.
   * @throws TiebreakError `model/config` for a field of the wrong type or range, `model/unsupported` for a field that
   *   would be computed wrongly.
   */
  parse(raw: unknown, file: string): DecoderConfig;
}

/** Largest size in a config.json: shaders index with 32-bit integers. */
export const MAX_SIZE = 2 ** 31 - 1;

/** A size in a config.json. */
export const size = v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(MAX_SIZE));
