import { NO_LABEL } from '../../data/labelled/labelled-table.ts';
import { NO_NAME } from '../../data/labelled/names.ts';
import { type BootstrapOptions, drawUnits, type Estimate, quantile } from '../methods/bootstrap.ts';
import { addGame, type Games, noGames, rating, strengths } from '../methods/bradley-terry.ts';
import { isScored, type ScoredTable } from '../table/scored.ts';
import { unitsOf } from '../table/units.ts';

/** A model's ratings in Elo points: by predicted votes and, if there are labels, by actual ones. */
export interface Rated {
  /** Index among the names of the table's models. */
  model: number;
  games: number;
  predicted: Estimate;
  actual: Estimate | null;
}

/** Ratings of models by votes. */
export interface Leaderboard {
  /** Rows that count: with two different models, a result and, if the file has labels, a label. */
  rows: number;
  /** Sorted by actual votes if there are any, else by predicted ones, the strongest first. */
  models: Rated[];
  draws: number;
}

/** Number of models above which fewer draws are made: each draw solves as many equations as there are models. */
const MANY_MODELS = 80;
const DRAWS = { few: 200, many: 40 } as const;

/**
 * Computes Bradley-Terry ratings of the models of a file. A predicted vote is divided: the probability of a win, and
 * half of that of a tie, goes to each model. Null if no row names two models.
 */
export function leaderboardOf(
  { table, probabilities }: Pick<ScoredTable, 'table' | 'probabilities'>,
  { seed }: Pick<BootstrapOptions, 'seed'>,
): Leaderboard | null {
  const { a, b } = table.models;
  const isLabelled = table.labels.some((label) => label !== NO_LABEL);
  const rows: number[] = [];
  for (let row = 0; row < table.length; row += 1) {
    const isGame =
      a.of[row] !== NO_NAME &&
      b.of[row] !== NO_NAME &&
      a.of[row] !== b.of[row] &&
      isScored({ probabilities }, row) &&
      (!isLabelled || table.labels[row] !== NO_LABEL);
    if (isGame) rows.push(row);
  }
  if (rows.length === 0) return null;
  const models = a.names.length;
  const games = new Float64Array(models);
  for (const row of rows) {
    games[a.of[row]!]! += 1;
    games[b.of[row]!]! += 1;
  }
  const predictedShare = (row: number) => probabilities[3 * row]! + probabilities[3 * row + 2]! / 2;
  const actualShare = (row: number) => ACTUAL_SHARES[table.labels[row]!]!;
  const { of, count } = unitsOf(table, rows);
  const draws = models > MANY_MODELS ? DRAWS.many : DRAWS.few;
  const rate = (share: (row: number) => number): Estimate[] => {
    const play = (times?: Uint32Array): Games => {
      const played = noGames(models);
      for (const [i, row] of rows.entries()) {
        const factor = times === undefined ? 1 : times[of[i]!]!;
        if (factor > 0) addGame(played, a.of[row]!, b.of[row]!, share(row), factor);
      }
      return played;
    };
    const all = strengths(play());
    const drawn = Array.from(drawUnits(count, { draws, seed }), (times) =>
      strengths(play(times), all),
    );
    return Array.from(all, (strength, model) => {
      const values = Float64Array.from(drawn, (draw) => draw[model]!).sort();
      const bound = (q: number) => (values.length === 0 ? null : rating(quantile(values, q)));
      return { value: rating(strength), low: bound(0.025), high: bound(0.975) };
    });
  };
  const predicted = rate(predictedShare);
  const actual = isLabelled ? rate(actualShare) : null;
  const rated = Array.from(
    games,
    (played, model): Rated => ({
      model,
      games: played,
      predicted: predicted[model]!,
      actual: actual?.[model] ?? null,
    }),
  ).filter(({ games: played }) => played > 0);
  const strength = (one: Rated) => (one.actual ?? one.predicted).value!;
  return { rows: rows.length, models: rated.sort((x, y) => strength(y) - strength(x)), draws };
}

/** A's share of a win by label: A won, B won, tie. */
const ACTUAL_SHARES = [1, 0, 0.5];
