import { useState } from 'react';
import { Button, type DropItem, DropZone, FileTrigger } from 'react-aria-components';
import { useStore } from '../context.ts';
import { packageFromDrop, packageFromInput } from '../package-folder.ts';
import { strings } from '../strings.ts';

/** Takes the folder of another model package, dropped or chosen. */
export function PackagePicker({ isDisabled }: { isDisabled: boolean }) {
  const store = useStore();
  const [note, setNote] = useState<string | null>(null);

  async function drop(items: DropItem[]) {
    setNote(strings.model.readingFolder);
    const source = await packageFromDrop(items).catch(() => null);
    setNote(source === null ? strings.model.dropOneFolder : null);
    if (source !== null) await store.loadModel(source);
  }

  function choose(files: FileList | null) {
    setNote(null);
    if (files !== null && files.length > 0) void store.loadModel(packageFromInput(files));
  }

  return (
    <DropZone
      className="drop drop-small"
      isDisabled={isDisabled}
      onDrop={({ items }) => void drop(items)}
    >
      <span>{strings.model.dropHere}</span>
      <FileTrigger acceptDirectory onSelect={choose}>
        <Button className="button" isDisabled={isDisabled}>
          {strings.model.choose}
        </Button>
      </FileTrigger>
      {!store.isEmbedded && (
        <Button
          className="button"
          isDisabled={isDisabled}
          onPress={() => void store.loadModel(store.embedded)}
        >
          {strings.model.backToEmbedded}
        </Button>
      )}
      {note !== null && (
        <span className="help" role="status">
          {note}
        </span>
      )}
    </DropZone>
  );
}
