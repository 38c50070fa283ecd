import { useState } from 'react';
import { useApp } from '../../page/context.ts';
import { isRunning } from '../../page/state.ts';
import { RunCard } from './RunCard.tsx';

/**
 * The bar of a run on a screen where none is started: as long as the run goes on, and then how it ended until the
 * screen is left.
 */
export function RunElsewhere() {
  const isGoing = useApp(isRunning);
  const isIdle = useApp(({ run }) => run.status === 'idle');
  const [wasGoing, setWasGoing] = useState(isGoing);
  if (isGoing && !wasGoing) setWasGoing(true);
  return wasGoing && !isIdle ? <RunCard /> : null;
}
