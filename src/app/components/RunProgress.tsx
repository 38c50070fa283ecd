import type { Progress } from '../../run/events.ts';
import { strings } from '../strings.ts';
import { Meter } from './Meter.tsx';

const words = strings.run;

/** The bar and its numbers, each in a place of its own so that nothing moves. */
export function RunProgress({ progress }: { progress: Progress | null }) {
  if (progress === null) {
    return (
      <div className="run-progress">
        <Meter label={words.progress} fraction={null} />
        <p className="run-numbers numbers">{words.preparing}</p>
      </div>
    );
  }
  const { tokensDone, tokensTotal, rowsDone, rowsTotal, tokensPerSecond, secondsLeft } = progress;
  return (
    <div className="run-progress">
      <Meter
        label={words.progress}
        fraction={tokensTotal === 0 ? 0 : Math.min(1, tokensDone / tokensTotal)}
      />
      <p className="run-numbers numbers">
        <span>{words.tokens(tokensDone, tokensTotal)}</span>
        <span>{words.rows(rowsDone, rowsTotal)}</span>
        <span>{tokensPerSecond === null ? words.unknown : words.rate(tokensPerSecond)}</span>
        <span>{secondsLeft === null ? words.unknown : words.left(secondsLeft)}</span>
      </p>
    </div>
  );
}
