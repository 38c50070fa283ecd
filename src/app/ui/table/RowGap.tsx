/** Holds the place of rows that are not in the page. @param props.height in CSS pixels; nothing for none. */
export function RowGap({ height, columns }: { height: number; columns: number }) {
  if (height <= 0) return null;
  return (
    <tr className="gap" style={{ height }}>
      <td colSpan={columns} />
    </tr>
  );
}
