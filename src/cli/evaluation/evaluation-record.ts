import { readFile } from 'node:fs/promises';
import type { LabelledFile, Restriction } from '../../data/labelled/labelled-file.ts';
import type { UnreadRow } from '../../data/labelled/labelled-row.ts';
import type { RunSummary } from '../../scoring/events.ts';
import { MAX_PROBLEMS } from '../../scoring/rows/row-events.ts';
import type { Assessment, RowFigures } from '../../stats/figures/assess.ts';
import type { AdapterFigures } from '../../stats/figures/assess-adapters.ts';
import type { BootstrapOptions } from '../../stats/methods/bootstrap.ts';

/** The contents of the file of `--json`: the figures, and the file, model, settings and versions behind them. */
export async function evaluationRecord(of: {
  file: LabelledFile;
  bytes: number;
  sha256: string;
  restriction: Restriction;
  unread: readonly UnreadRow[];
  /** Number of all unread rows; `unread` may have fewer. */
  unreadRows: number;
  model: { name: string; sha256: string; adapters: (string | null)[] };
  summary: RunSummary;
  bootstrap: BootstrapOptions;
  assessment: Assessment;
  /** Figures of the rows that are not labelled tie, for a model that never predicts one; else null. */
  decided: RowFigures | null;
  adapters: readonly AdapterFigures[];
}) {
  const { file, bytes, sha256, restriction, unread, model, bootstrap, assessment } = of;
  const { settings, engine, scoredRows, ...run } = of.summary;
  const { format, total, leftOut, repeatedIds } = file;
  return {
    format: 'tiebreak-evaluation',
    version: 1,
    created: new Date().toISOString(),
    file: { name: file.csv.name, bytes, sha256, format },
    restriction,
    rows: { total, leftOut, unread: of.unreadRows, evaluated: scoredRows, repeatedIds },
    model,
    settings,
    engine,
    run,
    versions: await versions(),
    bootstrap,
    ...assessment,
    ...(of.decided !== null && { decided: of.decided }),
    adapters: of.adapters,
    unread: unread
      .slice(0, MAX_PROBLEMS)
      .map(({ row, id, error }) => ({ row, id, error: error.toPlain() })),
  };
}

/** Versions of the programs that compute the figures. */
async function versions() {
  const json = await readFile(new URL('../../../package.json', import.meta.url), 'utf8');
  const { version, dependencies } = JSON.parse(json);
  return {
    tiebreak: version,
    onnxruntimeWeb: dependencies['onnxruntime-web'],
    node: process.versions.node,
    platform: `${process.platform} ${process.arch}`,
  };
}
