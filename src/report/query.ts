import { NO_LABEL } from '../data/labelled/labelled-table.ts';
import { classDifference, predictedClass } from '../domain/classes.ts';
import { ROW_FLAG } from '../domain/row-flag.ts';
import { rowLoss } from '../stats/methods/metrics.ts';
import {
  confidence,
  isFlipped,
  isScored,
  ofAdapter,
  rowMargin,
  rowOrderGap,
  type ScoredTable,
} from '../stats/table/scored.ts';
import { type SliceId, slicePartOf } from '../stats/table/slices.ts';
import { lengthDifference } from '../stats/table/table.ts';

/** Numbers of a row by which a table is sorted and filtered. */
export const FIELDS = [
  'row',
  'a',
  'b',
  'tie',
  'margin',
  'confidence',
  'tokens',
  'length',
  'lengthDifference',
  'gap',
  'loss',
  'change',
] as const;
export type Field = (typeof FIELDS)[number];

/** A condition on rows; all filters of a query must hold. */
export type Filter =
  /** From `min`, inclusive, to `max`, exclusive. */
  | { kind: 'range'; field: Field; min: number; max: number }
  | { kind: 'predicted'; label: number }
  | { kind: 'label'; label: number }
  | { kind: 'slice'; slice: SliceId; part: number }
  | { kind: 'flipped' }
  | { kind: 'wrong' }
  | { kind: 'model'; model: number };

/** A choice of rows and their order. */
export interface Query {
  filters: readonly Filter[];
  /** Part of a prompt or an answer, ignoring case; empty matches any. */
  text: string;
  sort: { field: Field; descending: boolean };
}

/** All rows, in the order of the file. */
export const ALL_ROWS: Query = {
  filters: [],
  text: '',
  sort: { field: 'row', descending: false },
};

/** A scored table and a comparison of its results. */
export interface QueryData extends ScoredTable {
  compared: ComparedSides | null;
}

/** The two sides of a comparison, each [rows, 3]; NaN marks a row that a side lacks. */
interface ComparedSides {
  one: Float64Array<ArrayBuffer>;
  other: Float64Array<ArrayBuffer>;
  /** False if it is an adapter of this run. */
  isOtherRun: boolean;
}

/** A choice of two sides to compare; a number is the index of an adapter of this run. */
export interface Compared {
  /** Null stands for this run after post-processing. */
  one: number | null;
  /** Or another run, [rows, 3]. */
  other: number | Float64Array<ArrayBuffer>;
}

/** The probabilities of both sides. */
export function sidesOf(
  { probabilities, adapters }: Pick<ScoredTable, 'probabilities' | 'adapters'>,
  { one, other }: Compared,
): ComparedSides {
  return {
    one: one === null ? probabilities : ofAdapter(adapters!, one),
    other: typeof other === 'number' ? ofAdapter(adapters!, other) : other,
    isOtherRun: typeof other !== 'number',
  };
}

/** A number of a row; NaN if the row lacks it. */
export function fieldOf(data: QueryData, field: Field, row: number): number {
  const { table, probabilities } = data;
  switch (field) {
    case 'row':
      return row;
    case 'a':
      return probabilities[3 * row]!;
    case 'b':
      return probabilities[3 * row + 1]!;
    case 'tie':
      return probabilities[3 * row + 2]!;
    case 'margin':
      return rowMargin(data, row);
    case 'confidence':
      return confidence(probabilities, row);
    case 'tokens':
      return isScored(data, row) ? data.tokens[row]! : Number.NaN;
    case 'length':
      return table.promptLength[row]! + table.lengthA[row]! + table.lengthB[row]!;
    case 'lengthDifference':
      return lengthDifference(table, row);
    case 'gap':
      return rowOrderGap(data, row);
    case 'loss': {
      const label = table.labels[row]!;
      if (label === NO_LABEL || !isScored(data, row)) return Number.NaN;
      return rowLoss(probabilities, row, label);
    }
    case 'change':
      return data.compared === null
        ? Number.NaN
        : classDifference(data.compared.one, data.compared.other, row);
  }
}

/** True if a filter matches a row; false if the row lacks the number. */
export function holds(data: QueryData, filter: Filter, row: number): boolean {
  const { table, probabilities, flags } = data;
  switch (filter.kind) {
    case 'range': {
      const value = fieldOf(data, filter.field, row);
      return value >= filter.min && value < filter.max;
    }
    case 'predicted':
      return isScored(data, row) && predictedClass(probabilities, row) === filter.label;
    case 'label':
      return table.labels[row] === filter.label;
    case 'slice':
      // Rows that cannot be scored have no texts, and so no part.
      return (
        (flags[row]! & ROW_FLAG.problem) === 0 &&
        slicePartOf(filter.slice, table, flags, row) === filter.part
      );
    case 'flipped':
      return isFlipped(data, row);
    case 'wrong': {
      const label = table.labels[row]!;
      if (label === NO_LABEL || !isScored(data, row)) return false;
      return predictedClass(probabilities, row) !== label;
    }
    case 'model':
      return table.models.a.of[row] === filter.model || table.models.b.of[row] === filter.model;
  }
}

/** Rows that match all filters, in the order of the file. The text is not searched here. */
export function filterRows(data: QueryData, filters: readonly Filter[]): Uint32Array<ArrayBuffer> {
  const found: number[] = [];
  for (let row = 0; row < data.table.length; row += 1) {
    if (filters.every((filter) => holds(data, filter, row))) found.push(row);
  }
  return Uint32Array.from(found);
}

/** Sorts rows by a field. Rows without the number come last; equal ones keep the order of the file. */
export function sortRows(
  data: QueryData,
  rows: Uint32Array,
  { field, descending }: Query['sort'],
): Uint32Array<ArrayBuffer> {
  const last = Number.POSITIVE_INFINITY;
  const keys = Float64Array.from(rows, (row) => {
    const value = fieldOf(data, field, row);
    if (Number.isNaN(value)) return last;
    return descending ? -value : value;
  });
  const order = Uint32Array.from(rows.keys());
  order.sort((x, y) => keys[x]! - keys[y]! || rows[x]! - rows[y]!);
  return order.map((place) => rows[place]!);
}

/** Adds a filter, replacing one on the same subject. */
export function withFilter(filters: readonly Filter[], added: Filter): Filter[] {
  return [...filters.filter((filter) => subjectOf(filter) !== subjectOf(added)), added];
}

/** The subject of a filter; a query has at most one filter for each. */
export function subjectOf(filter: Filter): string {
  if (filter.kind === 'range') return `range ${filter.field}`;
  return filter.kind === 'slice' ? `slice ${filter.slice}` : filter.kind;
}
