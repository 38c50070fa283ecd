import { strings } from '../i18n/strings.ts';
import { SavedRuns } from './SavedRuns.tsx';
import { useRuns } from './state/context.ts';

const words = strings.runs;

/** Lists every run that this browser has saved; nothing without runs. */
export function RunsCard() {
  const hasRuns = useRuns(({ runs }) => runs !== null && runs.length > 0);
  if (!hasRuns) return null;
  return (
    <section className="card" id="saved-runs" aria-labelledby="runs-heading">
      <div className="card-head">
        <h2 id="runs-heading" tabIndex={-1}>
          {words.heading}
        </h2>
        <span className="help">{words.help}</span>
      </div>
      <SavedRuns />
    </section>
  );
}
