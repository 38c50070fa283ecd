import { useApp, useStore } from '../context.ts';
import type { AppState } from '../state.ts';
import { strings } from '../strings.ts';

const words = strings.run;

/**
 * Tells screen readers how the run goes: its start, every tenth, its end. The text changes no more often than that, so
 * nothing is read twice.
 */
export function RunAnnouncer() {
  const store = useStore();
  const text = useApp((state) => announcement(state, store.rows.scored));
  return (
    <p className="hidden" aria-live="polite">
      {text}
    </p>
  );
}

function announcement({ run, results }: AppState, scored: number): string {
  switch (run.status) {
    case 'idle':
      return '';
    case 'failed':
      return ''; // the error is an alert of its own
    case 'ended':
      return run.outcome === 'complete'
        ? words.finished(scored, results?.summary?.seconds ?? 0)
        : words.announceCancelled;
    case 'cancelling':
      return words.cancelling;
    case 'running': {
      if (run.rest.status === 'resting') return words.announcePaused;
      const { tokensDone = 0, tokensTotal = 0 } = run.progress ?? {};
      const tenths = tokensTotal === 0 ? 0 : Math.floor((10 * tokensDone) / tokensTotal);
      return tenths === 0 ? words.announceStart : words.announceProgress(tenths * 10);
    }
  }
}
