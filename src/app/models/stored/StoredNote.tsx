import { Button } from 'react-aria-components';
import type { StoredPackage } from '../../../packages/api.ts';
import { fileSize } from '../../i18n/format.ts';
import { strings } from '../../i18n/strings.ts';
import { ErrorNote } from '../../ui/feedback/ErrorNote.tsx';
import { saveBlob } from '../../ui/files/save.ts';
import { usePackages } from '../state/context.ts';
import type { Note } from '../state/packages-state.ts';
import { RepairButton } from './RepairButton.tsx';

const words = strings.own;

/** The outcome of the last job on a stored package. */
export function StoredNote({ stored }: { stored: StoredPackage }) {
  const { id, address } = stored;
  const note = usePackages((state) => state.notes[id]);
  return (
    <>
      <p className="help" role="status">
        {noteText(note)}
      </p>
      {note?.kind === 'failed' && (
        <ErrorNote error={note.error}>
          {note.error.code === 'package/damaged' && address !== null && (
            <RepairButton stored={stored} />
          )}
        </ErrorNote>
      )}
      {note?.kind === 'files' && (
        <ul className="save-list">
          {note.files.map(({ path, file }) => (
            <li key={path}>
              <span className="save-path">{path}</span>
              <span className="help numbers">{fileSize(file.size)}</span>
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
    case 'repaired':
    case 'exported':
    case 'cancelled':
    case 'deleting':
      return words[note.kind];
    case 'imported':
      return note.loaded ? words.imported : words.importedButRunning;
    case 'downloaded':
      return note.loaded ? words.downloaded : words.downloadedButRunning;
    case 'files':
      return words.saveHeading;
    default:
      return ''; // an error is an alert of its own
  }
}
