import { useState } from 'react';
import { Button } from 'react-aria-components';
import { quantizationKind } from '../../../model/formats/quantization.ts';
import type { StoredPackage } from '../../../packages/api.ts';
import { fileSize, sentences } from '../../i18n/format.ts';
import { strings } from '../../i18n/strings.ts';
import { useApp, useStore } from '../../page/context.ts';
import { isRunning } from '../../page/state.ts';
import { ConfirmDialog } from '../../ui/controls/ConfirmDialog.tsx';
import { canChooseFolder, chooseFolder } from '../../ui/files/file-system.ts';
import { JobProgress } from '../jobs/JobProgress.tsx';
import { usePackages, usePackagesStore } from '../state/context.ts';
import type { Job } from '../state/packages-state.ts';
import { RepairButton } from './RepairButton.tsx';
import { StoredNote } from './StoredNote.tsx';

const words = strings.own;

/** A stored package with its actions. */
export function StoredModel(props: { stored: StoredPackage; onDeleted: () => void }) {
  const { stored, onDeleted } = props;
  const { id, name, bytes, state } = stored;
  const store = usePackagesStore();
  const app = useStore();
  const job = usePackages((packages) => packages.job);
  const inUse = useApp(() => app.model.storedId === id);
  const running = useApp(isRunning);
  const [asking, setAsking] = useState(false);
  const own = job?.id === id && job.kind in TASKS ? job : null;
  const deleting = usePackages(({ notes }) => notes[id]?.kind === 'deleting');
  const busy = job !== null || deleting;

  async function close(agreed: boolean) {
    setAsking(false);
    if (!agreed) return;
    await store.stored.remove(id);
    if (!store.getState().packages?.some((other) => other.id === id)) onDeleted();
  }

  return (
    <li className="stored-item">
      <p className="card-title">
        <span className="file-name">{name}</span>
        <span className="card-title-aside numbers">{aboutText(stored, inUse)}</span>
      </p>
      {state === 'damaged' && (
        <p className="problem">
          {sentences(
            words.missing(stored.missing),
            stored.address === null && words.missingImported,
          )}
        </p>
      )}
      {own !== null && <JobProgress job={own} />}
      {state !== 'busy' && (
        <div className="buttons">
          {state === 'complete' && (
            <>
              <Button
                className="button button-small"
                aria-label={words.chooseNamed(name)}
                isDisabled={running || inUse || deleting}
                onPress={() => store.stored.use(stored)}
              >
                {words.use}
              </Button>
              {/* A single button with two states keeps the focus. */}
              <Button
                className="button button-small"
                aria-label={
                  own ? words.cancelNamed(words.jobs[own.kind], name) : words.verifyNamed(name)
                }
                isDisabled={own ? own.cancelling : busy}
                onPress={() => void (own ? store.jobs.cancel() : store.stored.verify(id))}
              >
                {own === null ? words.verify : own.cancelling ? words.cancelling : words.cancel}
              </Button>
              <Button
                className="button button-small"
                aria-label={words.exportNamed(name)}
                isDisabled={busy}
                onPress={() =>
                  void (canChooseFolder()
                    ? store.stored.exportTo(stored, chooseFolder('readwrite'))
                    : store.stored.showFiles(id))
                }
              >
                {words.export}
              </Button>
            </>
          )}
          {state === 'damaged' &&
            (own !== null ? (
              <Button
                className="button button-small"
                aria-label={words.cancelNamed(words.jobs[own.kind], name)}
                isDisabled={own.cancelling}
                onPress={() => void store.jobs.cancel()}
              >
                {own.cancelling ? words.cancelling : words.cancel}
              </Button>
            ) : (
              stored.address !== null && <RepairButton stored={stored} />
            ))}
          {state === 'partial' && (
            <Button
              className="button button-small"
              aria-label={words.continueNamed(name)}
              isDisabled={busy || (stored.request === null && stored.address === null)}
              onPress={() => void store.imports.resume(stored)}
            >
              {words.continue}
            </Button>
          )}
          <Button
            className="button button-small"
            aria-label={words.deleteNamed(name)}
            isDisabled={busy || (running && inUse)}
            onPress={() => setAsking(true)}
          >
            {words.delete}
          </Button>
        </div>
      )}
      <StoredNote stored={stored} />
      <ConfirmDialog
        heading={words.deleteHeading}
        agree={words.delete}
        decline={words.keep}
        isOpen={asking}
        onClose={(agreed) => void close(agreed)}
      >
        {sentences(words.deleteText(name, bytes), inUse && words.deleteInUse)}
      </ConfirmDialog>
    </li>
  );
}

/** Jobs whose progress is shown here; the others show theirs under "Import". */
const TASKS: Partial<Record<Job['kind'], true>> = { verify: true, repair: true, export: true };

function aboutText(stored: StoredPackage, inUse: boolean) {
  const { bytes, total, finished, state, adapters, quantization } = stored;
  const parts = [total === null ? fileSize(bytes) : words.doneOf(bytes, total)];
  if (state !== 'complete') parts.push(words.states[state]);
  else {
    if (quantization !== null)
      parts.push(strings.model.quantizations[quantizationKind(quantization)]);
    parts.push(words.adaptersOf(adapters));
  }
  if (finished !== null) parts.push(words.finished(finished));
  if (inUse) parts.push(words.inUse);
  return parts.join(' · ');
}
