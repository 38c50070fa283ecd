/**
 * Draws the icons in public/ from public/favicon.svg with Chromium. Run it by hand when that file changes: `npx tsx
 * scripts/icons.ts`.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { chromium, type Page } from '@playwright/test';
import { chromiumArgs, chromiumPath } from '../testing/browser/chromium.ts';

const folder = fileURLToPath(new URL('../public/', import.meta.url));
const svg = readFileSync(`${folder}favicon.svg`, 'utf8');
const GROUND = '#0b6e63';

/**
 * Draws the icon as a PNG with this many pixels. It takes `share` of the width; the rest is background for systems that
 * cut out a shape.
 */
async function png(page: Page, size: number, share = 1): Promise<Buffer> {
  await page.setViewportSize({ width: size, height: size });
  const ground = share === 1 ? 'transparent' : GROUND;
  await page.setContent(
    `<style>*{margin:0}body{display:grid;place-items:center;height:100vh;background:${ground}}svg{width:${100 * share}vw}</style>${svg}`,
  );
  return await page.screenshot({ omitBackground: true });
}

/** Packs PNGs of these sizes into an .ico file. */
function ico(images: { size: number; data: Buffer }[]): Buffer {
  const head = Buffer.alloc(6 + 16 * images.length);
  head.writeUInt16LE(1, 2);
  head.writeUInt16LE(images.length, 4);
  let offset = head.length;
  for (const [i, { size, data }] of images.entries()) {
    const at = 6 + 16 * i;
    head.writeUInt8(size, at);
    head.writeUInt8(size, at + 1);
    head.writeUInt16LE(1, at + 4);
    head.writeUInt16LE(32, at + 6);
    head.writeUInt32LE(data.length, at + 8);
    head.writeUInt32LE(offset, at + 12);
    offset += data.length;
  }
  return Buffer.concat([head, ...images.map(({ data }) => data)]);
}

const browser = await chromium.launch({
  executablePath: chromiumPath(),
  args: chromiumArgs('none'),
});
const page = await browser.newPage();
writeFileSync(`${folder}icon-192.png`, await png(page, 192));
writeFileSync(`${folder}icon-512.png`, await png(page, 512));
writeFileSync(`${folder}icon-maskable-512.png`, await png(page, 512, 0.8));
writeFileSync(`${folder}apple-touch-icon.png`, await png(page, 180, 0.99));
const small = [];
for (const size of [16, 32, 48]) small.push({ size, data: await png(page, size) });
writeFileSync(`${folder}favicon.ico`, ico(small));
await browser.close();
