import { dependencies, version } from '../../../package.json';
import { describePost } from '../../report/export.ts';
import { activeSteps } from '../../report/post.ts';
import type { CsvState, ResultsInfo } from '../state.ts';
import type { ComparedRun, ReportState } from './report-state.ts';

/** What stands beside an export: of what, with what and how its rows were made. */
export function manifestOf(of: {
  report: ReportState;
  results: ResultsInfo;
  file: CsvState;
  csv: Blob;
  /** Of `csv`, in hexadecimal. */
  sha256: string;
}) {
  const { report, results, file, csv, sha256 } = of;
  const { post, other, members, query, view, facts } = report;
  const summary = file.status === 'ready' ? file.summary : null;
  const { engine, others, earlier, settings } = results;
  return {
    format: 'tiebreak-report',
    version: 1,
    created: new Date().toISOString(),
    notice: engine.notice,
    file: {
      name: results.fileName,
      sha256: results.fileSha256,
      bytes: summary?.bytes ?? null,
      rows: facts?.rows ?? null,
      labelled: facts?.labelled ?? null,
    },
    model: { name: engine.model, sha256: results.modelSha256, adapters: results.adapters },
    settings,
    engine,
    otherEngines: others,
    earlierEngines: earlier,
    complete: results.complete,
    run: results.summary,
    postProcessing: {
      text: describePost(post) || 'none',
      steps: Object.fromEntries(activeSteps(post).map((step) => [step, post[step]])),
    },
    averagedWith: members.map(aboutOther),
    comparedWith: other === null ? null : aboutOther(other),
    rows: {
      exported: view?.rows.length ?? 0,
      filters: query.filters,
      text: query.text,
      sort: query.sort,
    },
    export: { bytes: csv.size, sha256 },
    versions: {
      tiebreak: version,
      onnxruntimeWeb: dependencies['onnxruntime-web'],
      browser: globalThis.navigator?.userAgent ?? null,
    },
  };
}

function aboutOther({ name, rows, header }: ComparedRun) {
  return { name, rows, run: header };
}
