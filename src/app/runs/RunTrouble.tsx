import { useEffect, useRef } from 'react';
import { Button } from 'react-aria-components';
import type { StoredRun } from '../../scoring/journal/run-archive.ts';
import { strings } from '../i18n/strings.ts';
import { ErrorNote } from '../ui/feedback/ErrorNote.tsx';
import { CsvButton } from './CsvButton.tsx';
import { useRuns, useRunsStore } from './state/context.ts';

const words = strings.runs;

/** Shows the obstacle to continuing a run, and the remedy. */
export function RunTrouble({ run }: { run: StoredRun }) {
  const store = useRunsStore();
  const note = useRuns(({ notes }) => notes[run.id]);
  const place = useRef<HTMLDivElement>(null);
  // The request may have come from the other end of the page.
  useEffect(() => {
    if (note !== undefined) place.current?.scrollIntoView({ block: 'nearest' });
  }, [note]);
  const name = run.header?.csv.name ?? words.unknown;
  return (
    <div ref={place}>
      {note?.kind === 'chooseFile' && (
        <div className="note" role="status">
          {note.wrong !== undefined && <p>{words.otherFile(note.wrong, name)}</p>}
          <p>{words.chooseFile(name)}</p>
          <div className="buttons">
            <CsvButton
              className="button button-small"
              isDisabled={false}
              onChoose={(chosen) => void store.continuer.start(run, { chosen })}
            >
              {words.choose(name)}
            </CsvButton>
          </div>
        </div>
      )}
      {(note?.kind === 'failed' || note?.kind === 'otherEngine') && (
        <ErrorNote error={note.error}>
          {note.kind === 'otherEngine' && (
            <Button
              className="button button-small"
              onPress={() => void store.continuer.start(run, { otherEngine: true })}
            >
              {words.otherEngine}
            </Button>
          )}
        </ErrorNote>
      )}
      {note === undefined && run.error !== null && <ErrorNote error={run.error} />}
    </div>
  );
}
