import { ROW_FLAG } from '../../domain/row-flag.ts';
import { strings } from '../i18n/strings.ts';

const MARKS = ['problem', 'truncated', 'duplicate', 'plainText'] as const;

/** The cell with the marks of a row. @param props.titled explains each mark on hover. */
export function RowMarks({ flags, titled = false }: { flags: number; titled?: boolean }) {
  const { marks, markTitles } = strings.results;
  return (
    <td className="cell-marks">
      {MARKS.filter((mark) => flags & ROW_FLAG[mark]).map((mark) => (
        <span
          key={mark}
          className={`mark mark-${mark}`}
          title={titled ? markTitles[mark] : undefined}
        >
          {marks[mark]}
        </span>
      ))}
    </td>
  );
}
