import { language } from '../../i18n/language.ts';

/** The elements of a saved report; anything else of the page is left out. */
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
/** Elements that can be pressed or typed into, and those that only the screen has. */
const LEFT_OUT =
  '.screen-only, .button, .buttons, .field, .switch, .radio, .row-tools, .hidden, .bar-space';
/** Nothing is fetched and nothing runs, wherever the file is opened. */
const POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:";

/**
 * A page that needs nothing but itself: the elements of a part of this page without what can be pressed, and the styles
 * of this page. It has the colours of its reader's system.
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
    // As text: this page's own policy would forbid the element.
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
