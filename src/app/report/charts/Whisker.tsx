import { scaleLinear } from '@visx/scale';
import type { Estimate } from '../../../stats/methods/bootstrap.ts';

const WIDTH = 160;
const HEIGHT = 20;
const SIDE = 6;

/** The bounds of an axis that covers all the estimates. */
export function extentOf(estimates: readonly Estimate[]): [number, number] {
  const values = estimates
    .flatMap(({ value, low, high }) => [value, low, high])
    .filter((value) => value !== null);
  return [Math.min(...values), Math.max(...values)];
}

/** Draws an estimate as a point with its interval, on the axis of its table. The numbers are in the next column. */
export function Whisker(props: {
  estimate: Estimate;
  extent: [number, number];
  /** A value to compare with, as a thin line. */
  reference?: number | null;
  kind?: string;
}) {
  const { estimate, extent, reference = null, kind = '' } = props;
  const { value, low, high } = estimate;
  const x = scaleLinear({ domain: extent, range: [SIDE, WIDTH - SIDE] });
  const middle = HEIGHT / 2;
  return (
    <svg
      className={`whisker-cell ${kind}`}
      viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
      width={WIDTH}
      height={HEIGHT}
      aria-hidden="true"
    >
      {reference !== null && (
        <line className="diagonal" x1={x(reference)} x2={x(reference)} y1={0} y2={HEIGHT} />
      )}
      {low !== null && high !== null && (
        <line className="whisker" x1={x(low)} x2={x(high)} y1={middle} y2={middle} />
      )}
      {value !== null && <circle className="dot" cx={x(value)} cy={middle} r={4} />}
    </svg>
  );
}
