import { gzipSync } from 'node:zlib';
import { toKaggleCsv } from '../src/data/csv/kaggle.ts';
import type { LabelledFile } from '../src/data/labelled/labelled-file.ts';
import type { LabelledRow } from '../src/data/labelled/labelled-row.ts';
import { type LabelledTable, LabelledTableBuilder } from '../src/data/labelled/labelled-table.ts';
import { nameOf } from '../src/data/labelled/names.ts';
import { LABELS } from '../src/domain/classes.ts';
import { MemorySource } from '../src/storage/byte-source.ts';
import { makeRows, type TestRow } from './runs.ts';

/** A row with its label and group. */
export type LabelledTestRow = TestRow & { label: number; group: string };

/** Makes rows in groups of up to three, with labels in turn. */
export function labelledRows(count: number, seed = 1): LabelledTestRow[] {
  return makeRows(count, seed).map((row, i) => ({
    ...row,
    label: (i * 7) % 3,
    group: `group ${Math.floor(i / 3)}`,
  }));
}

/** The rows with the columns of the competition's train.csv, as text. */
export function trainCsv(rows: LabelledTestRow[]): string {
  const [, ...lines] = toKaggleCsv(rows).trimEnd().split('\n');
  const labelled = lines.map((line, i) => {
    const oneHot = LABELS.map((_, c) => (c === rows[i]!.label ? 1 : 0)).join(',');
    return line.replace(',', ',gpt-4-1106-preview,"a, b",').concat(`,${oneHot}`);
  });
  const header =
    'id,model_a,model_b,prompt,response_a,response_b,winner_model_a,winner_model_b,winner_tie';
  return [header, ...labelled, ''].join('\n');
}

/** The rows as JSON lines of pairs. `change` overrides fields of each. */
export function pairsText(
  rows: LabelledTestRow[],
  change: (i: number) => Record<string, unknown> = () => ({}),
): string {
  return rows
    .map(({ id, prompt, responseA, responseB, label, group }, i) => {
      const texts = { prompt, response_a: responseA, response_b: responseB };
      const known = { source: 'made', id, label: LABELS[label], judge: 'human', group };
      return `${JSON.stringify({ ...texts, ...known, ...change(i) })}\n`;
    })
    .join('');
}

/** A text as a file in memory. */
export function fileOf(text: string, name = 'labelled'): MemorySource {
  return new MemorySource(name, new TextEncoder().encode(text));
}

/** A text as a gzipped file in memory. */
export function packed(text: string): MemorySource {
  return new MemorySource('labelled.gz', new Uint8Array(gzipSync(text)));
}

/** The selected rows of a labelled file, one by one. */
export function rowsOf({ table, ids, numbers }: LabelledFile): LabelledRow[] {
  return ids.map((id, i) => {
    const counts = [...(table.votes ?? []).slice(3 * i, 3 * i + 3)] as [number, number, number];
    return {
      row: numbers[i]!,
      id,
      label: table.labels[i]!,
      votes: counts.some((count) => count > 0) ? counts : null,
      source: nameOf(table.source, i),
      judge: nameOf(table.judge, i),
      group: nameOf(table.group, i),
    };
  });
}

/** Converts rows to a table. */
export function labelledTable(rows: readonly LabelledRow[]): LabelledTable {
  const builder = new LabelledTableBuilder();
  for (const row of rows) builder.add(row);
  return builder.finish();
}
