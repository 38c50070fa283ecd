import MarkdownIt from 'markdown-it';

/** Deepest nesting; below it the parser drops text. */
const MAX_NESTING = 60;

/**
 * Makes a parser of Markdown as chat pages show it: CommonMark with tables and strikethrough. HTML in a text stays
 * text.
 */
export function markdownParser() {
  return new MarkdownIt({ html: false, breaks: true, maxNesting: MAX_NESTING });
}

type Parser = ReturnType<typeof markdownParser>;
export type MarkdownToken = ReturnType<Parser['parse']>[number];

/** True if a text is nested so deeply that some of its tokens are missing. */
export function isTooDeep(tokens: readonly MarkdownToken[]): boolean {
  return tokens.some(
    ({ level, children }) => level >= MAX_NESTING - 1 || (children !== null && isTooDeep(children)),
  );
}

/**
 * A block with its own text, as opposed to one that holds other blocks. `item`: the first paragraph of a list item, or
 * its mark alone; `row`: a row of a table, the first one with the line of dashes below it.
 */
export interface Block {
  kind: 'paragraph' | 'item' | 'heading' | 'code' | 'row';
  /** Its first line, from 0, and the line after its last one. */
  from: number;
  to: number;
  /** Its inline tokens: one; for a row one per cell; for code none. */
  inlines: MarkdownToken[];
  /** The text of a code block. */
  code: string;
  /** True inside a quotation, where lines begin with `>`. */
  isQuoted: boolean;
}

/**
 * The mark of a list item, as the source of a pattern. It finds items that were cut off: for the parser, a mark alone
 * at the end of a paragraph is not an item.
 */
export const ITEM_MARK = '(?:[-*+•]|\\d{1,9}[.)])';

/** A bullet that chat texts use and CommonMark lacks. */
const BULLET = /^([ \t]*)•(?=[ \t]+\S)/gm;

/**
 * Matches the start of a line in every text with a list or code. Half of all texts have no match and need no parser.
 */
const MAY_HAVE_MARKS = new RegExp(
  `^[ \\t>]*(?:${ITEM_MARK}(?:[ \\t\\r]|$)|\`{3}|~{3}| {4}|\\t)`,
  'm',
);

let blocksOnly: Parser | undefined;
let whole: Parser | undefined;

/** Finds out if a text has a list or a block of code. */
export function marksOf(text: string): { hasList: boolean; hasCode: boolean } {
  if (!MAY_HAVE_MARKS.test(text)) return { hasList: false, hasCode: false };
  const tokens = parseBlocks(text);
  return {
    hasList: tokens.some(({ type }) => type === 'list_item_open'),
    hasCode: tokens.some(isCode),
  };
}

/** The blocks of a text, in order and without shared lines. Lines of white space, or of marks alone, belong to none. */
export function blocksOf(text: string): Block[] {
  return leaves(parseBlocks(text));
}

/** The same as {@link blocksOf}, with the tokens of their texts; null if tokens are missing, see {@link isTooDeep}. */
export function parsedBlocksOf(text: string): Block[] | null {
  whole ??= markdownParser();
  const tokens = whole.parse(withStars(text), {});
  return isTooDeep(tokens) ? null : leaves(tokens);
}

/** True if a line begins with a bullet that {@link parsedBlocksOf} reads as a star. */
export function hasBullet(line: string): boolean {
  return withStars(line) !== line;
}

function parseBlocks(text: string): MarkdownToken[] {
  if (blocksOnly === undefined) {
    blocksOnly = markdownParser();
    blocksOnly.core.ruler.enableOnly(['normalize', 'block']);
  }
  return blocksOnly.parse(withStars(text), {});
}

/** The result has the same length, so that offsets stay valid. */
function withStars(text: string): string {
  return text.includes('•') ? text.replace(BULLET, '$1*') : text;
}

function isCode({ type }: MarkdownToken): boolean {
  return type === 'fence' || type === 'code_block';
}

function leaves(tokens: readonly MarkdownToken[]): Block[] {
  const found: Block[] = [];
  let quotes = 0;
  let isHead = false;
  /** The line of an item's mark that is not in a block yet. */
  let mark: number | null = null;
  const add = (kind: Block['kind'], from: number, to: number, code = '') => {
    found.push({ kind, from: mark ?? from, to, inlines: [], code, isQuoted: quotes > 0 });
    mark = null;
  };
  for (const token of tokens) {
    const [from, to] = token.map ?? [0, 0];
    switch (token.type) {
      case 'blockquote_open':
        quotes += 1;
        break;
      case 'blockquote_close':
        quotes -= 1;
        break;
      case 'list_item_open':
        if (mark !== null && mark < from) add('item', mark, mark + 1);
        mark = from;
        break;
      case 'list_item_close':
        if (mark !== null) add('item', mark, mark + 1);
        break;
      case 'paragraph_open':
        add(mark === null ? 'paragraph' : 'item', from, to);
        break;
      case 'heading_open':
        add('heading', from, to);
        break;
      case 'thead_open':
        isHead = true;
        break;
      case 'thead_close':
        isHead = false;
        break;
      case 'tr_open':
        add('row', from, isHead ? to + 1 : to);
        break;
      case 'inline':
        found.at(-1)!.inlines.push(token);
        break;
      default:
        if (isCode(token)) add('code', from, to, token.content);
    }
  }
  return found;
}
