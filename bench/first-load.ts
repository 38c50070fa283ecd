/**
 * Measures the bytes that the built page loads before it can be used, compressed as hosts do: its style sheets, its
 * scripts with all their imports, and the texts of one language. `npx vite build` first.
 *
 *   npx tsx bench/first-load.ts [--dist FOLDER] [--language ja]
 */
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { firstLoad } from '../testing/first-load.ts';

const { values } = parseArgs({
  options: {
    dist: { type: 'string', default: join(import.meta.dirname, '../dist') },
    language: { type: 'string', default: 'en' },
  },
});

const files = firstLoad(values.dist, values.language).toSorted((a, b) => b.gzip - a.gzip);
const lines = files.map(
  ({ file, bytes, gzip }) => `${String(gzip).padStart(7)} ${String(bytes).padStart(7)}  ${file}`,
);
const total = files.reduce((sum, { gzip }) => sum + gzip, 0);
lines.push(
  `${(total / 1000).toFixed(1)} kB compressed, ${files.length} files (${values.language})`,
);
process.stdout.write(`${lines.join('\n')}\n`);
