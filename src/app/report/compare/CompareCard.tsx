import { Button } from 'react-aria-components';
import { activeSteps } from '../../../stats/figures/post.ts';
import { differenceVerdict } from '../../../stats/methods/bootstrap.ts';
import { sentences } from '../../i18n/format.ts';
import { useApp, useStore } from '../../page/context.ts';
import { Choice } from '../../ui/controls/Choice.tsx';
import { ErrorNote } from '../../ui/feedback/ErrorNote.tsx';
import { NumberTable } from '../charts/Figure.tsx';
import { FieldChart } from '../figures/PredictionsCard.tsx';
import { RowNumbers } from '../figures/QualityCard.tsx';
import { ReportCard } from '../parts/ReportCard.tsx';
import { useReport, useReportStore } from '../state/use-report.ts';
import { fixed, intervalText, share, signed } from '../text/numbers.ts';
import { words } from '../text/strings.ts';
import { OtherRunButtons } from './OtherRunButtons.tsx';
import { useAskedComparison } from './use-asked-comparison.ts';

const texts = words.compare;

/** The choice of the run itself; the other choices are indices of adapters. */
const THIS_RUN = 'run';

/** Compares this run with another one of the same file, or two of its adapters. */
export function CompareCard({ onOpen }: { onOpen: (row: number) => void }) {
  useAskedComparison();
  const store = useReportStore();
  const one = useReport((state) => state.one);
  const other = useReport((state) => state.other);
  const { busy, error } = useReport(({ reading }) => reading.compare);
  const comparison = useReport(({ figures }) => figures.comparison);
  const isProcessed = useReport(({ post }) => activeSteps(post).length > 0);
  const names = useApp(({ results }) => results?.adapters) ?? [];
  const adapters = useStore().rows.adapters === null ? [] : names.map(words.adapterName);
  const isAdapter = other !== null && 'adapter' in other;
  const sides = [
    one === null ? texts.thisRun : (adapters[one] ?? ''),
    isAdapter ? other.name : texts.otherRun,
  ] as const;
  return (
    <ReportCard
      part="compare"
      heading={texts.heading}
      help={texts.help}
      className={comparison === null ? 'screen-only' : ''}
    >
      {adapters.length > 0 && (
        <Choice
          label={texts.one}
          value={one === null ? THIS_RUN : String(one)}
          options={[
            { id: THIS_RUN, label: texts.thisRun },
            ...adapters
              .map((label, a) => ({ id: String(a), label }))
              // Nothing can be compared with itself.
              .filter(({ id }) => !isAdapter || id !== String(other.adapter)),
          ]}
          onChange={(id) => void store.choices.compare(id === THIS_RUN ? null : Number(id))}
        />
      )}
      <div className="buttons">
        {adapters.map((name, adapter) => (
          <Button
            key={name}
            className="button"
            isDisabled={adapter === one}
            onPress={() => void store.choices.compareWith({ adapter }, name)}
          >
            {texts.adapter(name)}
          </Button>
        ))}
        <OtherRunButtons
          isDisabled={busy}
          onChoose={(source, name) => void store.choices.compareWith(source, name)}
        />
        {other !== null && (
          <Button className="button" onPress={() => void store.choices.stopComparing()}>
            {texts.stop}
          </Button>
        )}
      </div>
      <p className="help" role="status">
        {busy
          ? texts.reading
          : other === null
            ? ''
            : 'adapter' in other
              ? texts.withAdapter(other.name)
              : texts.with(other.name, other.rows)}
      </p>
      {error !== null && <ErrorNote error={error} />}
      {comparison !== null && (
        <>
          <p>
            {sentences(
              texts.same(comparison.sameClass, comparison.rows),
              texts.mean(fixed(comparison.meanChange, 3)),
              one === null && isProcessed && texts.processed,
            )}
          </p>
          {comparison.judged !== null && (
            <div className="report-part">
              <NumberTable
                label={texts.difference(...sides)}
                head={[texts.result, words.quality.logLoss, words.quality.interval]}
                rows={[
                  [sides[0], fixed(comparison.judged.logLoss), ''],
                  [sides[1], fixed(comparison.judged.otherLogLoss), ''],
                  [
                    texts.difference(...sides),
                    signed(comparison.judged.difference.value),
                    intervalText(comparison.judged.difference, signed),
                  ],
                ]}
              />
              <p>{texts.verdict[differenceVerdict(comparison.judged.difference)](...sides)}</p>
            </div>
          )}
          <div className="charts">
            <FieldChart
              title={texts.changes}
              kind="kind-plain"
              bins={comparison.changes}
              field="change"
            />
          </div>
          <details className="report-part fold">
            <summary>{texts.changed}</summary>
            <RowNumbers
              label={texts.changed}
              value={texts.change}
              rows={comparison.changed.map(({ row, change }) => ({ row, value: share(change) }))}
              onOpen={onOpen}
            />
          </details>
        </>
      )}
    </ReportCard>
  );
}
