import { useState } from 'react';
import { useApp } from '../../page/context.ts';
import { isRunning } from '../../page/state.ts';
import { RunCard } from './RunCard.tsx';

/**
 * The bar of a run on screens that cannot start one: during the run, then with its outcome until the user leaves the
 * screen.
 */
export function RunElsewhere() {
  const isGoing = useApp(isRunning);
  const isIdle = useApp(({ run }) => run.status === 'idle');
  const [wasGoing, setWasGoing] = useState(isGoing);
  if (isGoing && !wasGoing) setWasGoing(true);
  return wasGoing && !isIdle ? <RunCard /> : null;
}
