import { useRef } from 'react';
import { DropZone } from 'react-aria-components';
import { strings } from '../../../i18n/strings.ts';
import { droppedFolder } from '../../../ui/files/file-system.ts';
import { useDropped } from '../../../ui/files/use-dropped.ts';
import { folderFromDrop } from '../../folders/folders.ts';
import { usePackages, usePackagesStore } from '../../state/context.ts';
import type { Role } from '../../state/packages-state.ts';
import { AddressField } from './AddressField.tsx';
import { FolderButton } from './FolderButton.tsx';

/** Ways to choose a source: drop its folder, choose it, or enter its address. */
export function SourcePicker(props: {
  place: Role;
  title: string;
  drop: string;
  help: string;
  /** True if a choice exists that another would replace. */
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
        aria-label={strings.own.dropLabels[place]}
        isDisabled={isDisabled}
        onDrop={({ items }) =>
          void store.form.takeFolder(
            place,
            folderFromDrop(items, takeHandle()),
            strings.own.dropFolder,
          )
        }
      >
        <span>{drop}</span>
        <FolderButton
          title={title}
          isChosen={isChosen}
          isDisabled={isDisabled}
          onChoose={(choice) => void store.form.takeFolder(place, choice)}
        />
      </DropZone>
      <AddressField place={place} isDisabled={isDisabled} />
      <p className="source-note" role="status">
        {note}
      </p>
    </div>
  );
}
