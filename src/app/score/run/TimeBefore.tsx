import { useForeseen } from '../../computer/use-foreseen.ts';
import { strings } from '../../i18n/strings.ts';
import { useApp, useStore } from '../../page/context.ts';
import { secondsFor } from '../../page/known-costs.ts';
import { operationsOf } from '../../page/rate.ts';
import { useMeasuredRate } from './use-measured-rate.ts';

const words = strings.run;

/**
 * Shows beside Start the tokens of the file and the time they will take, from the last run of this model here, or else
 * from a short measurement.
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
    // Each adapter passes through the layers separately.
    const operations = adapters * operationsOf(rate.flops, foreseen!);
    return words.foreseenMeasured(tokens, rate.secondsPerOperation * operations);
  }
}
