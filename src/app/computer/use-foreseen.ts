import { useEffect, useState } from 'react';
import type { Foreseen } from '../../scoring/worker/api.ts';
import { useApp } from '../page/context.ts';
import { useClient } from '../state/context.ts';

/** Returns the amount of text to score in the open file; null without a file or model, and until known. */
export function useForeseen(): Foreseen | null {
  const client = useClient();
  const csv = useApp((state) => state.csv);
  const model = useApp((state) => state.model);
  const settings = useApp((state) => state.settings);
  const [foreseen, setForeseen] = useState<Foreseen | null>(null);
  const isReady = csv.status === 'ready' && model.status === 'ready';
  // biome-ignore lint/correctness/useExhaustiveDependencies: another file or model needs a new answer
  useEffect(() => {
    setForeseen(null);
    if (!isReady) return;
    let isGone = false;
    // A file that cannot be read reports its error at scoring.
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
  return isReady ? foreseen : null;
}
