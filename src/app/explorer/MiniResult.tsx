import { orderGap } from '../../explore/scores.ts';
import { useApp } from '../context.ts';
import { probability } from '../format.ts';
import { useExplorer } from './explorer-context.ts';
import { words } from './strings.ts';

const texts = words.result;

/** The score in one line, which stays in view on narrow screens while one types. The result card says the same aloud. */
export function MiniResult() {
  const score = useExplorer((state) => state.score);
  const tta = useApp((state) => state.settings.tta);
  const shown = score?.scores[tta ? 'mean' : 'forward'];
  return (
    <p className="mini numbers" aria-hidden="true">
      {texts.short.map((name, c) => (
        <span key={name}>
          {name} <b>{shown === undefined ? texts.none : probability(shown[c]!)}</b>
        </span>
      ))}
      <span>
        {texts.gap} <b>{score === null ? texts.none : probability(orderGap(score.scores))}</b>
      </span>
    </p>
  );
}
