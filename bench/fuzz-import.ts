/**
 * Feeds the readers of the import with random bytes and with almost valid files (`testing/fuzz/`), and prints the
 * number of cases by outcome. Stops at the first that breaks a rule. A hanging case is named and ends the process.
 *
 * `npx tsx bench/fuzz-import.ts [--cases 100000] [--seed N] [--from CASE]`
 */
import { parseArgs } from 'node:util';
import { Worker } from 'node:worker_threads';
import { fuzz } from '../testing/fuzz/run.ts';
import { TARGETS } from '../testing/fuzz/targets.ts';

const HANG_MS = 10_000;
const print = (line: string) => process.stdout.write(`${line}\n`);

const { values } = parseArgs({
  options: {
    cases: { type: 'string', default: '100000' },
    seed: { type: 'string', default: String(Math.floor(Math.random() * 2 ** 31)) },
    from: { type: 'string', default: '0' },
  },
});
const [cases, seed, from] = [values.cases, values.seed, values.from].map(Number) as [
  number,
  number,
  number,
];
print(
  `${new Date().toISOString().slice(0, 10)}, Node ${process.version}, seed ${seed}, ${cases} cases from ${from}`,
);

const watched = new Float64Array(new SharedArrayBuffer(8)).fill(from);
const watchdog = startWatchdog();
const started = performance.now();
const report = await fuzz({
  seed,
  cases,
  from,
  onCase: (index) => {
    watched[0] = index;
  },
});
await watchdog.terminate();

for (const [target, counts] of report.outcomes) {
  const sorted = [...counts].sort((a, b) => b[1] - a[1]);
  print(`${target}: ${sorted.map(([outcome, n]) => `${outcome} ${n}`).join(', ')}`);
}
const seconds = (performance.now() - started) / 1000;
const { ms, index } = report.slowest;
print(
  `${cases} cases in ${seconds.toFixed(0)} s, all as they should be; the slowest took ${ms.toFixed(0)} ms (case ${index}, ${TARGETS[index % TARGETS.length]!.name})`,
);
print(
  `most bytes allocated beyond the files: ${report.largestGrowth}; longest message: ${report.longestMessage} characters`,
);

/** A hanging case blocks this thread, so another thread watches the number of the case. */
function startWatchdog(): Worker {
  const code = `
    const { workerData } = require('node:worker_threads');
    let [last, since] = [-1, Date.now()];
    setInterval(() => {
      if (workerData[0] !== last) [last, since] = [workerData[0], Date.now()];
      else if (Date.now() - since > ${HANG_MS}) {
        require('node:fs').writeSync(2, 'case ' + last + ' hangs\\n');
        process.kill(process.pid, 'SIGKILL');
      }
    }, 500);`;
  const worker = new Worker(code, { eval: true, workerData: watched });
  worker.unref();
  return worker;
}
