import { mostLikely } from '../../domain/classes.ts';
import type { Probabilities } from '../../domain/probabilities.ts';
import { ROW_FLAG } from '../../domain/row-flag.ts';
import { swappedByMean } from '../../stats/pair/order-scores.ts';
import { verdictOf } from '../../stats/pair/verdict.ts';
import { probability } from '../i18n/format.ts';
import { strings } from '../i18n/strings.ts';
import { useApp } from '../page/context.ts';
import type { RowColumns } from '../page/rows.ts';
import { RowRewards } from './RowRewards.tsx';

const words = strings.row;
const KINDS = [
  { kind: 'a', label: words.preferA },
  { kind: 'b', label: words.preferB },
  { kind: 'tie', label: words.tie },
] as const;

/** Shows the three probabilities of a row, with all digits on hover. The class that they name, if any, is bold. */
export function RowProbabilities({ rows, row }: { rows: RowColumns; row: number }) {
  useApp((state) => state.rowsVersion); // the result may come while the dialog is open
  if (!rows.has(row)) return <p className="help">{words.noResult}</p>;
  const values = [...rows.probabilities.subarray(3 * row, 3 * row + 3)] as Probabilities;
  const named = namedClass(values, rows.forward?.subarray(3 * row, 3 * row + 3));
  const flags = rows.flags[row]!;
  const notes = [words.tokens(rows.tokens[row]!)];
  if (named === null) notes.unshift(words.undecided);
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
              <span className={place === named ? 'p-value p-largest' : 'p-value'}>
                {probability(values[place]!, 6)}
              </span>
            </dd>
          </div>
        ))}
      </dl>
      {rows.rewards !== null && <RowRewards rows={rows} row={row} />}
      <p className="help">{notes.join(' · ')}</p>
    </div>
  );
}

/** The class that a row's probabilities name. `forward`: those of the file's order, if `mean` is over both orders. */
function namedClass(mean: Probabilities, forward: Float64Array | undefined): number | null {
  if (forward === undefined || Number.isNaN(forward[0])) return mostLikely(mean);
  const given = [...forward] as Probabilities;
  const swapped = swappedByMean(given, mean, 0);
  const verdict = verdictOf({ forward: given, swapped, mean }, false);
  return verdict.kind === 'class' ? verdict.place : null;
}
