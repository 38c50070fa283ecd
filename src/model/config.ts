import * as v from 'valibot';
import { errorAt, TiebreakError } from '../domain/errors.ts';
import type { DecoderConfig } from './decoder.ts';
import type { Family } from './families/family.ts';
import { GEMMA2 } from './families/gemma2.ts';
import { GEMMA3 } from './families/gemma3.ts';
import { LLAMA } from './families/llama.ts';
import { MISTRAL } from './families/mistral.ts';
import { QWEN2 } from './families/qwen2.ts';
import { QWEN3 } from './families/qwen3.ts';
import { check, parseJson } from './json.ts';

/** The supported families. */
const FAMILIES: readonly Family[] = [GEMMA2, GEMMA3, LLAMA, MISTRAL, QWEN2, QWEN3];

/**
 * Parses a `config.json` as Transformers writes it.
 * @throws TiebreakError `model/config` for an invalid file, `model/unsupported` for an architecture that would be
 *   computed wrongly; both name the field.
 */
export function parseConfig(json: string, file = 'config.json'): DecoderConfig {
  const raw = parseJson(json, file, 'model/config');
  return familyOf(raw, file).parse(raw, file);
}

/** The family of a parsed `config.json`. @throws TiebreakError `model/unsupported` for any other. */
export function familyOf(raw: unknown, file: string): Family {
  const type = (raw as { model_type?: unknown } | null)?.model_type;
  const family = FAMILIES.find(({ modelType }) => modelType === type);
  if (family !== undefined) return family;
  throw errorAt({ file }, 'model/unsupported:type', {
    type: typeof type === 'string' ? `"${type}"` : typeof type,
    known: FAMILIES.map(({ modelType }) => `"${modelType}"`),
  });
}

/** The class of GRM's value heads, whose decoder is of any family (rewardbench/models/grm.py). */
const GRM = 'GRewardModel';

/**
 * `architectures[0]` of a `config.json`; null if it names none.
 * @throws TiebreakError `model/unsupported` for an architecture of no supported family.
 */
export function readArchitecture(json: string): string | null {
  const { architectures } = check(
    v.object({ architectures: v.nullish(v.array(v.string())) }),
    JSON.parse(json),
    'config.json',
    'model/config',
  );
  const known = [...FAMILIES.flatMap((family) => family.architectures), GRM];
  const name = architectures?.[0] ?? null;
  // A class of one's own is named after the one that it extends, such as Gemma2ForSequenceClassificationV1.
  if (name === null || known.some((one) => name.startsWith(one))) return name;
  throw new TiebreakError('model/unsupported:architecture', {
    params: { name, known },
    place: { file: 'config.json' },
  });
}
