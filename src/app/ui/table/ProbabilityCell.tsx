import type { CSSProperties } from 'react';
import { LABELS, type Label, predictedClass } from '../../../domain/classes.ts';
import { probability } from '../../i18n/format.ts';
import { strings } from '../../i18n/strings.ts';

/**
 * A probability as a number over a bar; empty for a row without a result. The largest of the three stands out. The bar
 * is the cell's background, which saves an element per cell while thousands of rows scroll by.
 */
export function ProbabilityCell(props: { kind: Label; values: Float64Array | null }) {
  const { kind, values } = props;
  const value = values?.[LABELS.indexOf(kind)];
  if (value === undefined) return <td className={`cell-p cell-${kind}`} />;
  const isLargest = value === values![predictedClass(values!)];
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
