import { useEffect } from 'react';
import { describePost } from '../../../report/export.ts';
import { useApp, useStore } from '../../page/context.ts';
import type { AppStore } from '../../page/store.ts';
import { useRunsStore } from '../../runs/state/context.ts';
import { oneForEach } from '../../state/one-for-each.ts';
import { useSelected } from '../../state/use-selected.ts';
import { createReportClient } from './report-client.ts';
import type { ReportState } from './report-state.ts';
import { ReportStore } from './report-store.ts';

// Filters and figures survive a change of screen.
const reportStoreOf = oneForEach((app: AppStore) => new ReportStore(app, createReportClient()));

/** Returns the store of the report. */
export function useReportStore(): ReportStore {
  return reportStoreOf(useStore());
}

/** Selects a part of the report's state; see {@link useSelected}. */
export function useReport<T>(select: (state: ReportState) => T): T {
  return useSelected(useReportStore(), select);
}

/** Makes the report follow the page's results while it is shown. */
export function useFollowing(): void {
  const store = useReportStore();
  useEffect(() => store.follow(), [store]);
}

/** Records the log loss of a complete saved run, from its labels and without post-processing. */
export function useNotedLogLoss(): void {
  const runs = useRunsStore();
  const results = useApp((state) => state.results);
  const quality = useReport((state) => state.figures.quality);
  const isPlain = useReport((state) => describePost(state.post) === '');
  const isSaved = results?.complete === true && results.unjournaled === null;
  const id = isSaved && isPlain ? results.runId : null;
  const value = quality?.assessment.all.logLoss.value;
  const rows = quality?.rows;
  useEffect(() => {
    if (id !== null && value != null && rows !== undefined) {
      void runs.list.judged(id, { value, rows });
    }
  }, [runs, id, value, rows]);
}
