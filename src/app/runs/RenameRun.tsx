import { useState } from 'react';
import { Button, Form } from 'react-aria-components';
import type { StoredRun } from '../../scoring/journal/run-archive.ts';
import { strings } from '../i18n/strings.ts';
import { TextInput } from '../ui/controls/TextInput.tsx';
import { useRunsStore } from './state/context.ts';

const words = strings.runs;

/** A field for the name of a run. */
export function RenameRun({ run, onClose }: { run: StoredRun; onClose: () => void }) {
  const store = useRunsStore();
  const [name, setName] = useState(run.notes.name ?? '');
  return (
    <Form
      onSubmit={(event) => {
        event.preventDefault();
        void store.list.rename(run.id, name).then(onClose);
      }}
    >
      <TextInput
        label={words.name}
        value={name}
        onChange={setName}
        placeholder={run.header?.csv.name}
        isFocused
      >
        <Button type="submit" className="button button-primary">
          {words.save}
        </Button>
        <Button className="button" onPress={onClose}>
          {words.cancel}
        </Button>
      </TextInput>
    </Form>
  );
}
