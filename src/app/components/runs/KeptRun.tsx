import { useState } from 'react';
import { Button } from 'react-aria-components';
import { adaptersLabel } from '../../../core/adapters.ts';
import type { RunSettings } from '../../../core/settings.ts';
import type { StoredRun } from '../../../run/run-store.ts';
import { useApp, useRuns, useRunsStore } from '../../context.ts';
import { adapterText, placeText } from '../../engine-words.ts';
import { isRunning } from '../../state.ts';
import { strings } from '../../strings.ts';
import { ConfirmDialog } from '../ConfirmDialog.tsx';
import { RunNotes } from './RunNotes.tsx';

const words = strings.runs;

/** A kept run and what can be done with it. */
export function KeptRun({ run, onDeleted }: { run: StoredRun; onDeleted: () => void }) {
  const { id, state, header, engine, rowsDone } = run;
  const store = useRunsStore();
  const running = useApp(isRunning);
  const opening = useRuns((runs) => runs.opening);
  const [asking, setAsking] = useState(false);
  const name = header?.csv.name ?? words.unknown;
  const isComplete = state === 'complete';

  async function close(agreed: boolean) {
    setAsking(false);
    if (!agreed) return;
    await store.remove(id);
    if (!store.getState().runs?.some((other) => other.id === id)) onDeleted();
  }

  return (
    <li className="stored-item">
      <p className="card-title">
        <span className="file-name">{name}</span>
        <span className="card-title-aside numbers">
          {[header && words.rows(rowsDone, header.csv.rows), words.states[state]]
            .filter(Boolean)
            .join(' · ')}
        </span>
      </p>
      {header !== null && (
        <p className="help">
          {[
            words.began(header.created),
            header.model.name,
            adapterText(adaptersLabel(header.adapters) ?? strings.model.noAdapter),
            ...settingsText(header.settings),
            engine && placeText(engine.engine.computesOn),
            engine && strings.model.precisions[engine.engine.precision],
          ]
            .filter(Boolean)
            .join(' · ')}
        </p>
      )}
      {state !== 'running' && (
        <div className="buttons">
          {state !== 'damaged' && (
            <Button
              className="button button-small"
              aria-label={isComplete ? words.showNamed(name) : words.continueNamed(name)}
              isDisabled={running || opening !== null}
              onPress={() => void store.continue(run)}
            >
              {opening === id ? words.opening : isComplete ? words.show : words.continue}
            </Button>
          )}
          <Button
            className="button button-small"
            aria-label={words.deleteNamed(name)}
            isDisabled={opening === id}
            onPress={() => setAsking(true)}
          >
            {words.delete}
          </Button>
        </div>
      )}
      <RunNotes run={run} />
      <ConfirmDialog
        heading={words.deleteHeading}
        agree={words.delete}
        decline={words.keep}
        isOpen={asking}
        onClose={(agreed) => void close(agreed)}
      >
        {words.deleteText(rowsDone, name)}
      </ConfirmDialog>
    </li>
  );
}

function settingsText({ textMode, maxLength, truncation, spread, tta }: RunSettings): string[] {
  const { settings } = words;
  return [
    settings.text(strings.settings.textModes[textMode].label),
    settings.maxLength(maxLength),
    ...(spread ? [settings.spread] : []),
    ...(!spread && truncation !== 'right'
      ? [settings.truncation(strings.results.truncationNames[truncation])]
      : []),
    ...(tta ? [settings.tta] : []),
  ];
}
