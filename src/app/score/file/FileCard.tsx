import { useEffect, useEffectEvent, useRef, useState } from 'react';
import { Button, type DropItem, DropZone } from 'react-aria-components';
import { strings } from '../../i18n/strings.ts';
import { useApp, useStore } from '../../page/context.ts';
import { fetchExample } from '../../page/example.ts';
import { isRunning } from '../../page/state.ts';
import { CsvButton } from '../../runs/CsvButton.tsx';
import type { ChosenFile } from '../../runs/state/run-continuer.ts';
import { ConfirmDialog } from '../../ui/controls/ConfirmDialog.tsx';
import { ErrorNote } from '../../ui/feedback/ErrorNote.tsx';
import { Meter } from '../../ui/feedback/Meter.tsx';
import { droppedFile } from '../../ui/files/file-system.ts';
import { takeStrayDrops } from '../../ui/files/stray-drops.ts';
import { useDropped } from '../../ui/files/use-dropped.ts';
import { FileSummary } from './FileSummary.tsx';

const EXAMPLE = 'example.csv';
const ORIGIN = { kind: 'example', name: EXAMPLE } as const;

/** Takes the file with the rows: dropped, chosen, or the example. */
export function FileCard() {
  const store = useStore();
  const csv = useApp((state) => state.csv);
  const running = useApp(isRunning);
  const results = useApp((state) => state.results);
  // A choice that waits for the user's consent to lose results.
  const [waiting, setWaiting] = useState<(() => void) | null>(null);

  const [refused, setRefused] = useState(false);

  function take(open: () => void) {
    setRefused(false);
    // Saved results are not lost.
    if (results === null || results.unjournaled === null) open();
    else setWaiting(() => open);
  }
  const zone = useRef<HTMLDivElement>(null);
  const takeHandle = useDropped(zone, droppedFile);

  function choose({ file, origin }: ChosenFile) {
    take(() => void store.file.open(file, undefined, origin));
  }
  async function drop(items: DropItem[]) {
    const [item] = items;
    const handle = await takeHandle();
    if (items.length !== 1 || item?.kind !== 'file') return setRefused(true);
    openDropped(item.getFile(), item.name, handle);
  }
  /** Takes a file dropped outside the zone; no other card takes files of this kind. */
  async function dropBeside({ items, files }: DataTransfer) {
    const [file] = files;
    const entry = [...items].find(({ kind }) => kind === 'file')?.webkitGetAsEntry();
    const isOneFile = files.length === 1 && entry?.isFile === true;
    const handle = await droppedFile({ items });
    if (isOneFile && file !== undefined) {
      openDropped(file, file.name, handle);
      return;
    }
    setRefused(true);
    zone.current?.scrollIntoView({ block: 'nearest' });
  }
  function openDropped(
    file: File | Promise<File>,
    name: string,
    handle: FileSystemFileHandle | null,
  ) {
    const origin = handle === null ? null : ({ kind: 'handle', handle } as const);
    take(() => void store.file.open(file, name, origin));
  }
  const beside = useEffectEvent((transfer: DataTransfer) => void dropBeside(transfer));
  useEffect(
    () => (running ? undefined : takeStrayDrops((transfer) => beside(transfer))),
    [running],
  );

  const isEmpty = csv.status === 'none';
  return (
    <section className="card" aria-labelledby="file-heading">
      <h2 id="file-heading">{strings.file.heading}</h2>
      {csv.status === 'reading' && (
        <div className="loading">
          <p>{strings.file.reading(csv.name)}</p>
          <Meter
            label={strings.file.reading(csv.name)}
            fraction={csv.totalBytes === 0 ? null : csv.bytes / csv.totalBytes}
          />
          <p className="help numbers">
            {strings.file.readSoFar(csv.bytes, csv.totalBytes, csv.rows)}
          </p>
          <Button
            className="button"
            isDisabled={running}
            onPress={() => void store.file.cancelReading()}
          >
            {strings.file.stopReading}
          </Button>
        </div>
      )}
      {csv.status === 'failed' && <ErrorNote error={csv.error} />}
      {csv.status === 'ready' && <FileSummary csv={csv} />}
      <DropZone
        ref={zone}
        className="drop drop-large"
        aria-label={strings.file.dropLabel}
        isDisabled={running}
        onDrop={({ items }) => void drop(items)}
      >
        <p className={isEmpty ? 'drop-title' : 'help'}>
          {isEmpty ? strings.file.drop : strings.file.dropAnother}
        </p>
        {isEmpty && <p className="help">{strings.file.columns}</p>}
        {refused && (
          <p className="problem" role="alert">
            {strings.file.dropOneFile}
          </p>
        )}
        <div className="buttons">
          <CsvButton
            className={isEmpty ? 'button button-primary' : 'button'}
            isDisabled={running}
            onChoose={choose}
          >
            {isEmpty ? strings.file.choose : strings.file.chooseAnother}
          </CsvButton>
          <Button
            className="button"
            isDisabled={running}
            onPress={() => take(() => void store.file.open(fetchExample(EXAMPLE), EXAMPLE, ORIGIN))}
          >
            {strings.file.example}
          </Button>
        </div>
      </DropZone>
      <ConfirmDialog
        heading={strings.file.replaceHeading}
        agree={strings.file.replace}
        decline={strings.file.keep}
        isOpen={waiting !== null}
        onClose={(agreed) => {
          if (agreed) waiting?.();
          setWaiting(null);
        }}
      >
        {strings.file.replaceText(results?.fileName ?? '')}
      </ConfirmDialog>
    </section>
  );
}
