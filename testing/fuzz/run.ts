import { TiebreakError } from '../../src/domain/errors.ts';
import { Dice } from './dice.ts';
import { TARGETS } from './targets.ts';
import { BrokenRule, WatchedFiles } from './watched.ts';

const LONGEST_MS = 1000;
// Bytes beside the files: the decoder's table of float16 values, made once, and a few small reads.
const SPARE_BYTES = 2 ** 20;
const SPARE_HEAP = 2 ** 28;

export interface FuzzOptions {
  seed: number;
  cases: number;
  /** Number of the first case, to reproduce one. */
  from?: number;
  /** Called before each case, for a watchdog. */
  onCase?: (index: number) => void;
}

export interface FuzzReport {
  /** Number of cases by target and outcome: `read`, or the code of the refusal. */
  outcomes: Map<string, Map<string, number>>;
  slowest: { ms: number; index: number };
  /** Most bytes of array buffers that stayed allocated after a case, beyond the size of its files. */
  largestGrowth: number;
  longestMessage: number;
}

/**
 * Runs cases until one breaks a rule. Each must end in a result that keeps the rules of its format, or in a {@link
 * TiebreakError}, within a second, without reading or allocating more than its files hold.
 * @throws BrokenRule naming the case.
 */
export async function fuzz(options: FuzzOptions): Promise<FuzzReport> {
  const { seed, cases, from = 0, onCase } = options;
  const report: FuzzReport = {
    outcomes: new Map(TARGETS.map(({ name }) => [name, new Map()])),
    slowest: { ms: 0, index: from },
    largestGrowth: 0,
    longestMessage: 0,
  };
  for (let index = from; index < from + cases; index += 1) {
    onCase?.(index);
    await runCase(seed, index, report);
  }
  return report;
}

async function runCase(seed: number, index: number, report: FuzzReport): Promise<void> {
  const target = TARGETS[index % TARGETS.length]!;
  const files = new WatchedFiles(target.make(new Dice(Math.imul(seed, 0x9e3779b1) ^ index)));
  const broken = (what: string, cause?: unknown) =>
    new BrokenRule(`seed ${seed}, case ${index} (${target.name}): ${what}`, { cause });
  const before = process.memoryUsage();
  const started = performance.now();
  let outcome = 'read';
  try {
    await target.read(files);
  } catch (error) {
    if (!(error instanceof TiebreakError)) throw broken(String(error), error);
    outcome = error.code;
    report.longestMessage = Math.max(report.longestMessage, error.message.length);
  }
  const ms = performance.now() - started;
  const after = process.memoryUsage();
  const { size, demand } = files;
  const growth = after.arrayBuffers - before.arrayBuffers - size;
  if (ms > LONGEST_MS) throw broken(`took ${Math.round(ms)} ms`);
  if (growth > 3 * size + SPARE_BYTES) throw broken(`left ${growth} bytes for ${size}`);
  if (after.heapUsed - before.heapUsed > SPARE_HEAP) throw broken('filled the heap');
  // Checkpoints read an index and config.json more than once.
  if (demand.total > 4 * size) throw broken(`read ${demand.total} bytes of ${size}`);
  const counts = report.outcomes.get(target.name)!;
  counts.set(outcome, (counts.get(outcome) ?? 0) + 1);
  if (ms > report.slowest.ms) report.slowest = { ms, index };
  report.largestGrowth = Math.max(report.largestGrowth, growth);
}
