import { useState } from 'react';
import { Button } from 'react-aria-components';
import type { Estimate } from '../../../stats/methods/bootstrap.ts';
import { count } from '../../i18n/format.ts';
import { ScrollTable } from '../charts/Figure.tsx';
import { extentOf, Whisker } from '../charts/Whisker.tsx';
import { FilterButton } from '../parts/FilterButton.tsx';
import { ReportCard } from '../parts/ReportCard.tsx';
import { useReport } from '../state/use-report.ts';
import { fixed, intervalText } from '../text/numbers.ts';
import { words } from '../text/strings.ts';

const texts = words.leaderboard;
const SHOWN = 25;
/** Height of a row in CSS pixels. */
const ROW_HEIGHT = 33;
const HEAD_HEIGHT = 65;

/** Rates the models of the file, by predicted and by actual votes; nothing if the file names no models. */
export function LeaderboardCard() {
  const leaderboard = useReport(({ figures }) => figures.leaderboard);
  const names = useReport(({ table }) => table?.models.a.names);
  const [all, setAll] = useState(false);
  const places = useReport(({ facts }) => Math.min(facts?.models ?? 0, SHOWN));
  const done = useReport(({ figures }) => figures.done);
  if (leaderboard === null) {
    if (done || places < 2) return null;
    // Reserves the final height, so that the rows below do not move.
    return (
      <ReportCard part="leaderboard" heading={texts.heading}>
        <p className="help" style={{ minHeight: HEAD_HEIGHT + ROW_HEIGHT * places }}>
          {words.computing}
        </p>
      </ReportCard>
    );
  }
  const { models, rows, draws } = leaderboard;
  const hasActual = models.some(({ actual }) => actual !== null);
  const extent = extentOf(
    models.flatMap(({ predicted, actual }) =>
      actual === null ? [predicted] : [predicted, actual],
    ),
  );
  const shown = all ? models : models.slice(0, SHOWN);
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
    <ReportCard part="leaderboard" heading={texts.heading} help={texts.help(rows, draws)}>
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
          {shown.map(({ model, games, predicted, actual }) => {
            const name = names?.[model] ?? '';
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
      {models.length > shown.length && (
        <Button className="button button-small" onPress={() => setAll(true)}>
          {texts.more(models.length - shown.length)}
        </Button>
      )}
    </ReportCard>
  );
}
