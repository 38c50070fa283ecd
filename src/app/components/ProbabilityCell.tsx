import { probability } from '../format.ts';
import { strings } from '../strings.ts';

const PLACE = { a: 0, b: 1, tie: 2 } as const;

/** A probability as a number and a bar; nothing for a row without a result. The largest of the three stands out. */
export function ProbabilityCell(props: { kind: keyof typeof PLACE; values: Float64Array | null }) {
  const { kind, values } = props;
  const value = values?.[PLACE[kind]];
  const isLargest = values !== null && value === Math.max(...values);
  return (
    <td className={`cell-p cell-${kind}`}>
      {value !== undefined && (
        <div className="p">
          <span className="p-label" aria-hidden="true">
            {strings.results.short[kind]}
          </span>
          <span className={isLargest ? 'p-value p-largest' : 'p-value'}>{probability(value)}</span>
          <span className="p-bar" aria-hidden="true">
            <span style={{ transform: `scaleX(${value})` }} />
          </span>
        </div>
      )}
    </td>
  );
}
