import type { ReactNode } from 'react';
import { Button, FileTrigger } from 'react-aria-components';
import { canChooseFile, chooseFile } from '../ui/files/file-system.ts';
import type { ChosenFile } from './state/run-continuer.ts';

/** Chooses a CSV file: by a handle that survives a reload if the browser has those, else a plain file. */
export function CsvButton(props: {
  className: string;
  /** A label for buttons whose text alone is ambiguous. */
  label?: string | undefined;
  isDisabled: boolean;
  onChoose: (chosen: ChosenFile) => void;
  children: ReactNode;
}) {
  const { className, label, isDisabled, onChoose, children } = props;
  async function choose() {
    const handle = await chooseFile();
    if (handle === null) return;
    onChoose({ file: await handle.getFile(), origin: { kind: 'handle', handle } });
  }
  const keeps = canChooseFile();
  const button = (
    <Button
      className={className}
      aria-label={label}
      isDisabled={isDisabled}
      onPress={keeps ? () => void choose() : undefined}
    >
      {children}
    </Button>
  );
  if (keeps) return button;
  return (
    <FileTrigger
      acceptedFileTypes={['.csv', 'text/csv', '.txt']}
      onSelect={(files) => {
        const file = files?.[0];
        if (file !== undefined) onChoose({ file, origin: null });
      }}
    >
      {button}
    </FileTrigger>
  );
}
