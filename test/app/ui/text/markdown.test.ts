import fc from 'fast-check';
import { renderToStaticMarkup } from 'react-dom/server';
import { describe, expect, test } from 'vitest';
import { renderMarkdown } from '../../../../src/app/ui/text/markdown.ts';
import { anyText } from '../../../../testing/texts.ts';

const html = (text: string) => renderToStaticMarkup(renderMarkdown(text));

/** Everything that may result: no attribute is an address, and nothing loads or runs. */
const ALLOWED =
  /^<\/?(?:p|h[56]|ul|ol|li|blockquote|pre|code|em|strong|s|br|hr|span|div|table|thead|tbody|tr|th|td)(?: (?:class|start|tabindex|role|aria-label)="[^"<>]*")*\/?>$/;

/** Markup that would load, run or navigate. */
const hostile = fc.constantFrom(
  '<img src=https://x.test/a.png onerror=alert(1)>',
  '<script>alert(1)</script>',
  '![alt](https://x.test/a.png "title")',
  '![" onload="alert(1)](https://x.test/"a)',
  '[text](javascript:alert(1))',
  '[text](data:text/html,<b>)',
  '<https://x.test/?q="1">',
  '[ref]: https://x.test/b\n\n![a][ref] [b][ref]',
  '<iframe src=//x.test></iframe>',
  '<style>@import url(//x.test)</style>',
  '1. a\n   - b\n     > c\n\n| a | b |\n|:-:|--:|\n| `c` | ~~d~~ |',
  '1000000000000. one',
  '```html\n<b>\n```',
  '&lt;img src=x&gt;',
);

describe('rendered Markdown', () => {
  test('nothing comes out that loads, runs or can be followed', () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(hostile, anyText)), (parts) => {
        for (const tag of html(parts.join('\n\n')).match(/<[^>]*>/g) ?? []) {
          expect(tag).toMatch(ALLOWED);
        }
      }),
    );
  });

  test('HTML stays text; links and images show their addresses', () => {
    expect(html('<b>x</b>')).toBe('<p>&lt;b&gt;x&lt;/b&gt;</p>');
    expect(html('![a cat](https://x.test/c.png)')).toContain(
      '[Image: a cat (https://x.test/c.png)]',
    );
    expect(html('[here](https://x.test/日本)')).toBe(
      '<p><span class="md-link">here</span><span class="md-address"> (https://x.test/日本)</span></p>',
    );
    expect(html('<https://x.test>')).toBe('<p><span class="md-link">https://x.test</span></p>');
  });

  test('headings, lists, tables and code become such elements', () => {
    expect(html('# T\n\n3. a\n4. b **c**')).toBe(
      '<h5 class="md-heading md-h1">T</h5><ol start="3"><li>a</li><li>b <strong>c</strong></li></ol>',
    );
    expect(html('|a|b|\n|-|-:|\n|c|d|')).toContain(
      '<tr><td>c</td><td class="md-right">d</td></tr>',
    );
    expect(html('```py\nx < 1\n```')).toContain('<code>x &lt; 1\n</code></pre>');
    expect(html('one\ntwo')).toBe('<p>one<br/>two</p>');
  });

  test('nesting that would lose text is not rendered', () => {
    for (const mark of ['> ', '- ', '*a ']) {
      const deep = `${mark.repeat(5000)}x`;
      const rendered = renderMarkdown(deep);
      expect(rendered === null || renderToStaticMarkup(rendered).includes('x')).toBe(true);
    }
    expect(renderMarkdown(`${'> '.repeat(5000)}x`)).toBeNull();
    for (let depth = 1; depth < 80; depth += 1) {
      const rendered = renderMarkdown(`${'> '.repeat(depth)}x`);
      if (rendered !== null) expect(renderToStaticMarkup(rendered)).toContain('x');
    }
  });
});
