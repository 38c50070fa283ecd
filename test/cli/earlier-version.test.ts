import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, test } from 'vitest';
import { ModelPackage } from '../../src/model/package.ts';
import { readJournal, rowsDoneOf } from '../../src/scoring/journal/journal.ts';
import { sha256 } from '../../src/storage/hash.ts';
import { NodeDirectory } from '../../src/storage/node-file.ts';
import { command } from '../../testing/command.ts';

/* The README of the fixture describes how commit c888c69 wrote it. The commands run in the same place;
   `--other-device` is for machines with another number of threads, which is part of the device's name. */
const fixture = fileURLToPath(new URL('../fixtures/written-by-c888c69', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'tiebreak-earlier-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const model = join(fixture, 'package');
const score = (out: string, ...options: string[]) =>
  command(
    ...['score', join(fixture, 'test.csv'), '--out', out, '--model', model],
    ...['--device', 'wasm', '--batch-tokens', '600', '--tta', ...options],
  );

test('the package of an earlier version has every file that its manifest names, whole', async () => {
  const { manifest, adapterNames, files } = await ModelPackage.open(new NodeDirectory(model));
  expect(adapterNames).toEqual(['a', 'b']);
  const named = Object.entries(manifest.files);
  expect(named).toHaveLength(12);
  for (const [path, file] of named) {
    const source = await files.open(path);
    expect([path, source.size, await sha256(source)]).toEqual([path, file.bytes, file.sha256]);
  }
});

test.for([
  { run: 'one', adapters: ['a'], sequences: 32, rows: 16 },
  { run: 'two', adapters: ['a', 'b'], sequences: 28, rows: 14 },
])(
  "an earlier version's run with $adapters is continued to the submission that it would have written",
  {
    timeout: 240_000,
  },
  async ({ run, adapters, sequences, rows }) => {
    const kept = readFileSync(join(fixture, `${run}.csv.journal`));
    const journal = readJournal(kept);
    expect(journal.bytes).toBe(kept.length);
    expect(journal.header.adapters).toEqual(adapters);
    expect(journal.batches.flatMap((batch) => [...batch.sequences])).toHaveLength(sequences);
    expect(rowsDoneOf(journal)).toBe(rows);

    const submission = readFileSync(join(fixture, `${run}.csv`), 'utf8');
    const options = adapters.flatMap((name) => ['--adapter', name]);
    const out = join(folder, `${run}.csv`);
    // With its last bytes missing, as after a crash while writing, the last batch is computed again.
    for (const torn of [0, 7]) {
      writeFileSync(`${out}.journal`, kept.subarray(0, kept.length - torn));
      const ended = await score(out, '--other-device', ...options);
      expect(ended).toMatchObject({ code: 0, stdout: '' });
      const finished = /continuing .*\.journal: (\d+) of 24 rows are finished/.exec(ended.stderr);
      if (torn === 0) expect(finished?.[1]).toBe(String(rows));
      else expect(Number(finished?.[1])).toBeLessThan(rows);
      expect(readFileSync(out, 'utf8')).toBe(submission);
    }

    const anew = join(folder, `${run}-anew.csv`);
    expect(await score(anew, ...options)).toMatchObject({ code: 0 });
    expect(readFileSync(anew, 'utf8')).toBe(submission);
  },
);
