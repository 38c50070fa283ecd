import { TRUTH_COLUMNS } from '../data/csv/header.ts';
import { csvField, formatProbability } from '../data/csv/submission.ts';
import { ROW_FLAG } from '../scoring/events.ts';
import { FEATURE, LANGUAGES } from '../stats/features.ts';
import { LABELS, rowLoss } from '../stats/metrics.ts';
import {
  type AdapterMean,
  type Average,
  activeSteps,
  onlyAdapter,
  type PostProcessing,
} from '../stats/post.ts';
import { confidence, isScored, orderGap } from '../stats/scored.ts';
import { NO_LABEL, nameOf } from '../stats/table.ts';
import type { QueryData } from './query.ts';

const PIECE_CHARACTERS = 256 * 1024;
const DIGITS = 9;

/**
 * Names of the steps that are on, as an export tells them:
 * `adapter demo; mean of probabilities: this run 1, demo-b 2; temperature 1.2; identical 0.1/0.1/0.8`.
 */
export function describePost(post: PostProcessing): string {
  const { adapters, average, ...values } = post;
  return activeSteps(post)
    .map((step) => {
      if (step === 'adapters') return describeAdapters(adapters!);
      if (step === 'average') return describeAverage(average!);
      const value = values[step]!;
      return `${step} ${typeof value === 'number' ? value : value.join('/')}`;
    })
    .join('; ');
}

function describeAdapters(mean: AdapterMean): string {
  const nameOf = ({ name }: AdapterMean['members'][number]) => name ?? 'none';
  const only = onlyAdapter(mean);
  if (only !== null) return `adapter ${nameOf(only)}`;
  const parts = mean.members.map((adapter) => `${nameOf(adapter)} ${adapter.weight}`);
  return `mean of ${mean.of} of the adapters: ${parts.join(', ')}`;
}

function describeAverage({ of, weight, members }: Average): string {
  const parts = [{ name: 'this run', weight }, ...members].map(
    (run) => `${run.name} ${run.weight}`,
  );
  return `mean of ${of}: ${parts.join(', ')}`;
}

/**
 * Rows as CSV with everything that the report knows about them, in pieces. The first five columns are those of a
 * submission after `row`, so that it can be compared with another run later on. Cells of what is not known are empty.
 * @param rows of the file, from 0, in the order in which they are written.
 */
export function* exportCsv(
  data: QueryData,
  ids: readonly string[],
  rows: Uint32Array,
  post: PostProcessing,
): Generator<string> {
  const columns = columnsOf(data, ids, post);
  let piece = `${columns.map(([name]) => name).join(',')}\n`;
  for (const row of rows) {
    piece += `${columns.map(([, cell]) => cell(row)).join(',')}\n`;
    if (piece.length < PIECE_CHARACTERS) continue;
    yield piece;
    piece = '';
  }
  if (piece !== '') yield piece;
}

type Column = [name: string, cell: (row: number) => string | number];

function columnsOf(data: QueryData, ids: readonly string[], post: PostProcessing): Column[] {
  const { table, probabilities, raw, forward, adapters, compared, tokens, flags } = data;
  const steps = describePost(post);
  const three = (
    prefix: string,
    values: Float64Array | Float32Array,
    place = (row: number) => row,
  ): Column[] =>
    TRUTH_COLUMNS.slice(0, 3).map((name, c) => [
      csvField(`${prefix}${name}`),
      (row) => {
        const p = values[3 * place(row) + c]!;
        return Number.isNaN(p) ? '' : formatProbability(p, { row: row + 1 });
      },
    ]);
  const number = (value: number) => (Number.isNaN(value) ? '' : Number(value.toPrecision(DIGITS)));
  const flag = (name: string, bit: number): Column => [name, (row) => (flags[row]! & bit ? 1 : 0)];
  const feature = (name: string, bit: number): Column => [
    name,
    (row) => (table.bits[row]! & bit ? 1 : 0),
  ];
  const columns: Column[] = [
    ['row', (row) => row + 1],
    ['id', (row) => csvField(ids[row]!)],
    ...three('', probabilities),
  ];
  if (steps !== '') {
    columns.push(['post_processing', () => csvField(steps)], ...three('unprocessed_', raw));
  }
  columns.push([
    'confidence',
    (row) => (isScored(data, row) ? number(confidence(probabilities, row)) : ''),
  ]);
  if (forward !== null) {
    columns.push(
      ['order_gap', (row) => number(orderGap(data, row))],
      ...three('as_given_', forward),
    );
  }
  for (const [a, name] of adapters?.names.entries() ?? []) {
    const { names, probabilities: values } = adapters!;
    const prefix = `adapter_${name ?? 'none'}_`;
    columns.push(...three(prefix, values, (row) => names.length * row + a));
  }
  if (compared?.isOtherRun) columns.push(...three('other_run_', compared.other));
  if (table.labels.some((label) => label !== NO_LABEL)) {
    columns.push(
      ['label', (row) => LABELS[table.labels[row]!] ?? ''],
      [
        'log_loss',
        (row) => {
          const label = table.labels[row]!;
          const isJudged = label !== NO_LABEL && isScored(data, row);
          return isJudged ? number(rowLoss(probabilities, row, label)) : '';
        },
      ],
    );
  }
  const names = [
    ['model_a', table.models.a],
    ['model_b', table.models.b],
    ['source', table.source],
    ['judge', table.judge],
    ['group', table.group],
  ] as const;
  for (const [name, of] of names) {
    if (of.names.length > 0) columns.push([name, (row) => csvField(nameOf(of, row) ?? '')]);
  }
  columns.push(
    ['tokens', (row) => (isScored(data, row) ? tokens[row]! : '')],
    ['characters_prompt', (row) => table.promptLength[row]!],
    ['characters_a', (row) => table.lengthA[row]!],
    ['characters_b', (row) => table.lengthB[row]!],
    ['turns', (row) => table.turns[row]!],
    ['language_guess', (row) => LANGUAGES[table.languages[row]!]!],
    feature('code_a', FEATURE.codeA),
    feature('code_b', FEATURE.codeB),
    feature('list_a', FEATURE.listA),
    feature('list_b', FEATURE.listB),
    feature('refusal_a', FEATURE.refusalA),
    feature('refusal_b', FEATURE.refusalB),
    feature('empty_a', FEATURE.emptyA),
    feature('empty_b', FEATURE.emptyB),
    feature('identical', FEATURE.identical),
    flag('truncated', ROW_FLAG.truncated),
    flag('duplicate', ROW_FLAG.duplicate),
    flag('plain_text', ROW_FLAG.plainText),
    flag('not_scorable', ROW_FLAG.problem),
  );
  return columns;
}
