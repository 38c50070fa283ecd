import { useId, useState } from 'react';
import { Button } from 'react-aria-components';
import type { Average } from '../../report/post.ts';
import { Choice } from '../components/Choice.tsx';
import { ErrorNote } from '../components/ErrorNote.tsx';
import { TextInput } from '../components/TextInput.tsx';
import { OtherRunButtons } from './OtherRunButtons.tsx';
import { words } from './strings.ts';
import { useReport, useReportStore } from './use-report.ts';

const texts = words.post;
const KINDS = ['probabilities', 'logits'] as const;

/** The mean with other runs: which ones, of what, and with which weights. */
export function AverageStep() {
  const store = useReportStore();
  const average = useReport(({ post }) => post.average);
  const isReading = useReport((state) => state.readingMember);
  const error = useReport((state) => state.memberError);
  const id = useId();
  return (
    <section className="post-step" aria-labelledby={id}>
      <h3 id={id}>{texts.average}</h3>
      <p className="help">{texts.averageHelp}</p>
      <div className="buttons">
        <OtherRunButtons
          isDisabled={isReading}
          onChoose={(source, name) => void store.averageWith(source, name)}
        />
      </div>
      <p className="help" role="status">
        {isReading ? words.compare.reading : ''}
      </p>
      {error !== null && <ErrorNote error={error} />}
      {average !== null && (
        // Another number of runs makes other fields.
        <Members key={average.members.length} average={average} />
      )}
    </section>
  );
}

function Members({ average }: { average: Average }) {
  const store = useReportStore();
  const { of, weight, members } = average;
  const [cells, setCells] = useState([weight, ...members.map((run) => run.weight)].map(String));
  const [isFaulty, setFaulty] = useState(false);

  function apply() {
    const numbers = cells.map((cell) => (cell.trim() === '' ? Number.NaN : Number(cell)));
    const isFine = numbers.every((value) => value > 0 && Number.isFinite(value));
    setFaulty(!isFine);
    if (!isFine) return;
    const [own, ...others] = numbers;
    void store.setPost({
      average: {
        of,
        weight: own!,
        members: members.map((run, i) => ({ ...run, weight: others[i]! })),
      },
    });
  }

  return (
    <>
      <Choice
        label={texts.averageOf}
        value={of}
        onChange={(kind) => void store.setPost({ average: { ...average, of: kind } })}
        options={KINDS.map((kind) => ({ id: kind, label: texts.averageKinds[kind] }))}
        help={texts.averageKindsHelp[of]}
      />
      <div className="row-tools">
        {cells.map((cell, i) => {
          const name = i === 0 ? words.compare.thisRun : members[i - 1]!.name;
          return (
            // biome-ignore lint/suspicious/noArrayIndexKey: two runs may have one name
            <div key={i} className="weight">
              <TextInput
                label={texts.weightOf(name)}
                value={cell}
                onChange={(text) => setCells(cells.map((old, c) => (c === i ? text : old)))}
              >
                {i > 0 && (
                  <Button
                    className="button"
                    aria-label={texts.leaveOut(name)}
                    onPress={() => void store.dropMember(i - 1)}
                  >
                    ×
                  </Button>
                )}
              </TextInput>
            </div>
          );
        })}
        <Button className="button" onPress={apply}>
          {texts.applyWeights}
        </Button>
      </div>
      {isFaulty && (
        <p className="field-error" role="alert">
          {texts.faults.weight}
        </p>
      )}
    </>
  );
}
