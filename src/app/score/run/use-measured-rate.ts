import { useEffect, useState } from 'react';
import { measureRate } from '../../computer/measure-rate.ts';
import { useApp, useStore } from '../../page/context.ts';
import type { Rate } from '../../page/rate.ts';
import { isRunning } from '../../page/state.ts';
import { useClient } from '../../state/context.ts';

/** Lets the page settle first, and does not delay a user who starts at once. */
const DELAY_MS = 400;

/**
 * Returns the rate of the loaded model here, from a short measurement that is made when it is wanted and nothing runs.
 * Null before, and if it fails: the next run then provides the rate. An emulated GPU is not measured, since it takes
 * long to compile.
 */
export function useMeasuredRate(isWanted: boolean): Rate | null {
  const { speed } = useStore();
  const client = useClient();
  const model = useApp((state) => state.model);
  const adapter = useApp((state) => state.adapters[0] ?? null);
  const running = useApp(isRunning);
  const [, setMeasured] = useState<Rate | null>(null);
  const info = model.status === 'ready' ? model.info : null;
  const isDue =
    isWanted &&
    !running &&
    info !== null &&
    !info.engine.gpu?.fallback &&
    speed.measured() === null;
  useEffect(() => {
    if (!isDue || info === null) return;
    let isGone = false;
    const timer = setTimeout(() => {
      measureRate(client, info, adapter).then(
        (rate) => {
          speed.keep(info, rate);
          if (!isGone) setMeasured(rate);
        },
        () => undefined,
      );
    }, DELAY_MS);
    return () => {
      isGone = true;
      clearTimeout(timer);
    };
  }, [speed, client, info, adapter, isDue]);
  return speed.measured();
}
