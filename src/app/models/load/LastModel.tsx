import { Button } from 'react-aria-components';
import { errorLine } from '../../i18n/error-text.ts';
import { strings } from '../../i18n/strings.ts';
import { useApp, useStore } from '../../page/context.ts';
import type { LastModel } from '../../page/last-model.ts';

const words = strings.model.last;

/** Asks before loading the model of the last visit if that takes long. */
export function AskLast({ last: { name, bytes } }: { last: LastModel }) {
  const store = useStore();
  return (
    <div className="note note-ask">
      <p className="note-title">{words.asked(name, bytes)}</p>
      <div className="buttons">
        <Button className="button button-primary" onPress={() => void store.model.loadAsked()}>
          {words.load(name)}
        </Button>
        <Button className="button" onPress={() => void store.model.load(store.model.embedded)}>
          {words.demo}
        </Button>
      </div>
    </div>
  );
}

/** Explains why the model of the last visit is not loaded; nothing if it is. */
export function LastModelLine() {
  const note = useApp((state) => state.lastModel);
  if (note === null) return null;
  return (
    <div className="note note-warning note-page" role="status">
      <p>{words[note.kind](note.name)}</p>
      {note.kind === 'lost' && <p>{errorLine(note.error)}</p>}
    </div>
  );
}
