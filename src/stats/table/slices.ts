import { NO_NAME } from '../../data/labelled/names.ts';
import { TEXT_LANGUAGES } from '../../data/prose/language.ts';
import { ROW_FLAG } from '../../domain/row-flag.ts';
import { FEATURE } from './features.ts';
import type { Table } from './table.ts';

/** Ways to divide the rows of a file into parts. */
export const SLICE_IDS = [
  'lengthRatio',
  'turns',
  'language',
  'code',
  'lists',
  'refusals',
  'truncation',
  'source',
  'judge',
] as const;
export type SliceId = (typeof SLICE_IDS)[number];

const SIDES = ['neither', 'onlyA', 'onlyB', 'both'];

/** Names of the parts of a slice, in order. Those of `source` and `judge` come from the file. */
export function slicePartsOf(slice: SliceId, table: Pick<Table, 'source' | 'judge'>): string[] {
  switch (slice) {
    case 'lengthRatio':
      return ['aMuchLonger', 'aLonger', 'similar', 'bLonger', 'bMuchLonger'];
    case 'turns':
      return ['one', 'two', 'more'];
    case 'language':
      return [...TEXT_LANGUAGES];
    case 'code':
    case 'lists':
    case 'refusals':
      return SIDES;
    case 'truncation':
      return ['whole', 'truncated'];
    case 'source':
      return table.source.names;
    case 'judge':
      return table.judge.names;
  }
}

/** Index of a row's part in a slice; -1 for none. @param flags bits of ROW_FLAG, [rows]. */
export function slicePartOf(slice: SliceId, table: Table, flags: Uint8Array, row: number): number {
  const bits = table.bits[row]!;
  switch (slice) {
    case 'lengthRatio':
      return lengthRatioPart(table.lengthA[row]!, table.lengthB[row]!);
    case 'turns':
      return Math.min(Math.max(table.turns[row]!, 1), 3) - 1;
    case 'language':
      return table.languages[row]!;
    case 'code':
      return side(bits, FEATURE.codeA, FEATURE.codeB);
    case 'lists':
      return side(bits, FEATURE.listA, FEATURE.listB);
    case 'refusals':
      return side(bits, FEATURE.refusalA, FEATURE.refusalB);
    case 'truncation':
      return flags[row]! & ROW_FLAG.truncated ? 1 : 0;
    case 'source':
    case 'judge': {
      const name = table[slice].of[row]!;
      return name === NO_NAME ? -1 : name;
    }
  }
}

/** Similar means within a quarter, much longer more than twice as long. Empty answers count as one character. */
function lengthRatioPart(a: number, b: number): number {
  const ratio = Math.max(b, 1) / Math.max(a, 1);
  if (ratio < 1 / 2) return 0;
  if (ratio < 4 / 5) return 1;
  if (ratio <= 5 / 4) return 2;
  return ratio <= 2 ? 3 : 4;
}

function side(bits: number, ofA: number, ofB: number): number {
  return (bits & ofA ? 1 : 0) + (bits & ofB ? 2 : 0);
}
