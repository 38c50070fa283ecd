import { errorText } from '../i18n/error-text.ts';
import { strings } from '../i18n/strings.ts';
import { useApp, useStore } from '../page/context.ts';
import type { RowColumns } from '../page/rows.ts';
import type { AppState } from '../page/state.ts';
import { endOf, endText } from '../score/run/run-end.ts';

const words = strings.run;

/**
 * Announces a run to screen readers on every screen: its start, every tenth, its outcome. The text changes no more
 * often, so nothing is read twice.
 */
export function RunAnnouncer() {
  const store = useStore();
  const text = useApp((state) => announcement(state, store.rows));
  return (
    <p className="hidden" aria-live="polite">
      {text}
    </p>
  );
}

/** The text to announce now. */
export function announcement(state: AppState, rows: Pick<RowColumns, 'scored' | 'length'>): string {
  const { run } = state;
  switch (run.status) {
    case 'idle':
      return '';
    case 'failed':
    case 'ended':
      return endAnnouncement(state, rows);
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

/** The outcome of a run in one text, with the reason of a failure. */
function endAnnouncement(state: AppState, rows: Pick<RowColumns, 'scored' | 'length'>): string {
  const end = endOf(state, rows);
  if (end === null) return '';
  const text = endText(end, state.results);
  return state.run.status === 'failed' ? `${text} ${errorText(state.run.error).message}` : text;
}
