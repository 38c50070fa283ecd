import { createElement, Fragment, type ReactNode } from 'react';
import { isTooDeep, type MarkdownToken, markdownParser } from '../../../data/prose/markdown.ts';
import { strings } from '../../i18n/strings.ts';

const words = strings.row.rendered;

const parser = markdownParser();
// Addresses are shown and never followed, so they stay as written.
parser.normalizeLink = (address) => address;

/** An element whose end the parser has not reached. */
interface Open {
  make: (children: ReactNode[]) => ReactNode;
  children: ReactNode[];
}

/**
 * Turns a Markdown text into React elements. Nothing in them can load, run or be followed: HTML appears as written,
 * links and images as text with their address. Only the elements named here can result. Returns null for nesting so
 * deep that a part would be lost.
 */
export function renderMarkdown(text: string): ReactNode | null {
  const tokens = parser.parse(text, {});
  return isTooDeep(tokens) ? null : build(tokens);
}

function build(tokens: readonly MarkdownToken[]): ReactNode {
  const root: Open = {
    make: (children) => createElement(Fragment, null, ...children),
    children: [],
  };
  const stack = [root];
  for (const token of tokens) {
    if (token.nesting === 1) {
      stack.push({ make: elementOf(token), children: [] });
    } else if (token.nesting === -1) {
      const closed = stack.pop()!;
      stack.at(-1)!.children.push(closed.make(closed.children));
    } else {
      stack.at(-1)!.children.push(leaf(token));
    }
  }
  return root.make(root.children);
}

const PLAIN: Record<string, string> = {
  paragraph_open: 'p',
  bullet_list_open: 'ul',
  list_item_open: 'li',
  blockquote_open: 'blockquote',
  thead_open: 'thead',
  tbody_open: 'tbody',
  tr_open: 'tr',
  em_open: 'em',
  strong_open: 'strong',
  s_open: 's',
};

/** Returns the function that makes the element of an opening token from its contents. */
function elementOf(token: MarkdownToken): Open['make'] {
  const element =
    (name: string | typeof Fragment, props: object | null = null) =>
    (children: ReactNode[]) =>
      createElement(name, props, ...children);
  switch (token.type) {
    case 'heading_open': {
      const level = Number(token.tag.slice(1));
      // Below the page's own headings, which end at level four.
      return element(`h${Math.min(6, level + 4)}`, { className: `md-heading md-h${level}` });
    }
    case 'ordered_list_open':
      return element('ol', { start: Number(token.attrGet('start') ?? 1) });
    case 'table_open':
      return (children) => scroller('div', words.table, createElement('table', null, ...children));
    case 'th_open':
    case 'td_open': {
      const align = /left|center|right/.exec(attribute(token, 'style'))?.[0];
      return element(
        token.tag === 'th' ? 'th' : 'td',
        align === undefined ? null : { className: `md-${align}` },
      );
    }
    case 'link_open':
      return (children) => link(attribute(token, 'href'), children);
    default:
      return element((token.hidden ? undefined : PLAIN[token.type]) ?? Fragment);
  }
}

function leaf(token: MarkdownToken): ReactNode {
  switch (token.type) {
    case 'inline':
      return build(token.children ?? []);
    case 'softbreak':
    case 'hardbreak':
      return createElement('br');
    case 'hr':
      return createElement('hr');
    case 'code_inline':
      return createElement('code', null, token.content);
    case 'fence':
    case 'code_block':
      return scroller('pre', words.code, createElement('code', null, token.content));
    case 'image': {
      const text = words.image(token.content, attribute(token, 'src'));
      return createElement('span', { className: 'md-image' }, text);
    }
    default:
      return token.content;
  }
}

/** An attribute as text; empty if missing. */
function attribute(token: MarkdownToken, name: string): string {
  return String(token.attrGet(name) ?? '');
}

/** A link's text, followed by its address unless both are the same. */
function link(address: string, children: ReactNode[]): ReactNode {
  const isItself = children.length === 1 && children[0] === address;
  return createElement(
    Fragment,
    null,
    createElement('span', { className: 'md-link' }, ...children),
    isItself ? '' : createElement('span', { className: 'md-address' }, ` (${address})`),
  );
}

/** Wraps content that may be too wide in an area that scrolls, by keyboard too. */
function scroller(name: 'div' | 'pre', label: string, content: ReactNode): ReactNode {
  const props = { className: 'md-scroll', tabIndex: 0, role: 'group', 'aria-label': label };
  return createElement(name, props, content);
}
