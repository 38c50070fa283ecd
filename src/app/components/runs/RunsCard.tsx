import { type RefObject, useEffect, useLayoutEffect, useRef, useState } from 'react';
import type { StoredRun } from '../../../run/run-store.ts';
import { useApp, useRuns } from '../../context.ts';
import { expectedRunsHeight, expectRunsHeight } from '../../runs-hint.ts';
import { shownRuns } from '../../runs-state.ts';
import { browserStorage } from '../../settings-storage.ts';
import { strings } from '../../strings.ts';
import { useMedia } from '../../use-media.ts';
import { KeptRun } from './KeptRun.tsx';

const words = strings.runs;
const storage = browserStorage();

/**
 * Runs that were interrupted, or whose submission was not fetched; nothing when there are none. Until they are read the place
 * is held that they take at the next visit, measured at this one, so that the page below does not jump.
 */
export function RunsCard() {
  const all = useRuns((state) => state.runs);
  const app = useApp((state) => state);
  const card = useRef<HTMLElement>(null);
  const runs = shownRuns(all, app);
  const isRead = all !== null;
  // A run whose results are on the page is listed when it is loaded again.
  const isComing = all !== null && runs.length < all.length;
  const narrow = useMedia('(max-width: 720px)');

  // biome-ignore lint/correctness/useExhaustiveDependencies: with another number of runs the card has another height
  useEffect(() => {
    if (isRead && !isComing) expectRunsHeight(storage, card.current?.offsetHeight ?? 0);
  }, [isRead, isComing, narrow, runs.length]);

  if (!isRead) {
    const height = expectedRunsHeight(storage);
    return height === 0 ? null : <div style={{ height }} />;
  }
  return (
    <>
      {runs.length > 0 && <RunList runs={runs} card={card} />}
      {isComing && <Coming key={`${all.length} ${narrow}`} runs={all} />}
    </>
  );
}

/** Measures the card of the next visit: rendered unseen, and gone before the browser paints. */
function Coming({ runs }: { runs: StoredRun[] }) {
  const card = useRef<HTMLElement>(null);
  const [measured, setMeasured] = useState(false);
  useLayoutEffect(() => {
    if (card.current === null) return;
    expectRunsHeight(storage, card.current.offsetHeight);
    setMeasured(true);
  }, []);
  return measured ? null : <RunList runs={runs} card={card} />;
}

function RunList({ runs, card }: { runs: StoredRun[]; card: RefObject<HTMLElement | null> }) {
  const heading = useRef<HTMLHeadingElement>(null);
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
