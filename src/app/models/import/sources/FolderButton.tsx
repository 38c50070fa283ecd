import { Button, FileTrigger } from 'react-aria-components';
import { strings } from '../../../i18n/strings.ts';
import { canChooseFolder, chooseFolder } from '../../../ui/files/file-system.ts';
import { type Folder, folderOfHandle, folderOfInput } from '../../folders/folders.ts';

const words = strings.own;

/** Chooses a folder: by a handle that survives a reload if the browser has those, else by its files. */
export function FolderButton(props: {
  title: string;
  isChosen: boolean;
  isDisabled: boolean;
  onChoose: (choice: Promise<Folder | null>) => void;
}) {
  const { title, isChosen, isDisabled, onChoose } = props;
  const keeps = canChooseFolder();
  const button = (
    <Button
      className="button"
      isDisabled={isDisabled}
      aria-label={isChosen ? words.changeSource(title) : words.chooseSource(title)}
      onPress={keeps ? () => onChoose(choose()) : undefined}
    >
      {isChosen ? words.change : words.chooseFolder}
    </Button>
  );
  if (keeps) return button;
  return (
    <FileTrigger
      acceptDirectory
      onSelect={(files) => onChoose(Promise.resolve(folderOfInput(files)))}
    >
      {button}
    </FileTrigger>
  );
}

async function choose(): Promise<Folder | null> {
  const handle = await chooseFolder('read');
  return handle === null ? null : folderOfHandle(handle);
}
