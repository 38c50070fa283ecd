import * as v from 'valibot';
import { LABELS, type Label } from '../../domain/classes.ts';
import { errorAt, TiebreakError } from '../../domain/errors.ts';
import { schemaIssue } from '../../domain/schema-issue.ts';
import type { ByteSource } from '../../storage/byte-source.ts';
import { lines } from '../../storage/lines.ts';
import { toKaggleCsv } from '../csv/kaggle.ts';
import { LABEL_NAMES, type LabelledRow, quoted, type ReadRow } from './labelled-row.ts';

const Turns = v.array(v.string());
const Count = v.optional(v.pipe(v.number(), v.finite(), v.minValue(0)), 0);
const Pair = v.object({
  id: v.optional(v.union([v.string(), v.number()])),
  prompt: Turns,
  response_a: Turns,
  response_b: Turns,
  label: v.string(),
  votes: v.nullish(v.strictObject({ a: Count, b: Count, tie: Count })),
  source: v.nullish(v.string()),
  judge: v.nullish(v.string()),
  group: v.nullish(v.string()),
});

const encoder = new TextEncoder();
const utf8 = new TextDecoder('utf-8', { fatal: true });

/** The header line for the rows of {@link pairLines}. */
export const PAIRS_HEADER = toKaggleCsv([]);

/**
 * Reads the rows of a JSON lines file of pairs (`source`, `id`, `prompt[]`, `response_a[]`, `response_b[]`, `label`,
 * `judge`, `votes`, `group`; only texts and label are required) and returns them as lines of the competition's CSV
 * whose ids are line numbers. Blank lines are skipped. An unusable line comes with the error `labels/bad-line`,
 * `labels/bad-pair` or `labels/unknown-label`.
 * @throws TiebreakError the errors of the source.
 */
export async function* pairLines(source: ByteSource): AsyncGenerator<ReadRow> {
  let row = 0;
  for await (const bytes of lines(source)) {
    row += 1;
    const place = { file: source.name, row };
    let text: string;
    try {
      text = utf8.decode(bytes);
    } catch {
      yield { row, id: '', error: errorAt(place, 'labels/bad-line:utf8') };
      continue;
    }
    if (text.trim() !== '') yield readLine(text, place);
  }
}

interface Place {
  file: string;
  row: number;
}

function readLine(text: string, place: Place): ReadRow {
  const { row } = place;
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    const reason = (cause as Error).message;
    return { row, id: '', error: errorAt(place, 'labels/bad-line:json', { reason }) };
  }
  const parsed = v.safeParse(Pair, value, { abortEarly: true });
  if (!parsed.success) {
    const error = errorAt(place, 'labels/bad-pair', schemaIssue(parsed.issues[0]));
    return { row, id: idOf(value), error };
  }
  const pair = parsed.output;
  const id = String(pair.id ?? row);
  const label = LABELS.indexOf(pair.label as Label);
  if (label < 0) {
    const error = new TiebreakError('labels/unknown-label', {
      params: { label: quoted(pair.label), known: LABEL_NAMES },
      place,
    });
    return { row, id, error };
  }
  const { a, b, tie } = pair.votes ?? { a: 0, b: 0, tie: 0 };
  const labelled: LabelledRow = {
    row,
    id,
    label,
    votes: a + b + tie > 0 ? [a, b, tie] : null,
    source: pair.source ?? null,
    judge: pair.judge ?? null,
    group: pair.group ?? null,
  };
  const { prompt, response_a: responseA, response_b: responseB } = pair;
  const csv = toKaggleCsv([{ id: String(row), prompt, responseA, responseB }]);
  return { labelled, line: encoder.encode(csv.slice(PAIRS_HEADER.length)) };
}

/** The id of a value that is not a pair, if it has one. */
function idOf(value: unknown): string {
  const id = typeof value === 'object' && value !== null && 'id' in value ? value.id : undefined;
  return typeof id === 'string' || typeof id === 'number' ? String(id) : '';
}
