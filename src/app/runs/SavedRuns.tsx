import { useRef, useState } from 'react';
import { Button } from 'react-aria-components';
import { strings } from '../i18n/strings.ts';
import { Notice } from '../ui/feedback/Notice.tsx';
import { SavedRun } from './SavedRun.tsx';
import { useRuns } from './state/context.ts';
import { shortSpace } from './state/runs-state.ts';

const words = strings.runs;
/** Number of runs shown at first; the user can show the rest. */
const FEW = 4;

/** Lists the saved runs, the latest first; nothing without runs. */
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
          // The focused button disappears with the run.
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
