import { SLICE_DRAWS } from '../../../stats/figures/quality.ts';
import { BOOTSTRAP, type ReportState } from './report-state.ts';

/**
 * The report's figures for an export (docs/report-manifest.md): unrounded, with their intervals, with names in English
 * or as in the file. Parts that the file cannot have are null.
 */
export function exportedFigures({ figures, table }: Pick<ReportState, 'figures' | 'table'>) {
  const { distribution, quality, leaderboard, comparison, effects } = figures;
  const models = table?.models.a.names ?? [];
  return {
    bootstrap: {
      ...BOOTSTRAP,
      kindDraws: SLICE_DRAWS,
      leaderboardDraws: leaderboard?.draws ?? null,
    },
    predictions: distribution && {
      rows: distribution.scored,
      mostLikely: distribution.predicted,
      mean: distribution.all,
      whole: distribution.whole,
      truncated: distribution.truncated,
      orders: distribution.orders && withoutBins(distribution.orders),
    },
    quality: quality && {
      rows: quality.rows,
      unit: quality.assessment.unit,
      all: quality.assessment.all,
      classes: quality.assessment.classes,
      confusion: quality.assessment.confusion,
      reliability: quality.reliability,
      temperature: quality.temperature,
    },
    kinds:
      quality?.slices.map(({ slice, names, parts }) => ({
        kind: slice,
        parts: parts.map(({ part, ...rest }) => ({ name: names[part]!, ...rest })),
      })) ?? null,
    leaderboard: leaderboard && {
      rows: leaderboard.rows,
      models: leaderboard.models.map(({ model, ...rest }) => ({ name: models[model]!, ...rest })),
    },
    postProcessing: effects,
    comparison: comparison && {
      rows: comparison.rows,
      sameClass: comparison.sameClass,
      meanChange: comparison.meanChange,
      judged: comparison.judged,
    },
  };
}

function withoutBins<T extends { gaps: unknown }>({ gaps: _, ...rest }: T): Omit<T, 'gaps'> {
  return rest;
}
