import { useState } from 'react';
import {
  Button,
  Dialog,
  DialogTrigger,
  DropZone,
  FileTrigger,
  Heading,
  Label,
  Modal,
  ModalOverlay,
  TextArea,
  TextField,
} from 'react-aria-components';
import { asTiebreakError, type TiebreakError } from '../../../domain/errors.ts';
import { readPairJson } from '../../../explore/read-json.ts';
import { ErrorNote } from '../../ui/feedback/ErrorNote.tsx';
import { useExplorerStore } from '../state/explorer-context.ts';
import { words } from '../text/strings.ts';

const texts = words.json;

/** A button whose dialog opens a pair from JSON: pasted, dropped, or from a file. */
export function JsonDialog() {
  return (
    <DialogTrigger>
      <Button className="button button-small">{texts.button}</Button>
      <ModalOverlay className="overlay" isDismissable>
        <Modal className="modal modal-small">
          <Dialog className="dialog">{({ close }) => <JsonForm onClose={close} />}</Dialog>
        </Modal>
      </ModalOverlay>
    </DialogTrigger>
  );
}

function JsonForm({ onClose }: { onClose: () => void }) {
  const store = useExplorerStore();
  const [text, setText] = useState('');
  const [error, setError] = useState<TiebreakError | null>(null);

  async function open(json: string | Promise<string>) {
    try {
      const { pair, said } = readPairJson(await json);
      store.setPair(pair, { kind: 'json', said });
      onClose();
    } catch (thrown) {
      setError(asTiebreakError(thrown));
    }
  }

  return (
    <>
      <Heading slot="title" className="dialog-title">
        {texts.heading}
      </Heading>
      <DropZone
        className="json-drop"
        aria-label={texts.drop}
        onDrop={({ items }) => {
          const file = items.find((item) => item.kind === 'file');
          if (file !== undefined) void open(file.getFile().then((found) => found.text()));
        }}
      >
        <TextField className="field text-field" value={text} onChange={setText}>
          <Label className="field-label">{texts.field}</Label>
          <TextArea className="input json-text" rows={8} spellCheck="false" />
        </TextField>
      </DropZone>
      <p className="help">{texts.help}</p>
      {error !== null && <ErrorNote error={error} />}
      <div className="buttons buttons-end">
        <FileTrigger
          acceptedFileTypes={['.json', 'application/json']}
          onSelect={(files) => {
            if (files?.[0] !== undefined) void open(files[0].text());
          }}
        >
          <Button className="button">{texts.file}</Button>
        </FileTrigger>
        <Button className="button" onPress={onClose}>
          {texts.cancel}
        </Button>
        <Button
          className="button button-primary"
          isDisabled={text.trim() === ''}
          onPress={() => void open(text)}
        >
          {texts.open}
        </Button>
      </div>
    </>
  );
}
