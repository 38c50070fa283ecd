import './results.css';
import { useState } from 'react';
import { ToggleButton } from 'react-aria-components';
import { noticesText } from '../../i18n/notices-text.ts';
import { strings } from '../../i18n/strings.ts';
import { useApp, useStore } from '../../page/context.ts';
import { newResults } from '../../page/new-results.ts';
import { chosenNotices, isRunning, modelReading } from '../../page/state.ts';
import { ResultsFacts } from '../../results/ResultsFacts.tsx';
import { RowDialog } from '../../results/RowDialog.tsx';
import { RunLanes } from '../../results/RunLanes.tsx';
import { useDownload } from '../../runs/use-download.ts';
import { Notice } from '../../ui/feedback/Notice.tsx';
import { Place } from '../../ui/layout/Place.tsx';
import { FinishedRowsButton } from './Downloads.tsx';
import { RowTable } from './RowTable.tsx';

/** The table of rows with the model and settings behind it. */
export function ResultsSection() {
  const store = useStore();
  useApp((state) => state.rowsVersion); // the rows themselves change in place
  const results = useApp((state) => state.results);
  const chosen = useApp((state) => noticesText(chosenNotices(state), modelReading(state)));
  const [open, setOpen] = useState<number | null>(null);
  const running = useApp(isRunning);
  const download = useDownload();
  const [isFinishedFirst, setFinishedFirst] = useState(false);
  const { rows } = store;
  // A run computes the longest rows first, so the first rows of the file may come late.
  const canSort = results !== null && !results.complete;
  // Results show the notices of their own model; without results, those of the chosen one are shown.
  const notice =
    results === null ? chosen : noticesText(results.engine.notices, results.engine.reading);
  return (
    <section className="card results" aria-labelledby="results-heading">
      <div className="card-head results-head">
        <h2 id="results-heading">{strings.results.heading}</h2>
        {results !== null && <span className="help">{strings.results.of(results.fileName)}</span>}
        {canSort && (
          <ToggleButton
            className="button button-small toggle"
            isSelected={isFinishedFirst}
            onChange={setFinishedFirst}
          >
            {strings.results.finishedFirst}
          </ToggleButton>
        )}
        {running && results !== null && (
          <FinishedRowsButton download={download} className="button button-small" />
        )}
      </div>
      {rows.length === 0 ? (
        <p className="empty">{strings.results.empty}</p>
      ) : (
        <>
          {results !== null && <ResultsFacts results={results} />}
          {results === null && running && <FactsPlace />}
          <RunLanes lanes={results?.summary?.lanes ?? []} />
          <Notice text={notice} />
          <RowTable rows={rows} isFinishedFirst={canSort && isFinishedFirst} onOpen={setOpen} />
          <RowDialog row={open} notice={notice} onMove={setOpen} onClose={() => setOpen(null)} />
        </>
      )}
    </section>
  );
}

/** Holds the place of the facts of a run that has begun, so that the table does not move with its first event. */
function FactsPlace() {
  const results = newResults(useStore().getState(), '');
  return (
    results && (
      <Place>
        <ResultsFacts results={results} />
      </Place>
    )
  );
}
