import { orderGap } from '../../../stats/pair/order-scores.ts';
import { probability } from '../../i18n/format.ts';
import { words } from '../text/strings.ts';
import { headline } from './Headline.tsx';
import { useShownScores } from './use-shown.ts';

const texts = words.result;

/**
 * The score in two lines that stay in view on narrow screens while the user types. Only the result card announces it.
 */
export function MiniResult() {
  const shown = useShownScores();
  const scores = shown.kind === 'whole' ? shown.scores : null;
  return (
    <p className="mini numbers" aria-hidden="true">
      <b className="mini-verdict">{headline(shown)}</b>
      {texts.short.map((name, c) => (
        <span key={name}>
          {name} <b>{scores === null ? texts.none : probability(scores.mean[c]!)}</b>
        </span>
      ))}
      <span>
        {texts.gap} <b>{scores === null ? texts.none : probability(orderGap(scores))}</b>
      </span>
    </p>
  );
}
