import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gigabytes, percent } from '../figures.ts';
import { chromeTrace, type Interval, idleOf } from '../gpu-trace.ts';
import { memoryUsed } from './cards.ts';
import { intervalsOf, type Trace } from './engine-process.ts';
import { differences, type Scored } from './rows.ts';

/** The output of the bench; it repeats its results at the end. */
export class Report {
  private readonly started = performance.now();
  private readonly results: string[] = [];

  get seconds(): number {
    return (performance.now() - this.started) / 1000;
  }

  print(line: string): void {
    process.stdout.write(`${this.seconds.toFixed(0).padStart(4)} s  ${line}\n`);
  }

  result(line: string): void {
    this.results.push(line);
    this.print(`RESULT ${line}`);
  }

  /** Runs a part of the bench. A failure is a result, and the bench continues. */
  async part(name: string, work: () => Promise<void>): Promise<void> {
    this.print(`--- ${name}`);
    try {
      await work();
    } catch (thrown) {
      this.failed(name, thrown);
    }
  }

  failed(name: string, thrown: unknown): void {
    const text = thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown);
    this.result(`${name}: FAILED ${text.slice(0, 1200)}`);
  }

  end(why: string): void {
    this.print(`${why}; all results again:`);
    for (const line of this.results) process.stdout.write(`RESULT ${line}\n`);
  }

  run(name: string, run: Scored): void {
    this.result(
      `${name}: ${run.logits.size} texts, ${run.tokens} tokens (${run.computed} computed) in ${run.batches} batches, ${run.seconds.toFixed(2)} s, ${rate(run).toFixed(0)} tokens/s`,
    );
  }

  /** Reports a run that lost a card, beside one that did not. */
  lost(name: string, run: Scored, base: Scored): void {
    this.run(name, run);
    const { incidents } = run;
    this.result(
      `${name}: ${differences(base, run)}; ${incidents.length} incidents: ${incidents.join('; ').slice(0, 700)}`,
    );
  }

  /** Reports the share of a run during which cards were busy. */
  idle(name: string, run: Scored, traces: readonly Trace[], cards: readonly number[]): void {
    for (const card of cards) {
      this.idleOf(`${name}, card ${card}`, run, intervalsOf(traces[card]!.passes));
    }
  }

  private idleOf(name: string, { from, to }: Scored, all: readonly Interval[]): void {
    const passes = all.filter((pass) => pass.to > from && pass.from < to);
    const [first] = passes;
    if (first === undefined) {
      this.result(`${name}: no passes`);
      return;
    }
    const { busy, idleShare, longestGap, milliseconds } = idleOf(passes);
    const last = Math.max(...passes.map((pass) => pass.to));
    const whole = to - from;
    this.result(
      `${name}: busy ${(busy / 1000).toFixed(2)} s of ${(whole / 1000).toFixed(2)} s (idle ${percent(1 - busy / whole)}); begins ${(first.from - from).toFixed(0)} ms after the run, ends ${(to - last).toFixed(0)} ms before it; between its first and last work of ${(milliseconds / 1000).toFixed(2)} s idle ${percent(idleShare)}, at most ${longestGap.toFixed(1)} ms at once`,
    );
  }
}

/** Tokens of the texts per second, including shared ones. */
export function rate({ tokens, seconds }: Scored): number {
  return tokens / seconds;
}

/** Growth of the memory in use on each card. */
export function grown(before: readonly number[] | null): string {
  const after = memoryUsed();
  if (before === null || after === null) return 'not told';
  return after.map((used, i) => gigabytes(used - before[i]!)).join(' and ');
}

/** Writes the activity of cards to `$OUT`, for Perfetto. */
export function saveTraces(name: string, traces: readonly Trace[]): void {
  const out = process.env.OUT;
  if (out === undefined) return;
  const rows = traces.map(({ passes }, i) => [`card ${i}`, intervalsOf(passes)] as const);
  mkdirSync(out, { recursive: true });
  writeFileSync(join(out, name), chromeTrace(Object.fromEntries(rows)));
}
