import { useEffect, useRef } from 'react';
import { createPortal } from 'react-dom';
import { saveBlob } from '../../ui/files/save.ts';
import { CompareCard } from '../compare/CompareCard.tsx';
import { LeaderboardCard } from '../figures/LeaderboardCard.tsx';
import { PredictionsCard } from '../figures/PredictionsCard.tsx';
import { QualityCard } from '../figures/QualityCard.tsx';
import { ReportFacts } from '../figures/ReportFacts.tsx';
import { SlicesCard } from '../figures/SlicesCard.tsx';
import { Paper } from '../parts/paper.ts';
import { PostCard } from '../post/PostCard.tsx';
import { words } from '../text/strings.ts';
import { paperPage } from './paper-page.ts';

/** Milliseconds between two checks if every chart is drawn. */
const LOOK_MS = 50;
const ignore = () => undefined;

/**
 * A hidden copy of the report, as wide as a sheet of paper whatever the window: its charts must be laid out before they
 * can be saved. It saves itself as an HTML file and then calls `onDone`.
 */
export function PaperReport({ fileName, onDone }: { fileName: string; onDone: () => void }) {
  const sheet = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const looking = setInterval(() => {
      const charts = [...sheet.current!.querySelectorAll('.chart')];
      if (!charts.every((chart) => chart.querySelector('svg') !== null)) return;
      clearInterval(looking);
      const html = paperPage(sheet.current!, `${words.heading} ${words.of(fileName)}`);
      const base = fileName.replace(/\.[^.]*$/, '') || 'rows';
      saveBlob(new Blob([html], { type: 'text/html' }), `${base}.report.html`);
      onDone();
    }, LOOK_MS);
    return () => clearInterval(looking);
  }, [fileName, onDone]);
  return createPortal(
    <Paper value={true}>
      <div className="report paper paper-hidden" ref={sheet} inert>
        <section className="card">
          <div className="report-head">
            <h1>{words.heading}</h1>
            <span className="help">{words.of(fileName)}</span>
          </div>
          <ReportFacts />
        </section>
        <QualityCard onOpen={ignore} />
        <PredictionsCard />
        <SlicesCard />
        <LeaderboardCard />
        <PostCard />
        <CompareCard onOpen={ignore} />
      </div>
    </Paper>,
    document.body,
  );
}
