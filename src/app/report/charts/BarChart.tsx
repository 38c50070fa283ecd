import { scaleLinear } from '@visx/scale';
import { type KeyboardEvent, useRef, useState } from 'react';
import { Button } from 'react-aria-components';
import { count } from '../../i18n/format.ts';
import { useWidth } from '../../ui/layout/use-width.ts';
import { usePaper } from '../parts/paper.ts';
import { words } from '../text/strings.ts';
import { BottomAxis, HeightAxis } from './Axes.tsx';
import { Figure, NumberTable } from './Figure.tsx';

const HEIGHT = 150;
const MARGIN = { top: 10, right: 12, bottom: 26, left: 46 };
/** Smallest height of a bar in pixels, so that a few rows remain visible. */
const LEAST = 2;

/** A bar over an interval of the number line. */
interface ChartBar {
  from: number;
  to: number;
  value: number;
  /** Further cells of the table. */
  more?: string[];
}

/** A bar chart over a number line. With `onPick` each bar is a button, and one at a time is in the tab order. */
export function BarChart(props: {
  title: string;
  help?: string;
  /** A class that sets the colour. */
  kind: string;
  bars: readonly ChartBar[];
  /** Decimals of the bounds. */
  decimals: number;
  /** The meaning of a value; by default a number of rows. */
  valueName?: string;
  formatValue?: (value: number) => string;
  /** The largest value of the axis; by default that of the bars. */
  most?: number;
  moreHead?: string[];
  picked?: (place: number) => boolean;
  onPick?: (place: number) => void;
}) {
  const { title, help, kind, bars, decimals, moreHead = [], picked } = props;
  const onPick = usePaper() ? undefined : props.onPick;
  const { valueName, formatValue = count } = props;
  const box = useRef<HTMLDivElement>(null);
  const width = useWidth(box);
  const [active, setActive] = useState(0);
  const most = props.most ?? Math.max(1, ...bars.map(({ value }) => value));
  const x = scaleLinear({
    domain: [bars[0]!.from, bars.at(-1)!.to],
    range: [MARGIN.left, Math.max(MARGIN.left + 1, width - MARGIN.right)],
  });
  const y = scaleLinear({ domain: [0, most], range: [HEIGHT - MARGIN.bottom, MARGIN.top] });
  // Numbers of rows are whole.
  const ticks = y.ticks(3).filter((tick) => valueName !== undefined || Number.isInteger(tick));
  const said = (value: number) =>
    valueName === undefined ? words.rows(value) : `${valueName} ${formatValue(value)}`;
  const name = ({ from, to }: ChartBar) =>
    words.range(from.toFixed(decimals), to.toFixed(decimals));

  function onKeyDown(event: KeyboardEvent<SVGGElement>, place: number) {
    const steps: Record<string, number> = { ArrowRight: 1, ArrowLeft: -1, Home: -place };
    const step = event.key === 'End' ? bars.length - 1 - place : steps[event.key];
    if (event.key === 'Enter' || event.key === ' ') {
      event.preventDefault();
      onPick?.(place);
    } else if (step !== undefined) {
      event.preventDefault();
      const next = Math.min(Math.max(place + step, 0), bars.length - 1);
      setActive(next);
      box.current?.querySelector<SVGGElement>(`[data-bar="${next}"]`)?.focus();
    }
  }

  const table = (
    <NumberTable
      label={title}
      head={[title, valueName ?? words.rowsAxis, ...moreHead]}
      rows={bars.map((bar, place) => [
        onPick === undefined ? (
          name(bar)
        ) : (
          <Button key="name" className="link-button" onPress={() => onPick(place)}>
            {name(bar)}
          </Button>
        ),
        formatValue(bar.value),
        ...(bar.more ?? []),
      ])}
    />
  );
  return (
    <Figure title={title} help={help} table={table}>
      <div className={`chart ${kind}`} ref={box}>
        {width > 0 && (
          <svg
            width={width}
            height={HEIGHT}
            viewBox={`0 0 ${width} ${HEIGHT}`}
            role={onPick === undefined ? 'img' : 'group'}
            aria-label={onPick === undefined ? title : `${title}. ${words.chartHelp}`}
          >
            <g>
              {ticks.map((tick) => (
                <line
                  key={tick}
                  className="grid-line"
                  x1={MARGIN.left}
                  x2={width - MARGIN.right}
                  y1={y(tick)}
                  y2={y(tick)}
                />
              ))}
              <HeightAxis scale={y} left={MARGIN.left} tickValues={ticks} format={formatValue} />
              <BottomAxis scale={x} top={HEIGHT - MARGIN.bottom} numTicks={width < 360 ? 4 : 6} />
            </g>
            {bars.map((bar, place) => {
              const left = x(bar.from) + 1;
              const wide = Math.max(1, x(bar.to) - x(bar.from) - 2);
              const tall = bar.value === 0 ? 0 : Math.max(LEAST, y(0) - y(bar.value));
              const shape = (
                <>
                  {/* The whole height takes clicks, since low bars are hard to hit. */}
                  <rect
                    className="bar-space"
                    x={left - 1}
                    y={MARGIN.top}
                    width={wide + 2}
                    height={y(0) - MARGIN.top}
                  />
                  <rect
                    className={picked?.(place) ? 'bar bar-picked' : 'bar'}
                    x={left}
                    y={y(0) - tall}
                    width={wide}
                    height={tall}
                    rx={Math.min(2, wide / 4)}
                  />
                  <title>{`${name(bar)}: ${said(bar.value)}`}</title>
                </>
              );
              if (onPick === undefined) return <g key={bar.from}>{shape}</g>;
              return (
                // biome-ignore lint/a11y/useSemanticElements: SVG has no button element
                <g
                  key={bar.from}
                  className="bar-button"
                  role="button"
                  data-bar={place}
                  tabIndex={place === active ? 0 : -1}
                  aria-pressed={picked?.(place) ?? false}
                  aria-label={`${name(bar)}: ${said(bar.value)}`}
                  onClick={() => {
                    setActive(place);
                    onPick(place);
                  }}
                  onKeyDown={(event) => onKeyDown(event, place)}
                >
                  {shape}
                </g>
              );
            })}
          </svg>
        )}
      </div>
    </Figure>
  );
}
