import type { CSSProperties } from 'react';
import { probability } from '../i18n/format.ts';
import { strings } from '../i18n/strings.ts';

const PLACE = { a: 0, b: 1, tie: 2 } as const;

/**
 * A probability as a number over a bar; nothing for a row without a result. The largest of the three stands out. The bar is the
 * cell's background: while thousands of rows scroll by, an element less counts.
 */
export function ProbabilityCell(props: { kind: keyof typeof PLACE; values: Float64Array | null }) {
  const { kind, values } = props;
  const value = values?.[PLACE[kind]];
  if (value === undefined) return <td className={`cell-p cell-${kind}`} />;
  const isLargest = value === Math.max(...values!);
  const style = { '--p': value } as CSSProperties;
  return (
    <td className={`cell-p cell-${kind} bar-under${isLargest ? ' p-largest' : ''}`} style={style}>
      <span className="p-label" aria-hidden="true">
        {strings.results.short[kind]}
      </span>
      {probability(value)}
    </td>
  );
}
