import './report.css';
import { startTransition, useEffect, useRef, useState } from 'react';
import { Button } from 'react-aria-components';
import { noticesText } from '../i18n/notices-text.ts';
import { useApp } from '../page/context.ts';
import { RowDialog } from '../results/RowDialog.tsx';
import { SavedRuns } from '../runs/SavedRuns.tsx';
import { ErrorNote } from '../ui/feedback/ErrorNote.tsx';
import { Meter } from '../ui/feedback/Meter.tsx';
import { showScreen } from '../ui/navigation/screens.ts';
import { CompareCard } from './compare/CompareCard.tsx';
import { LeaderboardCard } from './figures/LeaderboardCard.tsx';
import { PredictionsCard } from './figures/PredictionsCard.tsx';
import { QualityCard } from './figures/QualityCard.tsx';
import { ReportFacts } from './figures/ReportFacts.tsx';
import { SlicesCard } from './figures/SlicesCard.tsx';
import { PaperButtons } from './paper/PaperButtons.tsx';
import { JumpLinks } from './parts/JumpLinks.tsx';
import { PostCard } from './post/PostCard.tsx';
import { FilterBar } from './rows/FilterChips.tsx';
import { RowFacts } from './rows/RowFacts.tsx';
import { RowsCard } from './rows/RowsCard.tsx';
import { useFollowing, useNotedLogLoss, useReport, useReportStore } from './state/use-report.ts';
import { words } from './text/strings.ts';
// After the sheets of the parts, which it changes.
import './paper/paper.css';

/** The screen with the predictions of a run and their quality. */
export default function ReportScreen() {
  useFollowing();
  useNotedLogLoss();
  const isReady = useReport(
    ({ phase, figures }) => phase === 'ready' && figures.distribution !== null,
  );
  return (
    <div className="report">
      <Head />
      {isReady && <Parts />}
    </div>
  );
}

/** Names the subject of the report, or the reason why there is none. */
function Head() {
  const phase = useReport((state) => state.phase);
  const fraction = useReport((state) => state.fraction);
  const error = useReport((state) => state.error);
  const hasFigures = useReport(({ figures }) => figures.distribution !== null);
  const results = useApp((state) => state.results);
  return (
    <section className="card" aria-labelledby="report-heading">
      <div className="report-head">
        <h2 id="report-heading">{words.heading}</h2>
        {results !== null && <span className="help">{words.of(results.fileName)}</span>}
      </div>
      {phase === 'none' && (
        <>
          <p>{words.none}</p>
          <div className="buttons">
            <Button className="button button-primary" onPress={() => showScreen('score')}>
              {words.toScore}
            </Button>
          </div>
          <SavedRuns />
        </>
      )}
      {phase === 'running' && <p>{words.running}</p>}
      {phase === 'reading' && (
        <div className="loading">
          <p>{words.reading(results?.fileName ?? '')}</p>
          <Meter label={words.reading(results?.fileName ?? '')} fraction={fraction} />
        </div>
      )}
      {phase === 'failed' && error !== null && (
        <ErrorNote error={error}>
          <p>{words.failed}</p>
        </ErrorNote>
      )}
      {phase === 'ready' && !hasFigures && <p>{words.computing}</p>}
      {phase === 'ready' && hasFigures && results !== null && (
        <>
          <ReportFacts />
          <PaperButtons fileName={results.fileName} />
          <JumpLinks />
        </>
      )}
    </section>
  );
}

function Parts() {
  const store = useReportStore();
  const results = useApp((state) => state.results);
  const [open, setOpen] = useState<number | null>(null);
  const anchor = useRef<HTMLDivElement>(null);
  // Cards are made one after the other from the top: all at once would block the page for 50 ms and more, and in this
  // order none pushes another down.
  const [made, setMade] = useState(1);
  useEffect(() => {
    if (made < cards.length) startTransition(() => setMade(made + 1));
  });

  /** Steps to the previous or next row of the view. */
  function move(to: number) {
    const rows = store.getState().view?.rows;
    if (open === null || rows === undefined) return setOpen(to);
    const place = rows.indexOf(open);
    if (place === -1) return setOpen(to);
    setOpen(rows[place + (to > open ? 1 : -1)] ?? open);
  }

  function showTable() {
    anchor.current?.scrollIntoView({ block: 'start' });
    anchor.current?.focus({ preventScroll: true });
  }

  const cards = [
    <QualityCard key="quality" onOpen={setOpen} />,
    <PredictionsCard key="predictions" />,
    <SlicesCard key="slices" />,
    <LeaderboardCard key="leaderboard" />,
    <RowsCard key="rows" anchor={anchor} onOpen={setOpen} />,
    <PostCard key="post" />,
    <CompareCard key="compare" onOpen={setOpen} />,
  ];

  return (
    <>
      {cards.slice(0, made)}
      <FilterBar onShow={showTable} />
      <RowDialog
        row={open}
        notice={results && noticesText(results.engine.notices, results.engine.reading)}
        onMove={move}
        onClose={() => setOpen(null)}
      >
        {open !== null && <RowFacts row={open} />}
      </RowDialog>
    </>
  );
}
