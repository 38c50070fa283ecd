import { useId } from 'react';
import { ErrorNote } from '../../ui/feedback/ErrorNote.tsx';
import { OtherRunButtons } from '../compare/OtherRunButtons.tsx';
import { useReport, useReportStore } from '../state/use-report.ts';
import { words } from '../text/strings.ts';
import { WeightFields } from './WeightFields.tsx';

const texts = words.post;

/** Averages with other runs: the runs, the numbers to average, and the weights. */
export function AverageStep() {
  const store = useReportStore();
  const average = useReport(({ post }) => post.average);
  const { busy, error } = useReport(({ reading }) => reading.average);
  const id = useId();
  return (
    <section className="post-step screen-only" aria-labelledby={id}>
      <h3 id={id}>{texts.average}</h3>
      <p className="help">{texts.averageHelp}</p>
      <div className="buttons">
        <OtherRunButtons
          isDisabled={busy}
          onChoose={(source, name) => void store.choices.averageWith(source, name)}
        />
      </div>
      <p className="help" role="status">
        {busy ? words.compare.reading : ''}
      </p>
      {error !== null && <ErrorNote error={error} />}
      {average !== null && (
        <WeightFields
          key={average.members.length}
          of={average.of}
          members={[{ name: words.compare.thisRun, weight: average.weight }, ...average.members]}
          mayBeZero={false}
          onChange={(of, [weight, ...others]) => {
            const members = average.members.map((run, i) => ({ ...run, weight: others[i]! }));
            void store.choices.setPost({ average: { of, weight: weight!, members } });
          }}
          onLeaveOut={(place) => void store.choices.dropMember(place - 1)}
        />
      )}
    </section>
  );
}
