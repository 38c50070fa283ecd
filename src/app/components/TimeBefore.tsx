import { useStore } from '../context.ts';
import { secondsFor } from '../known-costs.ts';
import { strings } from '../strings.ts';
import { useForeseen } from '../use-foreseen.ts';

const words = strings.run;

/** Beside Start: how many tokens the file has, and how long they will take by the last run of this model here. */
export function TimeBefore() {
  const store = useStore();
  const foreseen = useForeseen();
  if (foreseen === null) return null;
  const cost = store.knownCost();
  return (
    <span className="numbers">
      {cost === null
        ? words.foreseenTokens(foreseen.tokens)
        : words.foreseen(foreseen.tokens, secondsFor(cost, foreseen))}
    </span>
  );
}
