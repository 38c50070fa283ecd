import { useState } from 'react';
import { Button } from 'react-aria-components';
import type { Rated } from '../../../stats/figures/leaderboard.ts';
import type { Estimate } from '../../../stats/methods/bootstrap.ts';
import type { TableFacts } from '../../../stats/table/read-table.ts';
import { count } from '../../i18n/format.ts';
import { Place } from '../../ui/layout/Place.tsx';
import { ScrollTable } from '../charts/Figure.tsx';
import { extentOf, Whisker } from '../charts/Whisker.tsx';
import { FilterButton } from '../parts/FilterButton.tsx';
import { ReportCard } from '../parts/ReportCard.tsx';
import { useReport } from '../state/use-report.ts';
import { fixed, intervalText } from '../text/numbers.ts';
import { words } from '../text/strings.ts';

const texts = words.leaderboard;
const SHOWN = 25;
/** Draws of a file with few models, for the place of the sentence that names them. */
const DRAWS = 200;
/** A rating of the usual length. */
const TYPICAL: Estimate = { value: 1000, low: 900, high: 1100 };

/** Rates the models of the file, by predicted and by actual votes; nothing if the file names no models. */
export function LeaderboardCard() {
  const leaderboard = useReport(({ figures }) => figures.leaderboard);
  const names = useReport(({ table }) => table?.models.a.names);
  const [all, setAll] = useState(false);
  const facts = useReport((state) => state.facts);
  const done = useReport(({ figures }) => figures.done);
  if (leaderboard === null) {
    if (done || facts === null || facts.models < 2) return null;
    const expected = expectedModels(facts);
    return (
      <ReportCard part="leaderboard" heading={texts.heading}>
        <Place over={<p className="help">{words.computing}</p>}>
          <p className="help">{texts.help(facts.rows, DRAWS)}</p>
          <RatingTable rated={expected} all={expected} names={names} />
          {facts.models > SHOWN && <MoreButton rest={facts.models - SHOWN} />}
        </Place>
      </ReportCard>
    );
  }
  const { models, rows, draws } = leaderboard;
  const shown = all ? models : models.slice(0, SHOWN);
  return (
    <ReportCard part="leaderboard" heading={texts.heading} help={texts.help(rows, draws)}>
      <RatingTable rated={shown} all={models} names={names} />
      {models.length > shown.length && (
        <MoreButton rest={models.length - shown.length} onPress={() => setAll(true)} />
      )}
    </ReportCard>
  );
}

function MoreButton({ rest, onPress }: { rest: number; onPress?: () => void }) {
  return (
    <Button className="button button-small" onPress={onPress}>
      {texts.more(rest)}
    </Button>
  );
}

/** Returns rows as they will be, except for their numbers. */
function expectedModels({ models, labelled }: TableFacts): Rated[] {
  const actual = labelled > 0 ? TYPICAL : null;
  return Array.from({ length: Math.min(models, SHOWN) }, (_, model) => ({
    model,
    games: 0,
    predicted: TYPICAL,
    actual,
  }));
}

/** The ratings of models, drawn on an axis that holds those of `all`. */
function RatingTable(props: {
  rated: readonly Rated[];
  all: readonly Rated[];
  /** Of models, by their indices. */
  names: readonly string[] | undefined;
}) {
  const { rated, all, names } = props;
  const hasActual = rated.some(({ actual }) => actual !== null);
  const extent = extentOf(
    all.flatMap(({ predicted, actual }) => (actual === null ? [predicted] : [predicted, actual])),
  );
  const cells = (estimate: Estimate, kind: string) => (
    <>
      <td>{fixed(estimate.value, 0)}</td>
      <td>
        <Whisker estimate={estimate} extent={extent} kind={kind} reference={1000} />
      </td>
      <td className="help">{intervalText(estimate, (value) => fixed(value, 0))}</td>
    </>
  );
  return (
    <ScrollTable label={texts.heading}>
      <thead>
        <tr>
          <th scope="col">{texts.model}</th>
          <th scope="col">{texts.games}</th>
          {hasActual && (
            <th scope="col" colSpan={3}>
              {texts.actual}
            </th>
          )}
          <th scope="col" colSpan={3}>
            {texts.predicted}
          </th>
        </tr>
      </thead>
      <tbody>
        {rated.map(({ model, games, predicted, actual }) => {
          const name = names?.[model] ?? '\u00a0';
          const filter = { kind: 'model', model } as const;
          return (
            <tr key={model}>
              <th scope="row">
                <FilterButton name={name} label={texts.filter(name)} filter={filter} />
              </th>
              <td>{count(games)}</td>
              {actual !== null && cells(actual, 'kind-a')}
              {cells(predicted, 'kind-b')}
            </tr>
          );
        })}
      </tbody>
    </ScrollTable>
  );
}
