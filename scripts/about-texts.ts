import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Plugin } from 'vite';

/** The documents that the page's footer links to: name under `about/`, and path in the repository. */
const TEXTS = { readme: 'README.md', licence: 'LICENSE', notice: 'NOTICE' };

const address = (name: string) => `about/${name}.txt`;

/** Reads a text with a byte order mark, since hosts send plain text without its encoding and browsers would guess. */
function text(file: string): string {
  const path = fileURLToPath(new URL(`../${file}`, import.meta.url));
  return `\uFEFF${readFileSync(path, 'utf8')}`;
}

/** Puts README, licence and notices beside the page, where they can be read offline. */
export function aboutTexts(): Plugin {
  return {
    name: 'tiebreak:about-texts',
    generateBundle() {
      for (const [name, file] of Object.entries(TEXTS)) {
        this.emitFile({ type: 'asset', fileName: address(name), source: text(file) });
      }
    },
    configureServer({ middlewares }) {
      middlewares.use((request, response, next) => {
        const found = Object.entries(TEXTS).find(([name]) => request.url === `/${address(name)}`);
        if (found === undefined) return next();
        response.setHeader('Content-Type', 'text/plain; charset=utf-8');
        response.end(text(found[1]));
      });
    },
  };
}
