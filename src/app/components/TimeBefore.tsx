import { useEffect, useState } from 'react';
import type { Foreseen } from '../../run/api.ts';
import { useApp, useClient, useStore } from '../context.ts';
import { secondsFor } from '../known-costs.ts';
import { strings } from '../strings.ts';

const words = strings.run;

/** Beside Start: how many tokens the file has, and how long they will take by the last run of this model here. */
export function TimeBefore() {
  const store = useStore();
  const client = useClient();
  const csv = useApp((state) => state.csv);
  const model = useApp((state) => state.model);
  const settings = useApp((state) => state.settings);
  const [foreseen, setForeseen] = useState<Foreseen | null>(null);
  const isReady = csv.status === 'ready' && model.status === 'ready';
  // biome-ignore lint/correctness/useExhaustiveDependencies: another file or model asks anew
  useEffect(() => {
    setForeseen(null);
    if (!isReady) return;
    let isGone = false;
    // What cannot be read says so when it is scored.
    client.foresee(settings).then(
      (found) => {
        if (!isGone) setForeseen(found);
      },
      () => undefined,
    );
    return () => {
      isGone = true;
    };
  }, [client, isReady, csv, model, settings]);
  if (foreseen === null || !isReady) return null;
  const cost = store.knownCost();
  return (
    <span className="numbers">
      {cost === null
        ? words.foreseenTokens(foreseen.tokens)
        : words.foreseen(foreseen.tokens, secondsFor(cost, foreseen))}
    </span>
  );
}
