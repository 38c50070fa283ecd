import { Button } from 'react-aria-components';
import type { Field } from '../../../report/query.ts';
import type { Means } from '../../../stats/figures/distribution.ts';
import { type Bin, boundsOf } from '../../../stats/methods/histogram.ts';
import { count, sentences } from '../../i18n/format.ts';
import { strings } from '../../i18n/strings.ts';
import { useApp } from '../../page/context.ts';
import { BarChart } from '../charts/BarChart.tsx';
import { NumberTable } from '../charts/Figure.tsx';
import { ReportCard } from '../parts/ReportCard.tsx';
import { useReport, useReportStore } from '../state/use-report.ts';
import { fixed, share, signed } from '../text/numbers.ts';
import { words } from '../text/strings.ts';

const texts = words.predictions;
const KINDS = ['kind-a', 'kind-b', 'kind-tie'] as const;
const CLASS_FIELDS = ['a', 'b', 'tie'] as const;

/** Describes the predictions of the run, with or without labels. */
export function PredictionsCard() {
  const store = useReportStore();
  const distribution = useReport(({ figures }) => figures.distribution);
  const hasLabels = useReport(({ facts }) => (facts?.labelled ?? 0) > 0);
  const isReward = useApp(({ results }) => results?.engine.reading === 'reward');
  if (distribution === null) return null;
  const { all, predicted, classes, confidence, lengths, orders, whole, truncated } = distribution;
  return (
    <ReportCard
      part="predictions"
      heading={texts.heading}
      aside={words.rows(distribution.scored)}
      help={hasLabels ? undefined : texts.noTruth}
    >
      <NumberTable
        label={texts.mostLikely}
        head={[texts.class, texts.mostLikely, texts.share, texts.meanProbability]}
        rows={words.classes.map((name, c) => [
          <Button
            key="name"
            className={`link-button ${KINDS[c]}`}
            onPress={() => store.finder.toggle({ kind: 'predicted', label: c })}
          >
            {name}
          </Button>,
          count(predicted[c]!),
          share(predicted[c]! / distribution.scored),
          fixed(all.probabilities[c]!, 3),
        ])}
      />
      <div className="charts">
        {classes.map((bins, c) => (
          <FieldChart
            key={CLASS_FIELDS[c]}
            title={texts.classTitle(words.classes[c]!)}
            kind={KINDS[c]!}
            bins={bins}
            field={CLASS_FIELDS[c]!}
          />
        ))}
        <FieldChart
          title={texts.confidence}
          kind="kind-plain"
          bins={confidence}
          field="confidence"
        />
        <LengthChart lengths={lengths} />
        {orders !== null && (
          <FieldChart title={texts.gaps} kind="kind-plain" bins={orders.gaps} field="gap" />
        )}
      </div>
      <div className="report-part">
        <h3>{texts.orders}</h3>
        {orders === null ? (
          <p className="help">{isReward ? strings.reading.oneOrder : texts.ordersOff}</p>
        ) : (
          <>
            <p>
              {sentences(
                texts.flipped(orders.flipped, orders.rows),
                texts.meanGap(fixed(orders.meanGap, 3)),
                texts.firstAdvantage(signed(orders.firstAdvantage, 3)),
              )}
            </p>
            {orders.flipped > 0 && (
              <Button
                className="button button-small"
                onPress={() => store.finder.toggle({ kind: 'flipped' })}
              >
                {texts.showFlipped}
              </Button>
            )}
          </>
        )}
      </div>
      <div className="report-part">
        <h3>{texts.truncation}</h3>
        {truncated.rows === 0 ? (
          <p className="help">{texts.truncatedNone}</p>
        ) : (
          <NumberTable
            label={texts.truncation}
            head={[texts.text, words.rowsAxis, texts.meanConfidence, ...words.classes]}
            rows={[
              meansRow(texts.whole, whole, () =>
                store.finder.toggle({ kind: 'slice', slice: 'truncation', part: 0 }),
              ),
              meansRow(texts.truncated, truncated, () =>
                store.finder.toggle({ kind: 'slice', slice: 'truncation', part: 1 }),
              ),
            ]}
          />
        )}
      </div>
    </ReportCard>
  );
}

function meansRow(name: string, { rows, confidence, probabilities }: Means, onPress: () => void) {
  return [
    <Button key="name" className="link-button" onPress={onPress}>
      {name}
    </Button>,
    count(rows),
    fixed(confidence, 3),
    ...probabilities.map((p) => fixed(p, 3)),
  ];
}

/** A histogram of one number of the rows; a bar filters by it. */
export function FieldChart(props: {
  title: string;
  help?: string;
  kind: string;
  bins: readonly Bin[];
  field: Field;
}) {
  const { title, help, kind, bins, field } = props;
  const store = useReportStore();
  // Filters change the appearance of the bars, so the chart follows them.
  useReport(({ query }) => query.filters);
  const filter = (place: number) => ({ kind: 'range', field, ...boundsOf(bins, place) }) as const;
  return (
    <BarChart
      title={title}
      help={help}
      kind={kind}
      decimals={2}
      bars={bins.map(({ from, to, count: value }) => ({ from, to, value }))}
      picked={(place) => store.finder.has(filter(place))}
      onPick={(place) => store.finder.toggle(filter(place))}
    />
  );
}

function LengthChart({ lengths }: { lengths: { bin: Bin; means: Means }[] }) {
  const store = useReportStore();
  useReport(({ query }) => query.filters);
  const bins = lengths.map(({ bin }) => bin);
  const filter = (place: number) =>
    ({ kind: 'range', field: 'lengthDifference', ...boundsOf(bins, place) }) as const;
  return (
    <BarChart
      title={texts.lengths}
      help={texts.lengthsHelp}
      kind="kind-plain"
      decimals={1}
      valueName={texts.meanConfidence}
      formatValue={(value) => fixed(value, 2)}
      most={1}
      bars={lengths.map(({ bin, means }) => ({
        from: bin.from,
        to: bin.to,
        value: means.rows === 0 ? 0 : means.confidence,
        more: [count(means.rows), ...means.probabilities.map((p) => fixed(p, 3))],
      }))}
      moreHead={[words.rowsAxis, ...words.classes]}
      picked={(place) => store.finder.has(filter(place))}
      onPick={(place) => store.finder.toggle(filter(place))}
    />
  );
}
