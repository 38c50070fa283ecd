import { NO_LABEL } from '../src/data/labelled/labelled-table.ts';
import { type Names, NO_NAME } from '../src/data/labelled/names.ts';
import type { QueryData } from '../src/report/query.ts';
import type { Table } from '../src/stats/table/table.ts';

/** Makes a table of rows from a few given columns. */
export function tableOf(of: {
  labels: readonly (number | null)[];
  bits?: readonly number[];
  lengths?: readonly [prompt: number, a: number, b: number][];
  groups?: readonly (string | null)[];
  models?: readonly [string, string][];
}): Table {
  const { labels } = of;
  const length = labels.length;
  const lengths = of.lengths ?? labels.map(() => [10, 20, 20] as const);
  const models = [...new Set(of.models?.flat() ?? [])];
  const places = (names: readonly (string | null | undefined)[], all: string[]): Names => ({
    names: all,
    of: Uint32Array.from(names, (name) => (name == null ? NO_NAME : all.indexOf(name))),
  });
  const none: Names = { names: [], of: new Uint32Array(length).fill(NO_NAME) };
  const groups = of.groups ?? labels.map(() => null);
  return {
    length,
    labels: Uint8Array.from(labels, (label) => label ?? NO_LABEL),
    votes: null,
    promptLength: Uint32Array.from(lengths, ([prompt]) => prompt),
    lengthA: Uint32Array.from(lengths, ([, a]) => a),
    lengthB: Uint32Array.from(lengths, ([, , b]) => b),
    turns: new Uint16Array(length).fill(1),
    languages: new Uint8Array(length),
    bits: Uint16Array.from(of.bits ?? new Uint16Array(length)),
    models: {
      a: places(
        labels.map((_, i) => of.models?.[i]?.[0]),
        models,
      ),
      b: places(
        labels.map((_, i) => of.models?.[i]?.[1]),
        models,
      ),
    },
    source: none,
    judge: none,
    group: places(groups, [...new Set(groups.filter((name) => name !== null))]),
  };
}

/** Makes a scored table with these probabilities; null for a row without a result. */
export function dataOf(
  table: Table,
  probabilities: readonly (readonly [number, number, number] | null)[],
  more: Partial<QueryData> = {},
): QueryData {
  const values = Float64Array.from(
    probabilities.flatMap((p) => p ?? [Number.NaN, Number.NaN, Number.NaN]),
  );
  return {
    table,
    probabilities: values,
    raw: values,
    forward: null,
    adapters: null,
    rewards: null,
    tokens: Uint32Array.from(probabilities, (_, i) => 100 + i),
    flags: new Uint8Array(table.length),
    compared: null,
    ...more,
  };
}
