import { useState } from 'react';
import { Button } from 'react-aria-components';
import type { CsvSummary } from '../../../scoring/rows/row-events.ts';
import { errorLine } from '../../i18n/error-text.ts';
import { strings } from '../../i18n/strings.ts';

const FIRST = 5;

/** Lists the rows that cannot be scored, each with the reason and the remedy. */
export function ProblemList({ summary }: { summary: CsvSummary }) {
  const { problems, problemRows, rows } = summary;
  const [all, setAll] = useState(false);
  const { place: words } = strings.errorNote;
  const shown = all ? problems : problems.slice(0, FIRST);
  return (
    <div className="note note-error">
      <p className="note-title">
        {problemRows === rows ? strings.file.nothingToScore : strings.file.problems(problemRows)}
      </p>
      <ul className="problems">
        {shown.map(({ index, id, error }) => (
          <li key={index}>
            <p className="problem-place">
              {words.row(index + 1)}
              {error.place?.column !== undefined && `, ${words.column(error.place.column)}`}
              {id !== '' && <span className="problem-id">id {id}</span>}
            </p>
            <p>{errorLine(error)}</p>
          </li>
        ))}
      </ul>
      {shown.length < problemRows && <p>{strings.file.problemsShown(shown.length, problemRows)}</p>}
      {problems.length > FIRST && (
        <Button className="button button-small" onPress={() => setAll(!all)}>
          {all ? strings.file.fewerProblems : strings.file.allProblems(problems.length)}
        </Button>
      )}
    </div>
  );
}
