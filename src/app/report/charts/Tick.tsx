import type { TickRendererProps } from '@visx/axis';

/** The label of a tick. visx's own one measures every text, each time with a new layout of the page. */
export function Tick({ x, y, dx, dy, textAnchor, className, formattedValue }: TickRendererProps) {
  return (
    <text x={x} y={y} dx={dx} dy={dy} textAnchor={textAnchor} className={className}>
      {formattedValue}
    </text>
  );
}
