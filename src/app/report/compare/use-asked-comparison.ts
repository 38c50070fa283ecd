import { useEffect, useRef } from 'react';
import { useRuns } from '../../runs/state/context.ts';
import { useScreenQuery } from '../../ui/navigation/screens.ts';
import { jumpTo } from '../parts/JumpLinks.tsx';
import { useReportStore } from '../state/use-report.ts';
import { keptName } from './OtherRunButtons.tsx';

/**
 * Carries out the request of the list of saved runs in the address: `compare` shows the comparison, `compare=ID` also
 * compares with that run. Each happens once; then the address is that of the screen alone.
 */
export function useAskedComparison(): void {
  const store = useReportStore();
  const query = useScreenQuery();
  const runs = useRuns((state) => state.runs);
  const done = useRef('');
  useEffect(() => {
    const [part, id] = query.split('=');
    if (part !== 'compare') done.current = '';
    if (part !== 'compare' || runs === null || done.current === query) return;
    done.current = query;
    history.replaceState(history.state, '', '#report');
    jumpTo('compare');
    const run = runs.find((kept) => kept.id === id);
    if (run !== undefined) void store.choices.compareWith({ run: run.id }, keptName(run));
  }, [store, query, runs]);
}
