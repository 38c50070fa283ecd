import type { LabelledRow } from './labelled-row.ts';
import { NameList, type Names } from './names.ts';

/** Marks a row without a valid label. */
export const NO_LABEL = 255;

/**
 * Labels, votes and origins of rows, by column. Both `npm run evaluate` and the report judge predictions by it. A row
 * is its index, from 0.
 */
export interface LabelledTable {
  length: number;
  /** [rows]: 0, 1, 2 (A, B, tie) or {@link NO_LABEL}. */
  labels: Uint8Array<ArrayBuffer>;
  /** [rows, 3]: counts of votes, zeros for a row without any; null if no row has votes. */
  votes: Float64Array<ArrayBuffer> | null;
  source: Names;
  judge: Names;
  group: Names;
}

/** A row for {@link LabelledTableBuilder}; the label is null if there is none. */
type Truth = Pick<LabelledRow, 'votes' | 'source' | 'judge' | 'group'> & {
  label: number | null;
};

/** Builds a {@link LabelledTable} row by row. */
export class LabelledTableBuilder {
  private readonly labels: number[] = [];
  private readonly votes: Truth['votes'][] = [];
  private readonly names = { source: new NameList(), judge: new NameList(), group: new NameList() };
  private readonly places = {
    source: [] as number[],
    judge: [] as number[],
    group: [] as number[],
  };

  add(row: Truth): void {
    this.labels.push(row.label ?? NO_LABEL);
    this.votes.push(row.votes);
    for (const column of ['source', 'judge', 'group'] as const) {
      this.places[column].push(this.names[column].place(row[column]));
    }
  }

  finish(): LabelledTable {
    const { labels, votes } = this;
    const column = (name: 'source' | 'judge' | 'group'): Names => ({
      names: this.names[name].names,
      of: Uint32Array.from(this.places[name]),
    });
    const hasVotes = votes.some((counts) => counts !== null);
    return {
      length: labels.length,
      labels: Uint8Array.from(labels),
      votes: hasVotes ? Float64Array.from(votes.flatMap((counts) => counts ?? [0, 0, 0])) : null,
      source: column('source'),
      judge: column('judge'),
      group: column('group'),
    };
  }
}
