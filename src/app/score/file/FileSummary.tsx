import { notesIn } from '../../../data/csv/notes.ts';
import { fileSize } from '../../i18n/format.ts';
import { strings } from '../../i18n/strings.ts';
import { useApp } from '../../page/context.ts';
import type { CsvState } from '../../page/state.ts';
import { ProblemList } from './ProblemList.tsx';

/** Rows, problems and duplicates of the file. */
export function FileSummary({ csv }: { csv: Extract<CsvState, { status: 'ready' }> }) {
  const outdated = useApp((state) => state.settings.textMode !== csv.textMode);
  const { name, rows, bytes, notes, hasLabels } = csv.summary;
  const { duplicateRows, plainTextRows, problemRows } = csv.summary;
  const lines = notes.map(notesIn(strings.notes));
  if (duplicateRows > 0) lines.push(strings.file.duplicates(duplicateRows));
  if (plainTextRows > 0) lines.push(strings.file.plainText(plainTextRows));
  if (problemRows === 0) lines.push(strings.file.allGood);
  if (hasLabels) lines.push(strings.file.labelled);
  if (outdated) lines.push(strings.file.readAgainAtStart);
  return (
    <>
      <p className="card-title">
        <span className="file-name">{name}</span>
        <span className="card-title-aside numbers">
          {strings.file.rows(rows)}, {fileSize(bytes)}
        </span>
      </p>
      {lines.length > 0 && (
        <ul className="lines">
          {lines.map((line) => (
            <li key={line}>{line}</li>
          ))}
        </ul>
      )}
      {problemRows > 0 && <ProblemList summary={csv.summary} />}
    </>
  );
}
