import { classesOf } from '../../../domain/reading.ts';
import { orderGap, rewardsOf } from '../../../stats/pair/order-scores.ts';
import { probability, signedReward } from '../../i18n/format.ts';
import { strings } from '../../i18n/strings.ts';
import { useReading } from '../state/use-reading.ts';
import { words } from '../text/strings.ts';
import { headline } from './Headline.tsx';
import { useShownScores } from './use-shown.ts';

const texts = words.result;

/**
 * The score in two lines that stay in view on narrow screens while the user types. Only the result card announces it.
 */
export function MiniResult() {
  const shown = useShownScores();
  const reading = useReading();
  const scores = shown.kind === 'whole' ? shown.scores : null;
  return (
    <p className="mini numbers" aria-hidden="true">
      <b className="mini-verdict">{headline(shown)}</b>
      {classesOf(reading).map((c) => (
        <span key={c}>
          {texts.short[c]} <b>{scores === null ? texts.none : probability(scores.mean[c]!)}</b>
        </span>
      ))}
      {reading === 'reward' ? (
        <span>
          {strings.reading.margin}{' '}
          <b>{scores === null ? texts.none : signedReward(rewardsOf(scores).margin)}</b>
        </span>
      ) : (
        <span>
          {texts.gap} <b>{scores === null ? texts.none : probability(orderGap(scores))}</b>
        </span>
      )}
    </p>
  );
}
