import { Button } from 'react-aria-components';
import type { Estimate } from '../../core/bootstrap.ts';
import { activeSteps } from '../../report/post.ts';
import { ErrorNote } from '../components/ErrorNote.tsx';
import { NumberTable } from './charts/Figure.tsx';
import { fixed, intervalText, share, signed } from './numbers.ts';
import { OtherRunButtons } from './OtherRunButtons.tsx';
import { FieldChart } from './PredictionsCard.tsx';
import { RowNumbers } from './QualityCard.tsx';
import { ReportCard } from './ReportCard.tsx';
import { words } from './strings.ts';
import { useReport, useReportStore } from './use-report.ts';

const texts = words.compare;

/** This run beside another one of the same file. */
export function CompareCard({ onOpen }: { onOpen: (row: number) => void }) {
  const store = useReportStore();
  const other = useReport((state) => state.other);
  const reading = useReport((state) => state.readingOther);
  const error = useReport((state) => state.otherError);
  const comparison = useReport(({ figures }) => figures.comparison);
  const isProcessed = useReport(({ post }) => activeSteps(post).length > 0);
  return (
    <ReportCard heading={texts.heading} help={texts.help}>
      <div className="buttons">
        <OtherRunButtons
          isDisabled={reading}
          onChoose={(source, name) => void store.compareWith(source, name)}
        />
        {other !== null && (
          <Button className="button" onPress={() => void store.stopComparing()}>
            {texts.stop}
          </Button>
        )}
      </div>
      <p className="help" role="status">
        {reading ? texts.reading : other !== null ? texts.with(other.name, other.rows) : ''}
      </p>
      {error !== null && <ErrorNote error={error} />}
      {comparison !== null && (
        <>
          <p>
            {texts.same(comparison.sameClass, comparison.rows)}{' '}
            {texts.mean(fixed(comparison.meanChange, 3))} {isProcessed && texts.processed}
          </p>
          {comparison.judged !== null && (
            <div className="report-part">
              <NumberTable
                label={texts.difference}
                head={['', words.quality.logLoss, words.quality.interval]}
                rows={[
                  [texts.thisRun, fixed(comparison.judged.logLoss), ''],
                  [texts.otherRun, fixed(comparison.judged.otherLogLoss), ''],
                  [
                    texts.difference,
                    signed(comparison.judged.difference.value),
                    intervalText(comparison.judged.difference, signed),
                  ],
                ]}
              />
              <p>{texts.verdict[verdictOf(comparison.judged.difference)]}</p>
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

/** What an interval of a difference says; unknown ends leave it open. */
export function verdictOf({ low, high }: Estimate): 'better' | 'worse' | 'open' {
  if (high !== null && high < 0) return 'better';
  return low !== null && low > 0 ? 'worse' : 'open';
}
