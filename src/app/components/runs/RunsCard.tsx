import { useRef } from 'react';
import { useApp, useRuns } from '../../context.ts';
import { shownRuns } from '../../runs-state.ts';
import { strings } from '../../strings.ts';
import { KeptRun } from './KeptRun.tsx';

const words = strings.runs;

/** Runs that were interrupted, or whose submission was not fetched; nothing when there are none. */
export function RunsCard() {
  const all = useRuns((state) => state.runs);
  const app = useApp((state) => state);
  const heading = useRef<HTMLHeadingElement>(null);
  const runs = shownRuns(all, app);
  if (runs.length === 0) return null;
  return (
    <section className="card" aria-labelledby="runs-heading">
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
