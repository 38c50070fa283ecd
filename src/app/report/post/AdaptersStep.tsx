import { useId } from 'react';
import type { Comparison } from '../../../stats/figures/compare.ts';
import { type AdapterMean, onlyAdapter } from '../../../stats/figures/post.ts';
import { useApp, useStore } from '../../page/context.ts';
import { Choice } from '../../ui/controls/Choice.tsx';
import { NumberTable } from '../charts/Figure.tsx';
import { useReport, useReportStore } from '../state/use-report.ts';
import { fixed, intervalText, share, signed } from '../text/numbers.ts';
import { words } from '../text/strings.ts';
import { WeightFields } from './WeightFields.tsx';

const texts = words.post.adapters;
const MEAN = 'mean';
const WEIGHTS = 'weights';

/** Compares each adapter of a run with their mean, and replaces the mean by one of them or by other weights. */
export function AdaptersStep() {
  const names = useApp(({ results }) => results?.adapters) ?? [];
  const areKnown = useStore().rows.adapters !== null;
  const id = useId();
  if (names.length < 2) return null;
  return (
    <section className="post-step" aria-labelledby={id}>
      <h3 id={id}>{texts.heading}</h3>
      {areKnown ? <Known names={names} /> : <p className="help">{texts.onlyMean}</p>}
    </section>
  );
}

function Known({ names }: { names: readonly (string | null)[] }) {
  const store = useReportStore();
  const mean = useReport(({ post }) => post.adapters);
  const only = mean && onlyAdapter(mean);
  const shown = names.map(words.adapterName);

  function weigh(weights: readonly number[], of: AdapterMean['of'] = 'probabilities') {
    const members = names.map((name, a) => ({ name, weight: weights[a]! }));
    void store.choices.setPost({ adapters: { of, members } });
  }

  return (
    <>
      <p className="help">{texts.help}</p>
      <EachAdapter names={shown} />
      <Choice
        label={texts.use}
        value={mean === null ? MEAN : only === null ? WEIGHTS : String(mean.members.indexOf(only))}
        options={[
          { id: MEAN, label: texts.mean },
          ...shown.map((label, a) => ({ id: String(a), label })),
          { id: WEIGHTS, label: texts.weights },
        ]}
        onChange={(id) => {
          if (id === MEAN) void store.choices.setPost({ adapters: null });
          else weigh(names.map((_, a) => (id === WEIGHTS || id === String(a) ? 1 : 0)));
        }}
      />
      {mean !== null && only === null && (
        <WeightFields
          of={mean.of}
          members={mean.members.map(({ weight }, a) => ({ name: shown[a]!, weight }))}
          mayBeZero
          onChange={(of, weights) => weigh(weights, of)}
        />
      )}
    </>
  );
}

function judgedCells(judged: Comparison['judged']): string[] {
  if (judged === null) return ['', '', ''];
  const { logLoss, difference } = judged;
  return [fixed(logLoss), signed(difference.value), intervalText(difference, signed)];
}

/** A table of each adapter beside the mean of all. Its rows precede their numbers, so that nothing moves. */
function EachAdapter({ names }: { names: readonly string[] }) {
  const comparisons = useReport(({ figures }) => figures.adapters);
  const hasLabels = useReport(({ facts }) => (facts?.labelled ?? 0) > 0);
  return (
    <NumberTable
      label={texts.each}
      head={[
        texts.adapter,
        texts.otherClass,
        texts.meanChange,
        ...(hasLabels ? [words.quality.logLoss, texts.difference, words.quality.interval] : []),
      ]}
      rows={names.map((name, a) => {
        const found = comparisons?.[a];
        return [
          name,
          found === undefined ? '' : share((found.rows - found.sameClass) / found.rows),
          found === undefined ? '' : fixed(found.meanChange, 3),
          ...(hasLabels ? judgedCells(found?.judged ?? null) : []),
        ];
      })}
    />
  );
}
