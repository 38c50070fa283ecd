import { useEffect, useState } from 'react';
import type { Foreseen } from '../../scoring/worker/api.ts';
import { useApp } from '../page/context.ts';
import { useClient } from '../state/context.ts';

/** How much there is to score in the open file; null without a file or model, and until it is known. */
export function useForeseen(): Foreseen | null {
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
  return isReady ? foreseen : null;
}
