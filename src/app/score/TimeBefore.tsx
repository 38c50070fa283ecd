import { secondsFor } from '../computer/known-costs.ts';
import { strings } from '../i18n/strings.ts';
import { useStore } from '../shell/context.ts';
import { useForeseen } from './use-foreseen.ts';

const words = strings.run;

/** Beside Start: how many tokens the file has, and how long they will take by the last run of this model here. */
export function TimeBefore() {
  const store = useStore();
  const foreseen = useForeseen();
  if (foreseen === null) return null;
  const cost = store.speed.cost();
  return (
    <span className="numbers">
      {cost === null
        ? words.foreseenTokens(foreseen.tokens)
        : words.foreseen(foreseen.tokens, secondsFor(cost, foreseen))}
    </span>
  );
}
