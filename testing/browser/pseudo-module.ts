import { fileURLToPath } from 'node:url';
import { build } from 'vite';

/** The module of a language's texts, with the pseudo-language under the export name of the Japanese ones. */
export async function pseudoModule(): Promise<string> {
  const built = await build({
    configFile: false,
    logLevel: 'error',
    build: {
      write: false,
      target: 'es2023',
      lib: {
        entry: fileURLToPath(new URL('../pseudo-language.ts', import.meta.url)),
        formats: ['es'],
      },
    },
  });
  const [bundle] = Array.isArray(built) ? built : [built];
  if (bundle === undefined || !('output' in bundle)) throw new Error('nothing was built');
  return bundle.output[0].code
    .replace(/\bas pseudo\b/, 'as japanese')
    .replace(/export \{ pseudo \}/, 'export { pseudo as japanese }');
}
