/** Takes the height of rows that are not in the page. @param props.height in CSS pixels; 0 renders nothing. */
export function RowGap({ height, columns }: { height: number; columns: number }) {
  if (height <= 0) return null;
  return (
    <tr className="gap" style={{ height }}>
      <td colSpan={columns} />
    </tr>
  );
}
