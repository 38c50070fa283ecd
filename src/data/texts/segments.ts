/** A part of a text that can be left out: `[start, end)` in UTF-16 units, without the white space around it. */
export interface Segment {
  start: number;
  end: number;
  kind: 'sentence' | 'item' | 'heading' | 'code' | 'row';
}

const FENCE = /^[ \t]*(`{3,}|~{3,})/;
const ITEM = /^[ \t]*(?:[-*+•]|\d{1,9}[.)])[ \t]+\S/;
const HEADING = /^ {0,3}#{1,6}[ \t]+\S/;
const ROW = /^[ \t]*\|.*\|[ \t]*$/;
const INDENTED = /^(?: {2,}|\t)/;

let sentences: Intl.Segmenter | undefined;

/**
 * The sentences, list items, headings, code blocks and table rows of a text, in order. Everything but white space is in
 * exactly one of them.
 */
export function segmentsOf(text: string): Segment[] {
  const found: Segment[] = [];
  const lines = linesOf(text);
  for (let i = 0; i < lines.length; ) {
    const line = lines[i]!;
    const content = text.slice(line.start, line.end);
    let next = i + 1;
    const fence = FENCE.exec(content)?.[1];
    if (fence !== undefined) {
      // As in Markdown, a fence that is never closed lasts to the end.
      while (next < lines.length && !closes(textOf(text, lines[next]!), fence)) next += 1;
      next = Math.min(lines.length, next + 1);
      add(found, text, line.start, lines[next - 1]!.end, 'code');
    } else if (HEADING.test(content)) {
      add(found, text, line.start, line.end, 'heading');
    } else if (ROW.test(content)) {
      add(found, text, line.start, line.end, 'row');
    } else if (ITEM.test(content)) {
      while (next < lines.length && continuesItem(textOf(text, lines[next]!))) next += 1;
      add(found, text, line.start, lines[next - 1]!.end, 'item');
    } else {
      while (next < lines.length && isProse(textOf(text, lines[next]!))) next += 1;
      addSentences(found, text, line.start, lines[next - 1]!.end);
    }
    i = next;
  }
  return found;
}

/** The text without one of its segments and the white space before it (of the first one: after it). */
export function leaveOut(text: string, segments: readonly Segment[], index: number): string {
  if (index === 0) return text.slice(segments[1]?.start ?? text.length);
  return text.slice(0, segments[index - 1]!.end) + text.slice(segments[index]!.end);
}

/** Neighbours put together, so that at most `most` are left. */
export function coarser(segments: readonly Segment[], most: number): Segment[] {
  const size = Math.ceil(segments.length / Math.max(1, most));
  if (size <= 1) return [...segments];
  const merged: Segment[] = [];
  for (let i = 0; i < segments.length; i += size) {
    const last = segments[Math.min(segments.length, i + size) - 1]!;
    merged.push({ start: segments[i]!.start, end: last.end, kind: segments[i]!.kind });
  }
  return merged;
}

function linesOf(text: string): { start: number; end: number }[] {
  const lines = [];
  for (let start = 0; start <= text.length; ) {
    const newline = text.indexOf('\n', start);
    const end = newline === -1 ? text.length : newline;
    lines.push({ start, end });
    start = end + 1;
  }
  return lines;
}

function textOf(text: string, { start, end }: { start: number; end: number }): string {
  return text.slice(start, end);
}

function closes(line: string, fence: string): boolean {
  const trimmed = line.trim();
  return trimmed.length >= fence.length && trimmed === fence[0]!.repeat(trimmed.length);
}

function continuesItem(line: string): boolean {
  return INDENTED.test(line) && !ITEM.test(line) && !FENCE.test(line) && line.trim() !== '';
}

function isProse(line: string): boolean {
  return ![FENCE, HEADING, ROW, ITEM].some((start) => start.test(line));
}

function addSentences(found: Segment[], text: string, start: number, end: number): void {
  sentences ??= new Intl.Segmenter(undefined, { granularity: 'sentence' });
  for (const { index, segment } of sentences.segment(text.slice(start, end))) {
    add(found, text, start + index, start + index + segment.length, 'sentence');
  }
}

/** Adds a stretch without the white space around it, if anything is left of it. */
function add(
  found: Segment[],
  text: string,
  from: number,
  to: number,
  kind: Segment['kind'],
): void {
  const stretch = text.slice(from, to);
  const start = from + (stretch.length - stretch.trimStart().length);
  const end = from + stretch.trimEnd().length;
  if (end > start) found.push({ start, end, kind });
}
