import { useState } from 'react';
import { Button } from 'react-aria-components';
import type { RunSettings } from '../../domain/settings.ts';
import type { StoredRun } from '../../scoring/journal/run-archive.ts';
import { adapterText, placeText } from '../i18n/engine-words.ts';
import { dateTime, fileSize } from '../i18n/format.ts';
import { strings } from '../i18n/strings.ts';
import { useApp, useStore } from '../page/context.ts';

import { isRunning } from '../page/state.ts';
import { ConfirmDialog } from '../ui/controls/ConfirmDialog.tsx';
import { saveBlob } from '../ui/files/save.ts';
import { showScreen } from '../ui/navigation/screens.ts';
import { CompareButton } from './CompareButton.tsx';
import { ContinueButton } from './ContinueButton.tsx';
import { RenameRun } from './RenameRun.tsx';
import { RunTrouble } from './RunTrouble.tsx';
import { useRuns, useRunsStore } from './state/context.ts';
import { runName } from './state/run-name.ts';
import { isOnPage } from './state/runs-state.ts';
import { useDownload } from './use-download.ts';

const words = strings.runs;

/** A saved run with its actions. */
export function SavedRun({ run, onDeleted }: { run: StoredRun; onDeleted: () => void }) {
  const { id, state, rowsDone } = run;
  const app = useStore();
  const store = useRunsStore();
  const running = useApp(isRunning);
  const isHere = useApp((app) => isOnPage(run, app));
  const opening = useRuns((runs) => runs.opening);
  const [asking, setAsking] = useState(false);
  const [renaming, setRenaming] = useState(false);
  const name = runName(run);
  const download = useDownload();

  async function close(agreed: boolean) {
    setAsking(false);
    if (!agreed) return;
    await store.list.remove(id);
    if (!store.getState().runs?.some((other) => other.id === id)) onDeleted();
  }

  /** Rows that cannot be scored need a decision by the user, which is beside the results. */
  function fetchSubmission() {
    const { results } = app.getState();
    if (results?.runId !== id || !results.complete) return;
    if (results.problemRows === 0) void download.save('omit', strings.downloads.completeName);
    else showScreen('score');
  }

  async function saveJournal() {
    const journal = await store.list.exportJournal(id);
    if (journal !== null) saveBlob(journal, `${name}.journal`);
  }

  return (
    <li className="stored-item">
      <p className="card-title">
        <span className="file-name">{name}</span>
        <span className="card-title-aside numbers">{stateText(run, running && isHere)}</span>
      </p>
      <p className="help">{factsText(run)}</p>
      {renaming && <RenameRun run={run} onClose={() => setRenaming(false)} />}
      {state !== 'running' && !renaming && (
        <div className="buttons">
          {state === 'waiting' && (
            <ContinueButton run={run} label={words.continueNamed(name)}>
              {opening === id ? words.opening : words.continue}
            </ContinueButton>
          )}
          {state === 'complete' && !isHere && (
            <ContinueButton run={run} label={words.showNamed(name)}>
              {opening === id ? words.opening : words.show}
            </ContinueButton>
          )}
          {state === 'complete' && (
            <ContinueButton
              run={run}
              label={words.reportNamed(name)}
              onEnded={() => showScreen('report')}
            >
              {words.report}
            </ContinueButton>
          )}
          {state === 'complete' && (
            <ContinueButton run={run} label={words.downloadNamed(name)} onEnded={fetchSubmission}>
              {words.download}
            </ContinueButton>
          )}
          <CompareButton run={run} />
          {state !== 'damaged' && (
            <>
              <Button
                className="button button-small"
                aria-label={words.renameNamed(name)}
                onPress={() => setRenaming(true)}
              >
                {words.rename}
              </Button>
              <Button
                className="button button-small"
                aria-label={words.exportNamed(name)}
                isDisabled={running && isHere}
                onPress={() => void saveJournal()}
              >
                {words.export}
              </Button>
            </>
          )}
          <Button
            className="button button-small button-danger"
            aria-label={words.deleteNamed(name)}
            isDisabled={opening === id || (running && isHere)}
            onPress={() => setAsking(true)}
          >
            {words.delete}
          </Button>
        </div>
      )}
      <RunTrouble run={run} />
      <ConfirmDialog
        heading={words.deleteHeading}
        agree={words.delete}
        decline={words.cancel}
        isDanger
        isOpen={asking}
        onClose={(agreed) => void close(agreed)}
      >
        {words.deleteText(rowsDone, name)}
      </ConfirmDialog>
    </li>
  );
}

function stateText({ state, header, rowsDone, notes }: StoredRun, isGoingOnHere: boolean): string {
  const rows = header && words.rows(rowsDone, header.csv.rows);
  const parts = [
    rows,
    isGoingOnHere ? words.states.here : words.states[state],
    notes.logLoss && words.logLoss(notes.logLoss.value),
    notes.downloaded && words.downloaded(notes.downloaded),
  ];
  return parts.filter(Boolean).join(' · ');
}

function factsText({ header, engine, notes, bytes }: StoredRun): string {
  if (header === null) return '';
  const { csv, created, model, adapters, settings } = header;
  const parts = [
    notes.name && csv.name,
    dateTime(created),
    model.name,
    adapterText(adapters),
    ...settingsText(settings),
    engine && placeText(engine.engine.place),
    engine && strings.model.precisions[engine.engine.precision],
    fileSize(bytes),
  ];
  return parts.filter(Boolean).join(' · ');
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
