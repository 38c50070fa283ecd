import './quality.css';
import { useState } from 'react';
import { Button } from 'react-aria-components';
import type { FigureName } from '../../../stats/figures/assess.ts';
import type { Quality } from '../../../stats/figures/quality.ts';
import type { Estimate } from '../../../stats/methods/bootstrap.ts';
import { EPSILON } from '../../../stats/methods/metrics.ts';
import { count, sentences } from '../../i18n/format.ts';
import { strings } from '../../i18n/strings.ts';
import { useApp, useStore } from '../../page/context.ts';
import { Choice } from '../../ui/controls/Choice.tsx';
import { NumberTable } from '../charts/Figure.tsx';
import { ReliabilityChart } from '../charts/ReliabilityChart.tsx';
import { usePaper } from '../parts/paper.ts';
import { ReportCard } from '../parts/ReportCard.tsx';
import { BOOTSTRAP } from '../state/report-state.ts';
import { useReport, useReportStore } from '../state/use-report.ts';
import { fixed, intervalText, share, signed } from '../text/numbers.ts';
import { words } from '../text/strings.ts';

const texts = words.quality;

const FIGURES: { name: FigureName & keyof typeof texts; format: (value: number) => string }[] = [
  { name: 'logLoss', format: fixed },
  { name: 'overFrequencies', format: signed },
  { name: 'accuracy', format: share },
  { name: 'calibrationError', format: (value) => fixed(value, 3) },
  { name: 'brierScore', format: fixed },
];

/** Shows the quality of the predictions; nothing without labels. */
export function QualityCard({ onOpen }: { onOpen: (row: number) => void }) {
  const quality = useReport(({ figures }) => figures.quality);
  const roughly = useReport(({ figures }) => figures.roughly);
  if (quality === null) return null;
  const { assessment } = quality;
  const about = sentences(
    texts.intervals(BOOTSTRAP.draws, texts.unit[assessment.unit]),
    texts.overHelp,
  );
  return (
    <ReportCard part="quality" heading={texts.heading} aside={texts.rows(quality.rows)}>
      <dl className="tiles" data-testid="quality">
        {FIGURES.map(({ name, format }) => (
          <Tile
            key={name}
            name={texts[name] as string}
            estimate={assessment.all[name]}
            format={format}
            isWaiting={roughly}
          />
        ))}
      </dl>
      <div className="held">
        <p className="help" role="status">
          {roughly ? sentences(words.computingIntervals, texts.overHelp) : about}
        </p>
        {/* Reserves the place of a longer text, so that nothing below moves. */}
        {roughly && (
          <p className="help held-place" aria-hidden="true">
            {about}
          </p>
        )}
      </div>
      <WithoutTies quality={quality} />
      <div className="charts charts-two">
        <Reliability quality={quality} />
        <Confusion quality={quality} />
      </div>
      <Temperature quality={quality} />
      <Worst quality={quality} onOpen={onOpen} />
    </ReportCard>
  );
}

function Tile(props: {
  name: string;
  estimate: Estimate;
  format: (value: number) => string;
  isWaiting: boolean;
}) {
  const { name, estimate, format, isWaiting } = props;
  return (
    <div className="tile">
      <dt>{name}</dt>
      <dd className="tile-value">{estimate.value === null ? '–' : format(estimate.value)}</dd>
      <dd className="tile-interval">{isWaiting ? '…' : intervalText(estimate, format)}</dd>
    </div>
  );
}

/** The consequences of labels that the model cannot predict; nothing for a model that predicts ties. */
function WithoutTies({ quality }: { quality: Quality }) {
  const reading = useApp(({ results }) => results?.engine.reading ?? 'pair');
  if (reading === 'pair') return null;
  const { confusion } = quality.assessment;
  const rowsOf = (isTie: boolean) => confusion.filter(({ label }) => (label === 'tie') === isTie);
  const sum = (cells: typeof confusion) => cells.reduce((total, cell) => total + cell.count, 0);
  const [ties, decided] = [sum(rowsOf(true)), sum(rowsOf(false))];
  const right = sum(rowsOf(false).filter(({ label, predicted }) => label === predicted));
  const loss = -Math.log(EPSILON);
  return (
    <p className="help">
      {sentences(
        decided > 0 && strings.reading.decided(share(right / decided), decided),
        ties > 0 && strings.reading.tieLabels(ties, loss.toFixed(1)),
      )}
    </p>
  );
}

const RELIABILITY = ['top', '0', '1', '2'] as const;
const KINDS = ['kind-plain', 'kind-a', 'kind-b', 'kind-tie'] as const;

function Reliability({ quality }: { quality: Quality }) {
  const [of, setOf] = useState<(typeof RELIABILITY)[number]>('top');
  const chart = (of: (typeof RELIABILITY)[number]) => {
    const place = RELIABILITY.indexOf(of);
    const { bins } = quality.reliability[place]!;
    const title = `${texts.reliability} (${texts.reliabilityNames[of]})`;
    return <ReliabilityChart key={of} title={title} bins={bins} kind={KINDS[place]!} />;
  };
  if (usePaper()) return RELIABILITY.map(chart);
  return (
    <div className="report-part">
      <Choice
        label={texts.reliabilityOf}
        value={of}
        onChange={setOf}
        options={RELIABILITY.map((id) => ({ id, label: texts.reliabilityNames[id] }))}
      />
      {chart(of)}
    </div>
  );
}

function Confusion({ quality }: { quality: Quality }) {
  const store = useReportStore();
  const { confusion } = quality.assessment;
  const most = Math.max(1, ...confusion.map((cell) => cell.count));
  return (
    <div className="report-part">
      <h3>{texts.confusion}</h3>
      <table className="confusion">
        <thead>
          <tr>
            <th scope="col">{texts.label}</th>
            {words.classNames.map((name) => (
              <th key={name} scope="col">
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {words.classNames.map((label, l) => (
            <tr key={label}>
              <th scope="row">{label}</th>
              {words.classNames.map((predicted, c) => {
                const cell = confusion[3 * l + c]!;
                return (
                  <td key={predicted}>
                    <Button
                      className={l === c ? 'cell-button cell-right' : 'cell-button'}
                      style={{ '--share': String(cell.count / most) } as React.CSSProperties}
                      aria-label={texts.confusionCell(label, predicted, cell.count)}
                      onPress={() =>
                        store.finder.toggle(
                          { kind: 'label', label: l },
                          { kind: 'predicted', label: c },
                        )
                      }
                    >
                      <span>{count(cell.count)}</span>
                      <span className="cell-share">{share(cell.share.value)}</span>
                    </Button>
                  </td>
                );
              })}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Temperature({ quality }: { quality: Quality }) {
  const store = useReportStore();
  const roughly = useReport(({ figures }) => figures.roughly);
  const current = useReport(({ post }) => post.temperature ?? 1);
  const { atEnd, gain } = quality.temperature;
  // The figures include the present temperature; two temperatures in a row act as their product.
  const best = current * quality.temperature.best;
  const shown = fixed(best, 2);
  const interval = roughly ? '' : intervalText(gain, signed);
  const change = `${signed(gain.value)}${interval === '' ? '' : ` (${interval})`}`;
  if (shown === fixed(current, 2)) {
    return (
      <div className="report-part">
        <h3>{texts.temperature}</h3>
        <p className="numbers">{texts.temperatureBest(shown)}</p>
      </div>
    );
  }
  return (
    <div className="report-part">
      <h3>{texts.temperature}</h3>
      <p className="numbers">{texts.temperatureText(shown, change)}</p>
      <p className="help">{sentences(texts.temperatureHelp, atEnd && texts.temperatureEnd)}</p>
      <Button
        className="button button-small"
        onPress={() => void store.choices.setPost({ temperature: Number(best.toFixed(2)) })}
      >
        {texts.applyTemperature(shown)}
      </Button>
    </div>
  );
}

function Worst({ quality, onOpen }: { quality: Quality; onOpen: (row: number) => void }) {
  const store = useReportStore();
  return (
    <details className="report-part fold">
      <summary>{texts.worst}</summary>
      <p className="help">{texts.worstHelp}</p>
      <RowNumbers
        label={texts.worst}
        value={texts.loss}
        rows={quality.worst.map(({ row, loss }) => ({ row, value: fixed(loss) }))}
        onOpen={onOpen}
      />
      <Button
        className="button button-small"
        onPress={() => store.finder.setSort({ field: 'loss', descending: true })}
      >
        {texts.showWorst}
      </Button>
    </details>
  );
}

/** A few rows with a number each; a press on the prompt opens the row. */
export function RowNumbers(props: {
  label: string;
  value: string;
  rows: { row: number; value: string }[];
  onOpen: (row: number) => void;
}) {
  const { label, value, rows, onOpen } = props;
  const { rows: columns } = useStore();
  const { columns: names } = words.table;
  return (
    <NumberTable
      label={label}
      head={[names.row, value, names.prompt]}
      rows={rows.map((one) => [
        <Button key="row" className="link-button" onPress={() => onOpen(one.row)}>
          {count(one.row + 1)}
        </Button>,
        one.value,
        <span key="prompt" className="excerpt">
          {columns.excerpts[one.row] ?? ''}
        </span>,
      ])}
    />
  );
}
