import { language } from '../../i18n/language.ts';

/** The elements of a saved report; all others are omitted. */
const TAGS = new Set(
  (
    'section div h1 h2 h3 p span dl dt dd table caption thead tbody tr th td figure figcaption details summary ul ol li ' +
    'svg g line path rect circle text tspan title'
  ).split(' '),
);
const ATTRIBUTES = new Set(
  (
    'class style scope colspan viewBox width height x y x1 x2 y1 y2 cx cy r rx d dx dy transform text-anchor fill stroke ' +
    'stroke-width role aria-label aria-hidden tabindex'
  ).split(' '),
);
/** Selects controls, and elements for the screen only. */
const LEFT_OUT =
  '.screen-only, .button, .buttons, .field, .switch, .radio, .row-tools, .hidden, .bar-space';
/** The saved file loads and runs nothing, wherever it is opened. */
const POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:";

/**
 * Makes a self-contained page from a part of this page: its elements without controls, and the styles of this page. It
 * follows the colour scheme of its reader's system.
 */
export function paperPage(part: Element, title: string): string {
  const page = document.implementation.createHTMLDocument(title);
  const copy = page.importNode(part, true);
  for (const element of copy.querySelectorAll(LEFT_OUT)) element.remove();
  for (const button of copy.querySelectorAll('button')) button.replaceWith(asText(button, page));
  for (const element of [copy, ...copy.querySelectorAll('*')]) clean(element);
  copy.classList.remove('paper-hidden');
  const head = [
    '<meta charset="utf-8">',
    `<meta http-equiv="Content-Security-Policy" content="${POLICY}">`,
    '<meta name="viewport" content="width=device-width, initial-scale=1">',
    page.head.innerHTML,
    // Inserted as text, since this page's own policy forbids the element.
    `<style>${styles()}</style>`,
  ];
  return `<!doctype html>
<html lang="${language}">
<head>${head.join('\n')}</head>
<body><div id="root">${copy.outerHTML}</div></body>
</html>
`;
}

function asText(button: Element, page: Document): Element {
  const isCell = button.classList.contains('cell-button');
  const text = page.createElement(isCell ? 'div' : 'span');
  if (isCell) text.className = button.className;
  text.style.cssText = (button as HTMLElement).style.cssText;
  text.append(...button.childNodes);
  return text;
}

function clean(element: Element): void {
  if (!TAGS.has(element.localName)) element.remove();
  for (const { name } of [...element.attributes]) {
    if (!ATTRIBUTES.has(name)) element.removeAttribute(name);
  }
  if (element.getAttribute('tabindex') === '-1') element.removeAttribute('tabindex');
}

function styles(): string {
  const rules = [...document.styleSheets].flatMap(({ cssRules }) => [...cssRules]);
  return rules.map(({ cssText }) => cssText).join('\n');
}
