import { adaptersLabel } from '../../domain/adapters.ts';
import { effectiveSettings } from '../../domain/reading.ts';
import { noticeLine } from '../../engine/notices.ts';
import { type AppState, chosenNotices, type ResultsInfo } from './state.ts';

/**
 * The results of a run before its first event; null without a model or a file.
 * @param runId the id under which the run is saved.
 */
export function newResults(state: AppState, runId: string): ResultsInfo | null {
  const { model, csv, adapters, settings } = state;
  if (model.status !== 'ready' || csv.status !== 'ready') return null;
  const { info } = model;
  const { summary } = csv;
  const notices = chosenNotices(state);
  return {
    fileName: summary.name,
    fileSha256: summary.sha256,
    modelSha256: info.sha256,
    adapters,
    settings: effectiveSettings(settings, info.engine.reading),
    engine: {
      ...info.engine,
      adapter: adaptersLabel(adapters),
      notice: noticeLine(notices),
      notices,
    },
    others: info.lanes.flatMap((lane) => lane.engine ?? []).slice(1),
    earlier: [],
    runId,
    unjournaled: null,
    complete: false,
    problemRows: summary.problemRows,
    summary: null,
  };
}
