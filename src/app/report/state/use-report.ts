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

// Filters and figures outlive a look at another screen.
const reportStoreOf = oneForEach((app: AppStore) => new ReportStore(app, createReportClient()));

/** The store of the report, for calling it. */
export function useReportStore(): ReportStore {
  return reportStoreOf(useStore());
}

/** A part of the report's state; see {@link useSelected}. */
export function useReport<T>(select: (state: ReportState) => T): T {
  return useSelected(useReportStore(), select);
}

/** Lets the report follow the page's results as long as it is shown. */
export function useFollowing(): void {
  const store = useReportStore();
  useEffect(() => store.follow(), [store]);
}

/** Notes the log loss of a saved run that is complete, as its labels give it without post-processing. */
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
