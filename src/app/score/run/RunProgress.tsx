import type { Progress } from '../../../scoring/events.ts';
import { strings } from '../../i18n/strings.ts';
import { Meter } from '../../ui/feedback/Meter.tsx';
import { percentOf } from './watch.ts';

const words = strings.run;

/** The progress bar of a run with its numbers; on a narrow screen only the two main ones. */
export function RunProgress(props: { progress: Progress | null; isNarrow: boolean }) {
  const { progress, isNarrow } = props;
  const { tokensDone = 0, tokensTotal = 0 } = progress ?? {};
  return (
    <div className="run-progress">
      <Meter
        label={words.progress}
        fraction={
          progress === null ? null : tokensTotal === 0 ? 0 : Math.min(1, tokensDone / tokensTotal)
        }
      />
      {isNarrow ? (
        <p className="run-short numbers">
          {progress === null
            ? words.preparing
            : `${words.title(percentOf(progress), 'running')} · ${leftText(progress)}`}
        </p>
      ) : (
        <ProgressNumbers progress={progress} />
      )}
    </div>
  );
}

/** The numbers of a run's progress, each in a fixed place so that nothing moves. */
export function ProgressNumbers({ progress }: { progress: Progress | null }) {
  if (progress === null) return <p className="run-numbers numbers">{words.preparing}</p>;
  const { tokensDone, tokensTotal, rowsDone, rowsTotal, tokensPerSecond } = progress;
  return (
    <p className="run-numbers numbers">
      <span>{words.title(percentOf(progress), 'running')}</span>
      <span>{words.tokens(tokensDone, tokensTotal)}</span>
      <span>{words.rows(rowsDone, rowsTotal)}</span>
      <span>{tokensPerSecond === null ? words.unknown : words.rate(tokensPerSecond)}</span>
      <span>{leftText(progress)}</span>
    </p>
  );
}

function leftText({ secondsLeft }: Progress): string {
  return secondsLeft === null ? words.unknown : words.left(secondsLeft);
}
