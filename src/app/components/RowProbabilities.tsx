import { ROW_FLAG } from '../../run/events.ts';
import { useApp } from '../context.ts';
import { probability } from '../format.ts';
import type { RowColumns } from '../rows.ts';
import { strings } from '../strings.ts';

const words = strings.row;
const KINDS = [
  { kind: 'a', label: words.preferA },
  { kind: 'b', label: words.preferB },
  { kind: 'tie', label: words.tie },
] as const;

/** The three probabilities of a row, with all their digits on hover. */
export function RowProbabilities({ rows, row }: { rows: RowColumns; row: number }) {
  useApp((state) => state.rowsVersion); // the result may come while the dialog is open
  if (!rows.has(row)) return <p className="help">{words.noResult}</p>;
  const values = rows.probabilities.subarray(3 * row, 3 * row + 3);
  const largest = Math.max(...values);
  const flags = rows.flags[row]!;
  const notes = [words.tokens(rows.tokens[row]!)];
  if (flags & ROW_FLAG.truncated) notes.push(strings.results.markTitles.truncated);
  if (flags & ROW_FLAG.duplicate) notes.push(strings.results.markTitles.duplicate);
  if (flags & ROW_FLAG.plainText) notes.push(strings.results.markTitles.plainText);
  return (
    <div>
      <dl className="big-bars">
        {KINDS.map(({ kind, label }, place) => (
          <div key={kind} className={`big-bar cell-${kind}`}>
            <dt>{label}</dt>
            <dd title={String(values[place])}>
              <span className="p-bar" aria-hidden="true">
                <span style={{ transform: `scaleX(${values[place]})` }} />
              </span>
              <span className={values[place] === largest ? 'p-value p-largest' : 'p-value'}>
                {probability(values[place]!, 6)}
              </span>
            </dd>
          </div>
        ))}
      </dl>
      <p className="help">{notes.join(' · ')}</p>
    </div>
  );
}
