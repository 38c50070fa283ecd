import { MODEL_COLUMNS, ORIGIN_COLUMNS } from '../data/csv/column-names.ts';
import { type CsvColumn, columnsCsv } from '../data/csv/columns.ts';
import { csvField } from '../data/csv/field.ts';
import { NO_LABEL } from '../data/labelled/labelled-table.ts';
import type { Names } from '../data/labelled/names.ts';
import { TEXT_LANGUAGES } from '../data/prose/language.ts';
import { ROW_FLAG } from '../domain/row-flag.ts';
import {
  type AdapterMean,
  type Average,
  activeSteps,
  onlyAdapter,
  type PostProcessing,
} from '../stats/figures/post.ts';
import { FEATURE } from '../stats/table/features.ts';
import { confidence, isScored, rowOrderGap } from '../stats/table/scored.ts';
import type { QueryData } from './query.ts';
import {
  labelColumn,
  lossColumn,
  nameColumn,
  numberCell,
  originColumns,
  probabilityColumns,
  rewardColumns,
  rowColumns,
  tokensColumn,
} from './result-columns.ts';

/**
 * Describes the active steps for an export: `adapter demo; mean of probabilities: this run 1, demo-b 2; temperature
 * 1.2; identical 0.1/0.1/0.8`.
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
 * Writes rows as CSV with all facts of the report, in pieces. After `row` come the columns of a submission, so that
 * another run can be compared with the file later. Unknown values are empty cells.
 * @param rows of the file, from 0, in the order of writing.
 */
export function exportCsv(
  data: QueryData,
  ids: readonly string[],
  rows: Uint32Array,
  post: PostProcessing,
): Generator<string> {
  return columnsCsv(columnsOf(data, ids, post), rows);
}

function columnsOf(data: QueryData, ids: readonly string[], post: PostProcessing): CsvColumn[] {
  const { probabilities, raw, forward, compared } = data;
  const steps = describePost(post);
  const columns: CsvColumn[] = [
    ...rowColumns(ids, (row) => row + 1),
    ...probabilityColumns(probabilities),
  ];
  if (steps !== '') {
    const cell = csvField(steps);
    columns.push({ name: 'post_processing', cell: () => cell });
    columns.push(...probabilityColumns(raw, 'unprocessed_'));
  }
  // Of one adapter there is no name to tell.
  if (data.rewards !== null)
    columns.push(...rewardColumns(data.rewards, data.adapters?.names ?? [null]));
  columns.push({
    name: 'confidence',
    cell: (row) => (isScored(data, row) ? numberCell(confidence(probabilities, row)) : ''),
  });
  if (forward !== null) {
    columns.push({ name: 'order_gap', cell: (row) => numberCell(rowOrderGap(data, row)) });
    columns.push(...probabilityColumns(forward, 'as_given_'));
  }
  columns.push(...adapterColumns(data));
  if (compared?.isOtherRun) columns.push(...probabilityColumns(compared.other, 'other_run_'));
  return [...columns, ...truthColumns(data), ...textColumns(data)];
}

function adapterColumns({ adapters }: QueryData): CsvColumn[] {
  if (adapters === null) return [];
  const { names, probabilities } = adapters;
  return names.flatMap((name, a) =>
    probabilityColumns(
      probabilities,
      `adapter_${name ?? 'none'}_`,
      (row) => names.length * row + a,
    ),
  );
}

/** Labels with the log loss, and names, if the file has them. */
function truthColumns(data: QueryData): CsvColumn[] {
  const { table } = data;
  const { a, b } = table.models;
  const hasLabels = table.labels.some((label) => label !== NO_LABEL);
  const hasNames = (column: CsvColumn, { names }: Names) => (names.length === 0 ? [] : [column]);
  return [
    ...(hasLabels ? [labelColumn(table), lossColumn(data)] : []),
    ...hasNames(nameColumn(MODEL_COLUMNS[0], a), a),
    ...hasNames(nameColumn(MODEL_COLUMNS[1], b), b),
    ...originColumns(table).flatMap((column, i) => hasNames(column, table[ORIGIN_COLUMNS[i]!])),
  ];
}

/** Features of the texts, and the run's remarks about them. */
function textColumns(data: QueryData): CsvColumn[] {
  const { table, flags } = data;
  const feature = (name: string, bit: number): CsvColumn => ({
    name,
    cell: (row) => (table.bits[row]! & bit ? 1 : 0),
  });
  const flag = (name: string, bit: number): CsvColumn => ({
    name,
    cell: (row) => (flags[row]! & bit ? 1 : 0),
  });
  return [
    tokensColumn(data),
    { name: 'characters_prompt', cell: (row) => table.promptLength[row]! },
    { name: 'characters_a', cell: (row) => table.lengthA[row]! },
    { name: 'characters_b', cell: (row) => table.lengthB[row]! },
    { name: 'turns', cell: (row) => table.turns[row]! },
    { name: 'language_guess', cell: (row) => TEXT_LANGUAGES[table.languages[row]!]! },
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
  ];
}
