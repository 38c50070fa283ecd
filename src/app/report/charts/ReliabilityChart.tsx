import { scaleLinear } from '@visx/scale';
import { useRef } from 'react';
import type { ReliabilityBin } from '../../../stats/methods/calibration.ts';
import { count } from '../../i18n/format.ts';
import { useWidth } from '../../ui/layout/use-width.ts';
import { words } from '../text/strings.ts';
import { BottomAxis, HeightAxis } from './Axes.tsx';
import { Figure, NumberTable } from './Figure.tsx';

const HEIGHT = 260;
const MARGIN = { top: 10, right: 14, bottom: 40, left: 46 };
const TICKS = [0, 0.2, 0.4, 0.6, 0.8, 1];
const RADIUS = { least: 3, most: 9 };

/** Plots predicted against actual shares, with intervals; on the diagonal they are equal. */
export function ReliabilityChart(props: {
  title: string;
  bins: readonly ReliabilityBin[];
  kind: string;
}) {
  const { title, kind } = props;
  const bins = props.bins.filter(({ rows }) => rows > 0);
  const box = useRef<HTMLDivElement>(null);
  const width = useWidth(box);
  const right = Math.max(MARGIN.left + 1, width - MARGIN.right);
  const x = scaleLinear({ domain: [0, 1], range: [MARGIN.left, right] });
  const y = scaleLinear({ domain: [0, 1], range: [HEIGHT - MARGIN.bottom, MARGIN.top] });
  const most = Math.max(1, ...bins.map(({ rows }) => rows));
  const { quality } = words;
  const share = (value: number) => value.toFixed(3);
  return (
    <Figure
      title={title}
      table={
        <NumberTable
          label={title}
          head={[quality.bin, words.rowsAxis, quality.predicted, quality.actual, quality.interval]}
          rows={bins.map(({ from, to, rows, predicted, actual, low, high }) => [
            words.range(from.toFixed(1), to.toFixed(1)),
            count(rows),
            share(predicted),
            share(actual),
            words.interval(share(low), share(high)),
          ])}
        />
      }
    >
      <div className={`chart chart-tall ${kind}`} ref={box}>
        {width > 0 && (
          <svg
            width={width}
            height={HEIGHT}
            viewBox={`0 0 ${width} ${HEIGHT}`}
            role="img"
            aria-label={title}
          >
            {TICKS.slice(1).map((tick) => (
              <line
                key={tick}
                className="grid-line"
                x1={x(0)}
                x2={x(1)}
                y1={y(tick)}
                y2={y(tick)}
              />
            ))}
            <line className="diagonal" x1={x(0)} y1={y(0)} x2={x(1)} y2={y(1)} />
            <HeightAxis scale={y} left={MARGIN.left} tickValues={TICKS} />
            <BottomAxis scale={x} top={HEIGHT - MARGIN.bottom} tickValues={TICKS} />
            <text className="axis-label" x={x(1)} y={HEIGHT - 4} textAnchor="end">
              {quality.predicted}
            </text>
            <text className="axis-label" x={MARGIN.left + 6} y={MARGIN.top + 12}>
              {quality.actual}
            </text>
            {bins.map(({ from, to, rows, predicted, actual, low, high }) => (
              <g key={from}>
                <line
                  className="whisker"
                  x1={x(predicted)}
                  x2={x(predicted)}
                  y1={y(low)}
                  y2={y(high)}
                />
                <circle
                  className="dot"
                  cx={x(predicted)}
                  cy={y(actual)}
                  r={RADIUS.least + (RADIUS.most - RADIUS.least) * Math.sqrt(rows / most)}
                />
                <title>
                  {`${words.range(from.toFixed(1), to.toFixed(1))}: ${quality.predicted} ${share(predicted)}, ${quality.actual} ${share(actual)}, ${words.rows(rows)}`}
                </title>
              </g>
            ))}
          </svg>
        )}
      </div>
    </Figure>
  );
}
