import MarkdownIt from 'markdown-it';

/** Deeper than this, the parser drops what it reads. */
const MAX_NESTING = 60;

/**
 * A parser of Markdown as chat pages show it: CommonMark with tables and strikethrough. HTML in a text stays
 * text.
 */
export function markdownParser() {
  return new MarkdownIt({ html: false, breaks: true, maxNesting: MAX_NESTING });
}

type Parser = ReturnType<typeof markdownParser>;
export type MarkdownToken = ReturnType<Parser['parse']>[number];

/** True where a text is nested so deeply that tokens of it are missing. */
export function isTooDeep(tokens: readonly MarkdownToken[]): boolean {
  return tokens.some(
    ({ level, children }) => level >= MAX_NESTING - 1 || (children !== null && isTooDeep(children)),
  );
}

/**
 * A block with text of its own, without the blocks that hold others. `item`: the first paragraph of a list
 * item, or its mark alone; `row`: a row of a table, the first one with the line of dashes below it.
 */
export interface Block {
  kind: 'paragraph' | 'item' | 'heading' | 'code' | 'row';
  /** Its first line, from 0, and the line after its last one. */
  from: number;
  to: number;
  /** Its texts: one, of a row one a cell, of code none. */
  inlines: MarkdownToken[];
  /** Of code: the text in it. */
  code: string;
  /** Whether it stands in a quotation, so that its lines begin with `>`. */
  isQuoted: boolean;
}

/**
 * The mark of a list item, as the source of a pattern. Needed where an item was cut off: a mark alone at the
 * end of a paragraph is no item for the parser.
 */
export const ITEM_MARK = '(?:[-*+•]|\\d{1,9}[.)])';

/** A bullet that CommonMark does not know and chat texts have. */
const BULLET = /^([ \t]*)•(?=[ \t]+\S)/gm;

/** Begins a line of every text with a list or code. Half of the texts have none of it and need no parser. */
const MAY_HAVE_MARKS = new RegExp(
  `^[ \\t>]*(?:${ITEM_MARK}(?:[ \\t\\r]|$)|\`{3}|~{3}| {4}|\\t)`,
  'm',
);

let blocksOnly: Parser | undefined;
let whole: Parser | undefined;

/** Finds out whether a text has a list or a block of code. */
export function marksOf(text: string): { hasList: boolean; hasCode: boolean } {
  if (!MAY_HAVE_MARKS.test(text)) return { hasList: false, hasCode: false };
  const tokens = parseBlocks(text);
  return {
    hasList: tokens.some(({ type }) => type === 'list_item_open'),
    hasCode: tokens.some(isCode),
  };
}

/**
 * The blocks of a text, in order and without common lines. Lines of white space and of marks alone are in
 * none.
 */
export function blocksOf(text: string): Block[] {
  return leaves(parseBlocks(text));
}

/**
 * {@link blocksOf} with the tokens in their texts; null where some would be missing, see {@link isTooDeep}.
 */
export function parsedBlocksOf(text: string): Block[] | null {
  whole ??= markdownParser();
  const tokens = whole.parse(withStars(text), {});
  return isTooDeep(tokens) ? null : leaves(tokens);
}

/** True where a line begins with a bullet that {@link parsedBlocksOf} reads as a star. */
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

/** As long as the text, so that places in it stay. */
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
  /** The line of an item's mark which is not yet in a block. */
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
