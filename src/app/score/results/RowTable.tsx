import type { RowColumns } from '../../page/rows.ts';
import { useMedia } from '../../ui/layout/use-media.ts';
import { VirtualTable } from './VirtualTable.tsx';

// Height of a row in CSS pixels, fixed so that 100,000 rows need no measuring. On narrow screens a row has two lines.
const ROW_HEIGHT = { wide: 38, narrow: 76 };

/** The table of rows, for wide and for narrow screens. */
export function RowTable(props: {
  rows: RowColumns;
  isFinishedFirst: boolean;
  onOpen: (row: number) => void;
}) {
  const { rows, isFinishedFirst, onOpen } = props;
  const narrow = useMedia('(max-width: 720px)');
  const rowHeight = narrow ? ROW_HEIGHT.narrow : ROW_HEIGHT.wide;
  // Another height needs a new table, since measured positions no longer fit.
  return (
    <VirtualTable
      key={rowHeight}
      rows={rows}
      order={isFinishedFirst ? rows.finishedFirst() : null}
      rowHeight={rowHeight}
      onOpen={onOpen}
    />
  );
}
