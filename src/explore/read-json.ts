import * as v from 'valibot';
import { CLASS_COLUMNS } from '../domain/classes.ts';
import { TiebreakError } from '../domain/errors.ts';
import { jsonBreak } from './json-break.ts';
import type { SharedPair } from './link.ts';

/** Turns of a text; a single string counts as one turn. */
const turns = v.pipe(
  v.union([v.pipe(v.array(v.string()), v.minLength(1)), v.string()]),
  v.transform((value) => (typeof value === 'string' ? [value] : value)),
);
const probability = v.pipe(v.number(), v.minValue(0), v.maxValue(1));
const [A, B, TIE] = CLASS_COLUMNS;
const Copied = v.object({ prompt: turns, response_a: turns, response_b: turns });
/** The model's answer is optional: it is read only if it is complete. */
const Said = v.object({
  probabilities: v.object({
    mean: v.object({
      [A]: probability,
      [B]: probability,
      [TIE]: probability,
    }),
  }),
  computed_with: v.object({ model: v.string(), adapter: v.nullable(v.string()) }),
});

/**
 * Reads a pair, with the model's result, from JSON as `pairJson` writes it.
 * @throws TiebreakError `explore/json` if it is not JSON; `explore/json-fields` if a field is missing or has another
 * type.
 */
export function readPairJson(text: string): SharedPair {
  const json = parse(text);
  const parsed = v.safeParse(Copied, json);
  if (!parsed.success) {
    const fields = [...new Set(parsed.issues.map((issue) => v.getDotPath(issue) ?? ''))]
      .filter((field) => field !== '')
      .join(', ');
    throw new TiebreakError('explore/json-fields', { params: { fields } });
  }
  const { prompt, response_a: responseA, response_b: responseB } = parsed.output;
  const pair = { prompt, responseA, responseB };
  const said = v.safeParse(Said, json);
  if (!said.success) return { pair };
  const { probabilities, computed_with: by } = said.output;
  const { [A]: a, [B]: b, [TIE]: tie } = probabilities.mean;
  return { pair, said: { model: by.model, adapter: by.adapter, mean: [a, b, tie] } };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    const { line, column } = jsonBreak(text);
    throw new TiebreakError('explore/json', { params: { line, column }, cause });
  }
}
