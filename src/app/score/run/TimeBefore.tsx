import { useForeseen } from '../../computer/use-foreseen.ts';
import { strings } from '../../i18n/strings.ts';
import { useApp, useStore } from '../../page/context.ts';
import { secondsFor } from '../../page/known-costs.ts';
import { operationsOf } from '../../page/rate.ts';
import { useMeasuredRate } from './use-measured-rate.ts';

const words = strings.run;

/**
 * Beside Start: how many tokens the file has, and how long they will take by the last run of this model here, or where
 * there was none by a short measurement.
 */
export function TimeBefore() {
  const store = useStore();
  const foreseen = useForeseen();
  const adapters = useApp((state) => state.adapters.length);
  const cost = store.speed.cost();
  const rate = useMeasuredRate(cost === null && foreseen !== null);
  if (foreseen === null) return null;
  return <span className="numbers">{text()}</span>;

  function text(): string {
    const { tokens } = foreseen!;
    if (cost !== null) return words.foreseen(tokens, secondsFor(cost, foreseen!));
    if (rate === null) return words.foreseenTokens(tokens);
    // Each adapter goes through the layers by itself.
    const operations = adapters * operationsOf(rate.flops, foreseen!);
    return words.foreseenMeasured(tokens, rate.secondsPerOperation * operations);
  }
}
