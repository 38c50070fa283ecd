import { dependencies, version } from '../../../../package.json';
import { describePost } from '../../../report/export.ts';
import { activeSteps } from '../../../stats/figures/post.ts';
import { UNCALIBRATED } from '../../../texts/reading-facts.ts';
import type { CsvState, ResultsInfo } from '../../page/state.ts';
import { exportedFigures } from './manifest-figures.ts';
import type { OtherSide, ReportState } from './report-state.ts';

/** The manifest of an export (docs/report-manifest.md): the file, model and settings of its rows, and the figures. */
export function manifestOf(of: {
  report: ReportState;
  results: ResultsInfo;
  file: CsvState;
  csv: Blob;
  /** SHA-256 of `csv`, in hexadecimal. */
  sha256: string;
}) {
  const { report, results, file, csv, sha256 } = of;
  const { post, one, other, members, query, view, facts } = report;
  const summary = file.status === 'ready' ? file.summary : null;
  const { engine, others, earlier, settings } = results;
  return {
    format: 'tiebreak-report',
    version: 2,
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
    probabilities: engine.reading === 'reward' ? UNCALIBRATED : null,
    engine,
    otherEngines: others,
    earlierEngines: earlier,
    complete: results.complete,
    run: results.summary,
    postProcessing: {
      text: describePost(post) || 'none',
      steps: Object.fromEntries(activeSteps(post).map((step) => [step, post[step]])),
    },
    figures: exportedFigures(report),
    averagedWith: members.map(aboutOther),
    comparedWith: other === null ? null : aboutOther(other),
    // Null stands for this run after post-processing.
    comparedAdapter: one === null ? null : (results.adapters[one] ?? 'none'),
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

function aboutOther(other: OtherSide) {
  if ('adapter' in other) return { name: other.name, adapterOfThisRun: true };
  const { name, rows, header } = other;
  return { name, rows, run: header };
}
