import { Fragment } from 'react';
import { count } from '../../i18n/format.ts';
import { ScrollTable } from '../charts/Figure.tsx';
import { extentOf, Whisker } from '../charts/Whisker.tsx';
import { FilterButton } from '../parts/FilterButton.tsx';
import { ReportCard } from '../parts/ReportCard.tsx';
import { useReport } from '../state/use-report.ts';
import { fixed, intervalText, share, signed } from '../text/numbers.ts';
import { words } from '../text/strings.ts';

const texts = words.slices;

/** Shows log loss and accuracy by kind of row. */
export function SlicesCard() {
  const quality = useReport(({ figures }) => figures.quality);
  if (quality === null || quality.slices.length === 0) return null;
  const { slices, assessment } = quality;
  const extent = extentOf([
    ...slices.flatMap(({ parts }) => parts.map(({ logLoss }) => logLoss)),
    assessment.all.logLoss,
  ]);
  return (
    <ReportCard part="slices" heading={texts.heading} help={texts.help}>
      <ScrollTable label={texts.heading}>
        <thead>
          <tr>
            <th scope="col">{texts.name}</th>
            <th scope="col">{words.rowsAxis}</th>
            <th scope="col" colSpan={3}>
              {words.quality.logLoss}
            </th>
            <th scope="col">{words.quality.accuracy}</th>
            <th scope="col">{words.quality.overFrequencies}</th>
          </tr>
        </thead>
        <tbody>
          {slices.map(({ slice, names, parts }) => (
            <Fragment key={slice}>
              <tr className="slice-name">
                <th scope="colgroup" colSpan={7}>
                  {texts.names[slice]}
                </th>
              </tr>
              {parts.map(({ part, rows, logLoss, accuracy, overFrequencies }) => {
                const name = texts.parts[slice]?.[part] ?? names[part]!;
                const filter = { kind: 'slice', slice, part } as const;
                return (
                  <tr key={part}>
                    <th scope="row">
                      <FilterButton name={name} label={texts.filter(name)} filter={filter} />
                    </th>
                    <td>{count(rows)}</td>
                    <td>{fixed(logLoss.value)}</td>
                    <td>
                      <Whisker
                        estimate={logLoss}
                        extent={extent}
                        reference={assessment.all.logLoss.value}
                      />
                    </td>
                    <td className="help">{intervalText(logLoss)}</td>
                    <td>{share(accuracy.value)}</td>
                    <td>{signed(overFrequencies.value)}</td>
                  </tr>
                );
              })}
            </Fragment>
          ))}
        </tbody>
      </ScrollTable>
    </ReportCard>
  );
}
