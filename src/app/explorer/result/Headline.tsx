import { probability } from '../../i18n/format.ts';
import { strings } from '../../i18n/strings.ts';
import { words } from '../text/strings.ts';
import type { ShownScores } from './use-shown.ts';

const texts = words.result;
const KINDS = ['a', 'b', 'tie'] as const;
/** Smallest share of the bar that has room for its name. */
const NAMED = 0.12;

/** Shows the model's answer in words and as one bar: the mean of both orders. */
export function Headline({ shown }: { shown: ShownScores }) {
  const mean = shown.kind === 'whole' ? shown.scores.mean : null;
  return (
    <div className="verdict">
      <p className="verdict-text">{headline(shown)}</p>
      <p className="help verdict-why">{reason(shown)}</p>
      <div className="verdict-bar" aria-hidden="true">
        {mean !== null &&
          [0, 2, 1].map((c) => (
            <span key={c} className={`verdict-part cell-${KINDS[c]}`} style={{ flexGrow: mean[c] }}>
              {mean[c]! > NAMED ? texts.short[c] : ''}
            </span>
          ))}
      </div>
    </div>
  );
}

/** Names the winning class with its probability, or gives the reason why there is none. */
export function headline(shown: ShownScores): string {
  if (shown.kind !== 'whole') return { none: texts.none, ...texts.unjudged }[shown.kind];
  const { verdict, scores } = shown;
  if (verdict.kind === 'undecided') return texts.undecided;
  return texts.verdict(texts.classes[verdict.place], probability(scores.mean[verdict.place]));
}

function reason(shown: ShownScores): string {
  if (shown.kind !== 'whole') return '\u00a0';
  const { verdict, score } = shown;
  if (verdict.kind === 'undecided') return texts.why[verdict.why];
  return score.engine.reading === 'reward' ? strings.reading.uncalibrated : texts.ofBoth;
}
