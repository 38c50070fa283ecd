import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from '@playwright/test';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** Scores the same file on the command line. @returns the rows of numbers. */
export function scoreInNode(csv: string, ...options: string[]): string[] {
  const folder = mkdtempSync(join(tmpdir(), 'tiebreak-e2e-'));
  const file = join(folder, 'test.csv');
  const out = join(folder, 'submission.csv');
  writeFileSync(file, csv);
  const run = join(root, 'scripts/run.mjs');
  execFileSync(
    process.execPath,
    [run, 'score', file, '--out', out, '--device', 'wasm', ...options],
    {
      stdio: 'pipe',
    },
  );
  return readFileSync(out, 'utf8').trimEnd().split('\n');
}

/**
 * Returns the largest difference between two submissions. Checks that they have the same ids in the same order, and
 * that each row of the first sums to 1.
 */
export function largestDifference(lines: string[], others: string[]): number {
  expect(lines.length).toBe(others.length);
  let largest = 0;
  for (const [i, line] of lines.entries()) {
    const [id, ...numbers] = line.split(',');
    const [otherId, ...otherNumbers] = others[i]!.split(',');
    expect(id).toBe(otherId);
    if (i === 0) continue;
    const values = numbers.map(Number);
    expect(Math.abs(values[0]! + values[1]! + values[2]! - 1)).toBeLessThan(1e-6);
    for (const [c, value] of values.entries()) {
      largest = Math.max(largest, Math.abs(value - Number(otherNumbers[c])));
    }
  }
  return largest;
}
