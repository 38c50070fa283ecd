import { Button } from 'react-aria-components';
import { strings } from '../../i18n/strings.ts';
import { ErrorNote } from '../../ui/feedback/ErrorNote.tsx';
import { Place } from '../../ui/layout/Place.tsx';
import { JobProgress } from '../jobs/JobProgress.tsx';
import { usePackages, usePackagesStore } from '../state/context.ts';
import { canImport, isImporting, type Job, knownOffer } from '../state/packages-state.ts';

const words = strings.own;

/** A job for the place of its progress. */
const BEGINNING: Job = { kind: 'import', id: null, cancelling: false, progress: null };

/** Starts the import, shows its progress, and stops it. */
export function ImportAction() {
  const store = usePackagesStore();
  const startable = usePackages(canImport);
  const importing = usePackages(isImporting);
  const job = usePackages((state) => state.job);
  const note = usePackages((state) => state.importNote);
  const goesOn = usePackages(({ form }) => form.resume !== null);
  const isFinished = usePackages(({ plan }) => knownOffer(plan) !== null);
  const start = isFinished
    ? goesOn
      ? words.goOnDownload
      : words.download
    : goesOn
      ? words.goOn
      : words.start;
  return (
    <>
      <div className="run-line import-line">
        {/* A single button with two states keeps the focus when an import starts or ends. */}
        <Button
          className={importing ? 'button run-button' : 'button button-primary run-button'}
          isDisabled={importing ? job?.cancelling : !startable}
          onPress={() => void (importing ? store.jobs.cancel() : store.imports.start())}
        >
          {!importing ? start : job?.cancelling ? words.cancelling : words.cancel}
        </Button>
        <Place
          over={
            importing && job !== null ? (
              <JobProgress job={job} />
            ) : (
              <p className="run-hint">{words.afterwards}</p>
            )
          }
        >
          <JobProgress job={BEGINNING} />
        </Place>
      </div>
      <p className="help" role="status">
        {note?.kind === 'cancelled' && words.importCancelled}
      </p>
      {note?.kind === 'failed' && <ErrorNote error={note.error} />}
    </>
  );
}
