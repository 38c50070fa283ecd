import { useRef } from 'react';
import { type DropItem, DropZone } from 'react-aria-components';
import { usePackages, usePackagesStore } from '../../context.ts';
import { droppedFolder } from '../../file-system.ts';
import { type Folder, folderOfDrop, folderOfHandle } from '../../folders.ts';
import type { Role } from '../../packages-state.ts';
import { strings } from '../../strings.ts';
import { useDropped } from '../../use-dropped.ts';
import { AddressField } from './AddressField.tsx';
import { FolderButton } from './FolderButton.tsx';

type Handle = Promise<FileSystemDirectoryHandle | null>;

/** The ways to choose a source: drop its folder, choose it, or name where it lies. */
export function SourcePicker(props: {
  place: Role;
  title: string;
  drop: string;
  help: string;
  /** Is something chosen that another choice would replace? */
  isChosen: boolean;
  isDisabled: boolean;
}) {
  const { place, title, drop, help, isChosen, isDisabled } = props;
  const store = usePackagesStore();
  const note = usePackages(({ folderNote }) =>
    folderNote?.role === place ? folderNote.text : null,
  );
  const zone = useRef<HTMLDivElement>(null);
  const takeHandle = useDropped(zone, droppedFolder);
  return (
    <div className="source-picker">
      <p className="help">{help}</p>
      <DropZone
        ref={zone}
        className="drop drop-small"
        isDisabled={isDisabled}
        onDrop={({ items }) =>
          void store.takeFolder(place, dropped(items, takeHandle()), strings.own.dropFolder)
        }
      >
        <span>{drop}</span>
        <FolderButton
          title={title}
          isChosen={isChosen}
          isDisabled={isDisabled}
          onChoose={(choice) => void store.takeFolder(place, choice)}
        />
      </DropZone>
      <AddressField place={place} isDisabled={isDisabled} />
      <p className="source-note" role="status">
        {note}
      </p>
    </div>
  );
}

/** What was dropped: as a folder that can be kept over a reload where the browser gives one, else as its files. */
async function dropped(items: DropItem[], handle: Handle): Promise<Folder | null> {
  const kept = await handle;
  return kept === null ? folderOfDrop(items) : folderOfHandle(kept);
}
