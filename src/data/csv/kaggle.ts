import type { Pair } from '../../domain/settings.ts';
import { PAIR_COLUMNS } from './column-names.ts';
import { csvField } from './field.ts';

/** Everything outside ASCII, one UTF-16 unit at a time. */
const NOT_ASCII = /[\u0080-\uffff]/g;

/**
 * Writes pairs as the competition writes `test.csv`: cells are quoted JSON arrays, with `\/` for slashes and
 * lower-case `\uXXXX` for everything outside ASCII. Lines end in LF.
 */
export function toKaggleCsv(pairs: Iterable<Pair & { id: string }>): string {
  const lines = [`${PAIR_COLUMNS.join(',')}\n`];
  for (const { id, prompt, responseA, responseB } of pairs) {
    const cells = [prompt, responseA, responseB].map(kaggleCell);
    lines.push(`${csvField(id)},${cells.join(',')}\n`);
  }
  return lines.join('');
}

function kaggleCell(turns: string[]): string {
  const json = JSON.stringify(turns)
    .replaceAll('/', '\\/')
    .replace(NOT_ASCII, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
  return `"${json.replaceAll('"', '""')}"`;
}
