import { AxisBottom, AxisLeft, type TickRendererProps } from '@visx/axis';
import type { scaleLinear } from '@visx/scale';

type Scale = ReturnType<typeof scaleLinear<number>>;

/** The ticks of an axis: at these values, or about this many. */
interface Ticks {
  tickValues?: number[];
  numTicks?: number;
}

/** The vertical axis, with labels only. @param props.left of the axis, in CSS pixels. */
export function HeightAxis(
  props: Ticks & { scale: Scale; left: number; format?: (value: number) => string },
) {
  const { format, ...axis } = props;
  return (
    <AxisLeft
      {...axis}
      tickFormat={format && ((tick) => format(Number(tick)))}
      hideAxisLine
      hideTicks
      axisClassName="axis"
      tickComponent={Tick}
      tickLabelProps={{ className: 'axis-label', textAnchor: 'end', dx: -2, dy: 4 }}
    />
  );
}

/** The horizontal axis. @param props.top of the axis, in CSS pixels. */
export function BottomAxis(props: Ticks & { scale: Scale; top: number }) {
  return (
    <AxisBottom
      {...props}
      axisClassName="axis"
      tickComponent={Tick}
      tickLabelProps={{ className: 'axis-label', textAnchor: 'middle' }}
    />
  );
}

/** The label of a tick. visx's own label measures every text, each time with a new layout of the page. */
function Tick({ x, y, dx, dy, textAnchor, className, formattedValue }: TickRendererProps) {
  return (
    <text x={x} y={y} dx={dx} dy={dy} textAnchor={textAnchor} className={className}>
      {formattedValue}
    </text>
  );
}
