import { useRef, useState } from 'react';
import { Button, DropZone, FileTrigger } from 'react-aria-components';
import type { TiebreakError } from '../../../domain/errors.ts';
import { LatestCall } from '../../../rpc/latest.ts';
import { strings } from '../../i18n/strings.ts';
import { useApp, useStore } from '../../page/context.ts';
import { ErrorNote } from '../../ui/feedback/ErrorNote.tsx';
import { droppedFolder } from '../../ui/files/file-system.ts';
import { useDropped } from '../../ui/files/use-dropped.ts';
import { type Folder, folderFromDrop, folderOfInput } from '../folders/folders.ts';
import { recogniseFolder } from '../folders/package-folder.ts';
import { usePackages, usePackagesStore } from '../state/context.ts';
import { isImporting } from '../state/packages-state.ts';

const words = strings.model;

/** The message about a folder that was not loaded. */
interface Answer {
  text: string;
  /** A folder that can be imported instead. */
  offer?: { role: 'base' | 'adapter'; folder: Folder };
  /** The reason why the package cannot be opened. */
  error?: TiebreakError;
}

/** Takes the folder of another model package, dropped or chosen. A folder that is not a package changes nothing. */
export function PackagePicker({ isDisabled }: { isDisabled: boolean }) {
  const store = useStore();
  const isAsking = useApp(({ model }) => model.status === 'asking');
  const [answer, setAnswer] = useState<Answer | null>(null);
  const zone = useRef<HTMLDivElement>(null);
  const takeHandle = useDropped(zone, droppedFolder);
  const [choices] = useState(() => new LatestCall());

  async function take(choice: Promise<Folder | null>, otherwise: string | null) {
    const call = choices.begin();
    setAnswer({ text: words.readingFolder });
    const { load, ...told } = await lookAt(choice, otherwise);
    if (!call.isLatest) return;
    setAnswer(told.text === '' ? null : told);
    load?.();
  }

  async function lookAt(
    choice: Promise<Folder | null>,
    otherwise: string | null,
  ): Promise<Answer & { load?: () => void }> {
    const folder = await choice.catch(() => null);
    if (folder === null) return { text: otherwise ?? '' };
    const use = await recogniseFolder(folder);
    if (use.kind === 'other') return { text: use.text };
    if (use.kind !== 'package') return { text: use.text, offer: { role: use.kind, folder } };
    const error = await store.model.inspect(use.source);
    if (error !== null) return { text: words.notLoaded, error };
    return { text: '', load: () => void store.model.load(use.source) };
  }

  return (
    <div>
      <DropZone
        ref={zone}
        className="drop drop-small"
        aria-label={words.dropLabel}
        isDisabled={isDisabled}
        onDrop={({ items }) => void take(folderFromDrop(items, takeHandle()), words.dropOneFolder)}
      >
        <span>{words.dropHere}</span>
        <FileTrigger
          acceptDirectory
          onSelect={(files) => void take(Promise.resolve(folderOfInput(files)), null)}
        >
          <Button className="button" isDisabled={isDisabled}>
            {words.choose}
          </Button>
        </FileTrigger>
        {!store.model.isEmbedded && !isAsking && (
          <Button
            className="button"
            isDisabled={isDisabled}
            onPress={() => {
              setAnswer(null);
              void store.model.load(store.model.embedded);
            }}
          >
            {words.backToEmbedded}
          </Button>
        )}
      </DropZone>
      <div className="folder-answer" role="status">
        {answer !== null && <FolderAnswer answer={answer} onImport={() => setAnswer(null)} />}
      </div>
    </div>
  );
}

function FolderAnswer({ answer, onImport }: { answer: Answer; onImport: () => void }) {
  const packages = usePackagesStore();
  const importing = usePackages(isImporting);
  const isReady = useApp(({ model }) => model.status === 'ready');
  const { text, offer, error } = answer;
  if (error !== undefined) {
    return <ErrorNote error={error}>{isReady && <p>{text}</p>}</ErrorNote>;
  }
  if (offer === undefined) return <p className="help">{text}</p>;
  return (
    <div className="note note-warning folder-offer">
      <p>{text}</p>
      <Button
        className="button"
        isDisabled={importing}
        onPress={() => {
          onImport();
          packages.importFolder(offer.role, offer.folder);
        }}
      >
        {words.imports[offer.role]}
      </Button>
    </div>
  );
}
