import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { openJournal } from '../../src/cli/files/journal.ts';
import { CsvFile } from '../../src/data/csv/reader.ts';
import { DEFAULT_SETTINGS } from '../../src/domain/settings.ts';
import { packedTokens } from '../../src/engine/planning/prefixes.ts';
import { journalHeader } from '../../src/scoring/journal/start-journal.ts';
import type { Lane } from '../../src/scoring/lanes/lane.ts';
import type { RecoveryOptions } from '../../src/scoring/lanes/lane-worker.ts';
import type { BatchPlan } from '../../src/scoring/rows/batches.ts';
import { RowIndex } from '../../src/scoring/rows/row-index.ts';
import { Run } from '../../src/scoring/run.ts';
import { NodeFileSource } from '../../src/storage/node-file.ts';
import type { TokenizerPool } from '../../src/tokens/pool/pool.ts';

/** Shared by every run of the bench. */
export interface Rows {
  folder: string;
  /** The rows, as a CSV file. */
  csv: Uint8Array;
  pool: TokenizerPool;
  model: { name: string; sha256: string };
  adapter: string;
}

/** A finished run. */
export interface Scored {
  seconds: number;
  tokens: number;
  computed: number;
  batches: number;
  incidents: string[];
  /** Milliseconds since 1970. */
  from: number;
  to: number;
  /** The time of each lane's last batch, and its number of batches. */
  lanes: { last: number; batches: number }[];
  /** The bits of each text's logits, by a hash of its tokens. */
  logits: Map<string, string>;
  /** The submission. */
  csv: string;
  plan: BatchPlan;
}

let runs = 0;

/** Scores rows as `npm run score` does, from the CSV to the submission. @param onRows receives the finished share. */
export async function scoreRows(
  { folder, csv, pool, model, adapter }: Rows,
  lanes: readonly Lane[],
  plan: BatchPlan,
  options: { onShare?: (share: number) => void; recovery?: RecoveryOptions } = {},
): Promise<Scored> {
  runs += 1;
  const path = join(folder, `rows-${runs}.csv`);
  writeFileSync(path, csv);
  const settings = DEFAULT_SETTINGS;
  const index = await RowIndex.read(await CsvFile.open(await NodeFileSource.open(path)), settings);
  const logits = new Map<string, string>();
  const noted = lanes.map((lane) => noting(lane, logits));
  const out = join(folder, `out-${runs}.csv`);
  const journal = await openJournal(out, {
    header: journalHeader(index, model, [adapter], settings, null),
    engine: { engine: lanes[0]!.info, plan },
    restart: true,
    otherEngine: false,
    batchTokens: plan.maxTokens,
  });
  const incidents: string[] = [];
  const run = new Run({
    index,
    lanes: noted.map(({ lane }) => lane),
    pool,
    settings,
    plan,
    journal,
    recovery: options.recovery,
    onProgress: ({ rowsDone, rowsTotal }) => options.onShare?.(rowsDone / rowsTotal),
    onIncident: ({ lane, error, action }) =>
      incidents.push(`lane ${lane}: ${error.code}, ${error.message} (${action})`),
  });
  const from = now();
  const summary = await run.score();
  const text = run.results.csv('omit').join('');
  writeFileSync(out, text);
  const to = now();
  await journal.close();
  if (!summary.complete) throw new Error('rows are missing');
  return {
    seconds: (to - from) / 1000,
    tokens: summary.tokens,
    computed: noted.reduce((sum, { counts }) => sum + counts.computed, 0),
    batches: noted.reduce((sum, { counts }) => sum + counts.batches, 0),
    incidents,
    from,
    to,
    lanes: noted.map(({ counts: { last, batches } }) => ({ last, batches })),
    logits,
    csv: text,
    plan,
  };
}

/** Counts the texts whose bits differ between two runs, and compares the submissions. */
export function differences(a: Scored, b: Scored): string {
  const keys = new Set([...a.logits.keys(), ...b.logits.keys()]);
  const other = [...keys].filter((key) => a.logits.get(key) !== b.logits.get(key)).length;
  const files = a.csv === b.csv ? 'the same bytes' : 'DIFFERENT';
  return `${other} of ${keys.size} texts with other bits of logits; submissions ${files}`;
}

/** A lane that records its results. */
function noting(lane: Lane, logits: Map<string, string>) {
  const counts = { last: 0, batches: 0, computed: 0 };
  const noted: Lane = {
    get info() {
      return lane.info;
    },
    get bounds() {
      return lane.bounds;
    },
    get overlaps() {
      return lane.overlaps ?? false;
    },
    async logits(rows, signal) {
      const values = await lane.logits(rows, signal);
      counts.last = now();
      counts.batches += 1;
      counts.computed += packedTokens(rows);
      for (const [i, row] of rows.entries()) {
        const bits = Buffer.from(values.slice(3 * i, 3 * i + 3).buffer).toString('hex');
        logits.set(createHash('sha1').update(row).digest('hex'), bits);
      }
      return values;
    },
    rebuild: (signal) => lane.rebuild!(signal),
    close: () => lane.close?.(),
  };
  return { lane: noted, counts };
}

function now(): number {
  return performance.timeOrigin + performance.now();
}
