import type { ReactNode } from 'react';
import { Button, Heading } from 'react-aria-components';
import { ROW_FLAG } from '../../domain/row-flag.ts';
import { strings } from '../i18n/strings.ts';
import { useStore } from '../page/context.ts';
import { PageDialog } from '../ui/controls/PageDialog.tsx';
import { Notice } from '../ui/feedback/Notice.tsx';
import { openRow } from '../ui/navigation/open-row.ts';
import { useBackCloses } from '../ui/navigation/use-back-closes.ts';
import { RowProbabilities } from './RowProbabilities.tsx';
import { RowTurns } from './RowTurns.tsx';

const words = strings.row;

/** Shows one row in full: the model's answer with the texts, or the reason why the row was not scored. */
export function RowDialog(props: {
  /** Position in the file, from 0; null while closed. */
  row: number | null;
  notice: string | null;
  onMove: (row: number) => void;
  onClose: () => void;
  /** Further facts about the row. */
  children?: ReactNode;
}) {
  const { row, notice, onMove, onClose, children } = props;
  useBackCloses(row !== null, onClose);
  return (
    <PageDialog isOpen={row !== null} onClose={onClose}>
      {row !== null && (
        <RowContent row={row} notice={notice} onMove={onMove} onClose={onClose}>
          {children}
        </RowContent>
      )}
    </PageDialog>
  );
}

function RowContent(props: {
  row: number;
  notice: string | null;
  onMove: (row: number) => void;
  onClose: () => void;
  children: ReactNode;
}) {
  const { row, notice, onMove, onClose, children } = props;
  const { rows } = useStore();
  const isProblem = (rows.flags[row] ?? 0) & ROW_FLAG.problem;
  return (
    <>
      <div className="dialog-head">
        <Heading slot="title" className="dialog-title">
          {words.title(row + 1, rows.ids[row] ?? '')}
        </Heading>
        <div className="buttons">
          <Button
            className="button button-icon"
            aria-label={words.previous}
            isDisabled={row === 0}
            onPress={() => onMove(row - 1)}
          >
            ‹
          </Button>
          <Button
            className="button button-icon"
            aria-label={words.next}
            isDisabled={row + 1 >= rows.length}
            onPress={() => onMove(row + 1)}
          >
            ›
          </Button>
          {!isProblem && (
            <Button
              className="button"
              onPress={() => {
                onClose();
                openRow(row);
              }}
            >
              {strings.explorer.openRow}
            </Button>
          )}
          <Button className="button" onPress={onClose}>
            {words.close}
          </Button>
        </div>
      </div>
      <div className="dialog-body">
        {!isProblem && <RowProbabilities rows={rows} row={row} />}
        {!isProblem && children}
        {!isProblem && rows.has(row) && <Notice text={notice} />}
        <RowTurns key={row} row={row} />
      </div>
    </>
  );
}
