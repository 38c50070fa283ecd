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
function ProgressNumbers({ progress }: { progress: Progress | null }) {
  if (progress === null) return <p className="run-numbers numbers">{words.preparing}</p>;
  const [tokens, rows, rate] = countsOf(progress);
  return (
    <p className="run-numbers numbers">
      <span>{words.title(percentOf(progress), 'running')}</span>
      <span>{tokens}</span>
      <span>{rows}</span>
      <span>{rate}</span>
      <span>{leftText(progress)}</span>
    </p>
  );
}

/** The numbers of a run that its bar leaves out on a narrow screen. */
export function ProgressCounts({ progress }: { progress: Progress }) {
  return (
    <p className="run-counts numbers">
      {countsOf(progress).map((text) => (
        <span key={text}>{text}</span>
      ))}
    </p>
  );
}

function countsOf(progress: Progress): [tokens: string, rows: string, rate: string] {
  const { tokensDone, tokensTotal, rowsDone, rowsTotal, tokensPerSecond } = progress;
  return [
    words.tokens(tokensDone, tokensTotal),
    words.rows(rowsDone, rowsTotal),
    tokensPerSecond === null ? words.unknown : words.rate(tokensPerSecond),
  ];
}

function leftText({ secondsLeft }: Progress): string {
  return secondsLeft === null ? words.unknown : words.left(secondsLeft);
}
