import { linesOf } from './lines.ts';
import { type Block, hasBullet, type MarkdownToken, parsedBlocksOf } from './markdown.ts';

const QUOTE_MARKS = /^[ \t]*(?:>[ \t]?)+/;

/**
 * Removes Markdown's marks from a text. The marked text stays, including code; cells of a table are joined by commas.
 * Line breaks and the indentation of items and code stay too.
 * @returns the text unchanged if it is nested too deeply to be read.
 */
export function plainText(text: string): string {
  const blocks = parsedBlocksOf(text);
  if (blocks === null) return text;
  const lines = linesOf(text).map(({ start, end, next }) => ({
    content: text.slice(start, end),
    lineEnd: text.slice(end, next),
  }));
  let plain = '';
  let at = 0;
  for (const block of blocks) {
    // Between blocks there are blank lines and lines of marks alone.
    for (; at < block.from; at += 1) plain += lines[at]!.lineEnd;
    const own = lines.slice(block.from, block.to);
    const contents = plainLines(
      block,
      own.map(({ content }) => content),
    );
    for (const [i, { lineEnd }] of own.entries()) {
      const content = contents[i];
      if (content !== null) plain += (content ?? '') + lineEnd;
    }
    at = block.to;
  }
  for (; at < lines.length; at += 1) plain += lines[at]!.lineEnd;
  return plain;
}

/** Plain lines for the lines of a block; null for a line to remove with its line end. */
function plainLines(block: Block, own: readonly string[]): (string | null)[] {
  if (block.kind === 'code') return codeLines(block, own);
  if (block.kind === 'row') {
    const [first, ...dashes] = own;
    return [indentation(first!) + block.inlines.map(textOf).join(', '), ...dashes.map(() => null)];
  }
  const text = block.inlines.map(textOf).join('');
  const contents = text.split('\n');
  const isHeading = block.kind === 'heading';
  // A link's title or code can contain a line break, so the result has fewer lines.
  return own.map((line, i) => {
    const content = contents[i];
    // Below a heading of two lines there is its mark.
    if (content === undefined) return isHeading ? null : '';
    const kept = hasBullet(line) ? content.replace(/^\*/, '•') : content;
    return isHeading ? kept : indentation(line) + kept.trimStart();
  });
}

/** The lines between the fences, or all lines of indented code. */
function codeLines({ code, isQuoted }: Block, own: readonly string[]): (string | null)[] {
  const inner = code === '' ? 0 : code.replace(/\n$/, '').split('\n').length;
  const isFenced = inner < own.length;
  return own.map((line, i) => {
    if (isFenced && (i === 0 || i > inner)) return null;
    return isQuoted ? line.replace(QUOTE_MARKS, '') : line;
  });
}

function indentation(line: string): string {
  return /^[ \t]*/.exec(line)![0];
}

/** The visible text of a token, line breaks as `\n`. */
function textOf(token: MarkdownToken): string {
  switch (token.type) {
    case 'softbreak':
    case 'hardbreak':
      return '\n';
    case 'inline':
    case 'image':
      return (token.children ?? []).map(textOf).join('');
    default:
      return token.content;
  }
}
