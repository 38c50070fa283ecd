import { expect, test } from '../testing/browser/page.ts';

// On other systems a browser has the machine's fonts.
test.skip(process.platform !== 'linux', 'fonts are chosen through Fontconfig');

test(
  'the browser sees the fonts of its project and no others',
  { tag: '@fonts' },
  async ({ page }, { project }) => {
    const widths = await page.evaluate(() => {
      const context = document.createElement('canvas').getContext('2d')!;
      context.font = '100px system-ui';
      return ['日本語', 'width'].map((text) => Math.round(context.measureText(text).width));
    });
    // Japanese letters are as wide as they are high; without a font for them they are boxes of another width.
    expect(widths[0] === 300).toBe(project.name === 'fonts');
    // DejaVu Sans, and its condensed variant.
    expect(widths[1]! > 270).toBe(project.name !== 'fonts');
  },
);
