import { Button } from 'react-aria-components';
import { usePackages } from '../../context.ts';
import type { Note } from '../../packages-state.ts';
import { saveBlob } from '../../save.ts';
import { strings } from '../../strings.ts';
import { ErrorNote } from '../ErrorNote.tsx';

const words = strings.own;

/** How the last work on a stored package ended. */
export function StoredNote({ id }: { id: string }) {
  const note = usePackages((state) => state.notes[id]);
  return (
    <>
      <p className="help" role="status">
        {noteText(note)}
      </p>
      {note?.kind === 'failed' && <ErrorNote error={note.error} />}
      {note?.kind === 'files' && (
        <ul className="save-list">
          {note.files.map(({ path, file }) => (
            <li key={path}>
              <span className="save-path">{path}</span>
              <span className="help numbers">{words.size(file.size)}</span>
              <Button
                className="button button-small"
                aria-label={words.saveNamed(path)}
                onPress={() => saveBlob(file, path.slice(path.lastIndexOf('/') + 1))}
              >
                {words.save}
              </Button>
            </li>
          ))}
        </ul>
      )}
    </>
  );
}

function noteText(note: Note | undefined): string {
  switch (note?.kind) {
    case 'verified':
    case 'exported':
    case 'cancelled':
    case 'deleting':
      return words[note.kind];
    case 'imported':
      return note.loaded ? words.imported : words.importedButRunning;
    case 'files':
      return words.saveHeading;
    default:
      return ''; // an error is an alert of its own
  }
}
