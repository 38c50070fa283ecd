import { useRef, useState } from 'react';
import { Button } from 'react-aria-components';
import { strings } from '../i18n/strings.ts';
import { Notice } from '../ui/feedback/Notice.tsx';
import { SavedRun } from './SavedRun.tsx';
import { useRuns } from './state/context.ts';
import { shortSpace } from './state/runs-state.ts';

const words = strings.runs;
/** The latest are shown first, the others when the user asks. */
const FEW = 4;

/** The saved runs, the latest first; nothing when there are none. */
export function SavedRuns() {
  const runs = useRuns((state) => state.runs) ?? [];
  const left = useRuns(shortSpace);
  const [all, setAll] = useState(false);
  const list = useRef<HTMLUListElement>(null);
  if (runs.length === 0) return null;
  const shown = all ? runs : runs.slice(0, FEW);
  const taken = runs.reduce((sum, { bytes }) => sum + bytes, 0);
  return (
    <>
      {left !== null && <Notice text={words.shortSpace(left, taken)} />}
      <ul className="stored" ref={list} tabIndex={-1} aria-label={words.heading}>
        {shown.map((run) => (
          // The button that had the focus goes with the run.
          <SavedRun key={run.id} run={run} onDeleted={() => list.current?.focus()} />
        ))}
      </ul>
      {runs.length > FEW && (
        <div className="buttons">
          <Button className="button button-small" onPress={() => setAll(!all)}>
            {all ? words.showFewer : words.showAll(runs.length)}
          </Button>
        </div>
      )}
    </>
  );
}
