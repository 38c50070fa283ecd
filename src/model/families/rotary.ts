import * as v from 'valibot';
import { errorAt } from '../../domain/errors.ts';
import type { RotaryConfig, RotaryScaling } from '../decoder.ts';
import { positive } from '../json.ts';
import { unsupported } from './fields.ts';

/** Settings of rotary positions: `rope_parameters` of newer versions of Transformers, `rope_scaling` of older ones. */
export const RopeSettings = v.object({
  rope_theta: v.nullish(positive),
  rope_type: v.nullish(v.string()),
  // The name of `rope_type` in old files.
  type: v.nullish(v.string()),
  factor: v.nullish(positive),
  low_freq_factor: v.nullish(positive),
  high_freq_factor: v.nullish(positive),
  original_max_position_embeddings: v.nullish(positive),
  partial_rotary_factor: v.nullish(positive),
});

type RopeSettings = v.InferOutput<typeof RopeSettings>;

/** Fields of rotary positions in a config.json. */
export const ROPE = {
  rope_theta: v.nullish(positive),
  rope_parameters: v.nullish(RopeSettings),
  rope_scaling: v.nullish(RopeSettings),
  partial_rotary_factor: v.nullish(positive),
};

/** Rotary positions that are the same in all layers. @throws TiebreakError `model/unsupported` for other kinds. */
export function oneRotary(
  c: v.InferOutput<v.ObjectSchema<typeof ROPE, undefined>>,
  theta: number,
  file: string,
) {
  const rotary = rotaryFrom(c, { ...c, theta }, file);
  return { full: rotary, sliding: rotary };
}

/**
 * Rotary positions by what a config.json says of them.
 * @param of `rope_parameters`, and without these `rope_scaling`.
 * @param otherwise the base that is not among the settings: that of config.json, or of the family.
 * @throws TiebreakError `model/unsupported` for kinds other than default, linear and llama3.
 */
export function rotaryFrom(
  of: { rope_parameters?: RopeSettings | null; rope_scaling?: RopeSettings | null },
  otherwise: { theta: number; rope_theta?: number | null; partial_rotary_factor?: number | null },
  file: string,
): RotaryConfig {
  const { rope_parameters: parameters, rope_scaling: old } = of;
  const settings: RopeSettings = parameters ?? old ?? {};
  const theta = settings.rope_theta ?? otherwise.rope_theta ?? otherwise.theta;
  const part = settings.partial_rotary_factor ?? otherwise.partial_rotary_factor ?? 1;
  if (part !== 1) throw unsupported(file, 'partial_rotary_factor', part);
  const type = settings.rope_type ?? settings.type;
  // Old files that scale always say how, and new ones say it in one place.
  if (old != null && (type == null || parameters != null)) {
    throw errorAt({ file }, 'model/unsupported:set', { field: 'rope_scaling' });
  }
  return { theta, scaling: scalingOf(type ?? 'default', settings, file) };
}

function scalingOf(type: string, settings: RopeSettings, file: string): RotaryScaling | null {
  const need = (field: keyof RopeSettings): number => {
    const value = settings[field];
    if (typeof value === 'number') return value;
    throw unsupported(file, `${field} of rope_type "${type}"`, value ?? null);
  };
  switch (type) {
    case 'default':
      return null;
    case 'linear':
      return { type, factor: need('factor') };
    case 'llama3':
      return {
        type,
        factor: need('factor'),
        lowFactor: need('low_freq_factor'),
        highFactor: need('high_freq_factor'),
        originalPositions: need('original_max_position_embeddings'),
      };
    default:
      throw unsupported(file, 'rope_type', type);
  }
}
