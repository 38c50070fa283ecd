import { useEffect, useState } from 'react';
import { measureRate } from '../../computer/measure-rate.ts';
import { useApp, useStore } from '../../page/context.ts';
import type { Rate } from '../../page/rate.ts';
import { isRunning } from '../../page/state.ts';
import { useClient } from '../../state/context.ts';

/** The page settles first, and a user who starts at once is not kept waiting. */
const DELAY_MS = 400;

/**
 * How fast the loaded model computes here, by a short measurement that is made once it is wanted and nothing runs. Null
 * until then, and where it fails: a run then tells. An emulated GPU is not measured, since it takes long to compile.
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
