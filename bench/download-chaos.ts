/**
 * Downloads packages from hosts that drop connections, send wrong lengths, flip bits, send pages instead of files,
 * ignore ranges, replace files or stall. Every download must end complete and verified (by Node's own SHA-256), or in a
 * named error. Stops at the first that does not.
 *
 * `npx tsx bench/download-chaos.ts [--scenarios 200] [--seed 0]`
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { NodeSink } from '../src/storage/node-file.ts';
import { MemorySink } from '../src/storage/sink.ts';
import { chaos, type Report } from '../testing/download/chaos.ts';

const print = (line: string) => process.stdout.write(`${line}\n`);
const { values } = parseArgs({
  options: {
    scenarios: { type: 'string', default: '200' },
    seed: { type: 'string', default: '0' },
  },
});
const [scenarios, first] = [Number(values.scenarios), Number(values.seed)];
print(
  `${new Date().toISOString().slice(0, 10)}, Node ${process.version}, ${scenarios} scenarios from seed ${first}`,
);

const folder = mkdtempSync(join(tmpdir(), 'tiebreak-chaos-'));
const started = performance.now();
const reports: Report[] = [];
let next = first;
// Most of the time is spent waiting for stalled responses.
await Promise.all(
  Array.from({ length: 8 }, async () => {
    while (next < first + scenarios) {
      const seed = next;
      next += 1;
      // Alternates between the disk and memory.
      const sink = seed % 2 === 0 ? new MemorySink() : new NodeSink(join(folder, String(seed)));
      try {
        reports.push(await chaos(seed, sink));
      } catch (thrown) {
        throw new Error(`seed ${seed}`, { cause: thrown });
      }
    }
  }),
);
rmSync(folder, { recursive: true });

for (const kind of ['bounded', 'replaced', 'hostile'] as const) {
  const some = reports.filter((report) => report.kind === kind);
  print(`${kind} hosts (${some.length}): ${tally(some.map(({ end }) => end))}`);
}
print(
  `tries before those that ended otherwise: ${tally(reports.flatMap(({ earlier }) => earlier))}`,
);
const repairs = reports.flatMap(({ repair }) => repair ?? []);
print(`a damaged bit, repaired from the same host (${repairs.length}): ${tally(repairs)}`);
const faults = new Map<string, number>();
for (const report of reports) {
  for (const [kind, n] of report.faults) faults.set(kind, (faults.get(kind) ?? 0) + n);
}
print(`faults: ${[...faults].map(([kind, n]) => `${kind} ${n}`).join(', ')}`);
const requests = reports.reduce((sum, report) => sum + report.requests, 0);
const seconds = (performance.now() - started) / 1000;
print(`${requests} requests in ${seconds.toFixed(0)} s; nothing corrupt was accepted`);
if (reports.some(({ kind, end }) => kind === 'bounded' && end !== 'complete')) {
  throw new Error('a host that became well was not enough');
}

function tally(list: string[]): string {
  const counts = new Map<string, number>();
  for (const one of list) counts.set(one, (counts.get(one) ?? 0) + 1);
  const sorted = [...counts].sort((a, b) => b[1] - a[1]);
  return sorted.map(([name, n]) => `${name} ${n}`).join(', ');
}
