import { useEffect, useRef } from 'react';
import { useApp, useRuns } from '../../context.ts';
import { language } from '../../language.ts';
import { expectedRunsHeight, expectRunsHeight } from '../../runs-hint.ts';
import { shownRuns } from '../../runs-state.ts';
import { browserStorage } from '../../settings-storage.ts';
import { strings } from '../../strings.ts';
import { useMedia } from '../../use-media.ts';
import { KeptRun } from './KeptRun.tsx';

const words = strings.runs;
const storage = browserStorage();
/** About as high in CSS pixels as the card is with one run. */
const ONE_RUN = { wide: 189, narrow: language === 'ja' ? 285 : 307 };

/**
 * Runs that were interrupted, or whose submission was not fetched; nothing when there are none. Until they are read the place
 * is held that they took at the last visit, so that the page below does not jump.
 */
export function RunsCard() {
  const all = useRuns((state) => state.runs);
  const app = useApp((state) => state);
  const heading = useRef<HTMLHeadingElement>(null);
  const card = useRef<HTMLElement>(null);
  const runs = shownRuns(all, app);
  const isRead = all !== null;
  // A run whose results are on the page is listed when it is loaded again.
  const isComing = app.results !== null;
  const narrow = useMedia('(max-width: 720px)');

  // biome-ignore lint/correctness/useExhaustiveDependencies: with another number of runs the card has another height
  useEffect(() => {
    if (!isRead) return;
    const one = narrow ? ONE_RUN.narrow : ONE_RUN.wide;
    expectRunsHeight(storage, card.current?.offsetHeight ?? (isComing ? one : 0));
  }, [isRead, isComing, narrow, runs.length]);

  if (!isRead) {
    const height = expectedRunsHeight(storage);
    return height === 0 ? null : <div style={{ height }} />;
  }
  if (runs.length === 0) return null;
  return (
    <section className="card" ref={card} aria-labelledby="runs-heading">
      <div className="card-head">
        <h2 id="runs-heading" ref={heading} tabIndex={-1}>
          {words.heading}
        </h2>
        <span className="help">{words.help}</span>
      </div>
      <ul className="stored">
        {runs.map((run) => (
          // The button that had the focus goes with the run.
          <KeptRun key={run.id} run={run} onDeleted={() => heading.current?.focus()} />
        ))}
      </ul>
    </section>
  );
}
