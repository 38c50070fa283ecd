import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));

/**
 * The fonts of a browser: `bare` has only DejaVu, like a fresh Debian, so that Japanese appears as boxes; `japanese`
 * has a narrower Latin font and a Japanese one, similar to those of most users.
 */
export type Fonts = 'bare' | 'japanese';

const DEJAVU = 'node_modules/dejavu-fonts-ttf/ttf';
const FONTS: Record<Fonts, { folders: string[]; families: string[] }> = {
  bare: { folders: [DEJAVU], families: ['DejaVu Sans'] },
  japanese: {
    folders: [DEJAVU, 'node_modules/@expo-google-fonts/sawarabi-gothic'],
    families: ['DejaVu Sans Condensed', 'Sawarabi Gothic'],
  },
};

/**
 * The environment of a browser with these fonts and none of the machine's, so that lines break in the same places on
 * every machine. Only Linux finds fonts through Fontconfig; elsewhere it has no effect.
 */
export function fontsEnv(fonts: Fonts): Record<string, string> {
  const folder = join(root, '.cache/fonts', fonts);
  const file = join(folder, 'fonts.conf');
  mkdirSync(folder, { recursive: true });
  writeFileSync(file, fontconfig(fonts, join(folder, 'cache')));
  const env = Object.entries(process.env).filter((entry): entry is [string, string] => !!entry[1]);
  return { ...Object.fromEntries(env), FONTCONFIG_FILE: file };
}

function fontconfig(fonts: Fonts, cache: string): string {
  const { folders, families } = FONTS[fonts];
  const alias = (generic: string, prefer: string[]) =>
    `<alias binding="same"><family>${generic}</family><prefer>${prefer
      .map((family) => `<family>${family}</family>`)
      .join('')}</prefer></alias>`;
  return [
    '<?xml version="1.0"?>',
    '<fontconfig>',
    ...folders.map((folder) => `<dir>${join(root, folder)}</dir>`),
    `<cachedir>${cache}</cachedir>`,
    alias('system-ui', families),
    alias('sans-serif', families),
    alias('monospace', ['DejaVu Sans Mono']),
    '</fontconfig>',
    '',
  ].join('\n');
}
