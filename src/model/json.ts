import * as v from 'valibot';
import { TiebreakError } from '../domain/errors.ts';
import { schemaIssue } from '../domain/schema-issue.ts';

/** Schema of a number that is finite in float32, the type in which models compute. */
export const float32 = v.pipe(
  v.number(),
  v.check((value) => Number.isFinite(Math.fround(value)), 'float32'),
);

/** Schema of a {@link float32} above 0. */
export const positive = v.pipe(
  float32,
  v.check((value) => Math.fround(value) > 0, 'positive'),
);

/** `JSON.parse` that fails with a {@link TiebreakError} of the given code, which names the file. */
export function parseJson(json: string, file: string, code: string): unknown {
  try {
    return JSON.parse(json);
  } catch (cause) {
    throw new TiebreakError('json/not-json', {
      code,
      params: { file, reason: (cause as Error).message },
      place: { file },
      cause,
    });
  }
}

/**
 * Validates parsed JSON and returns it with its type.
 * @throws TiebreakError of the given code, which names the file and the path of the first invalid field.
 */
export function check<T extends v.GenericSchema>(
  schema: T,
  value: unknown,
  file: string,
  code: string,
): v.InferOutput<T> {
  // Only the first issue is shown, and a long list of wrong items would produce a million of them.
  const result = v.safeParse(schema, value, { abortEarly: true });
  if (result.success) return result.output;
  throw new TiebreakError('json/field', {
    code,
    params: { file, ...schemaIssue(result.issues[0]) },
    place: { file },
  });
}
