import { linesOf } from './lines.ts';
import { blocksOf } from './markdown.ts';

/** A part of a text that can be removed: `[start, end)` in UTF-16 units, without surrounding white space. */
export interface Segment {
  start: number;
  end: number;
  kind: 'sentence' | 'item' | 'heading' | 'code' | 'row';
}

let sentences: Intl.Segmenter | undefined;

/**
 * The sentences, list items, headings, code blocks and table rows of a text, in order; see {@link blocksOf}. Everything
 * except white space is in exactly one of them: a line of marks alone counts as a sentence.
 */
export function segmentsOf(text: string): Segment[] {
  const found: Segment[] = [];
  const lines = linesOf(text);
  let at = 0;
  for (const { kind, from, to } of blocksOf(text)) {
    const start = lines[from]!.start;
    const { end } = lines[to - 1]!;
    addSentences(found, text, at, start);
    if (kind === 'paragraph') addSentences(found, text, start, end);
    else add(found, text, start, end, kind);
    at = end;
  }
  addSentences(found, text, at, text.length);
  return found;
}

/** Removes a segment from a text, with the white space before it (after it for the first segment). */
export function leaveOut(text: string, segments: readonly Segment[], index: number): string {
  if (index === 0) return text.slice(segments[1]?.start ?? text.length);
  return text.slice(0, segments[index - 1]!.end) + text.slice(segments[index]!.end);
}

/** Merges neighbours until at most `most` segments are left. */
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

function addSentences(found: Segment[], text: string, start: number, end: number): void {
  const stretch = text.slice(start, end);
  if (stretch.trim() === '') return;
  sentences ??= new Intl.Segmenter(undefined, { granularity: 'sentence' });
  for (const { index, segment } of sentences.segment(stretch)) {
    add(found, text, start + index, start + index + segment.length, 'sentence');
  }
}

/** Adds a range without its surrounding white space, unless it is blank. */
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
