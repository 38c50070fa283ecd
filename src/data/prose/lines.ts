/** A line of a text, `[start, end)` in UTF-16 units without its line end; the next one begins at `next`. */
interface Line {
  start: number;
  end: number;
  next: number;
}

const LINE_END = /\r\n?|\n/g;

/** Splits a text into lines as Markdown does. */
export function linesOf(text: string): Line[] {
  const lines: Line[] = [];
  let start = 0;
  for (const { index, 0: lineEnd } of text.matchAll(LINE_END)) {
    const next = index + lineEnd.length;
    lines.push({ start, end: index, next });
    start = next;
  }
  lines.push({ start, end: text.length, next: text.length });
  return lines;
}
