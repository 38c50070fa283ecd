/**
 * Imports a checkpoint of full size, loads it and computes a batch, measuring time, memory and bytes.
 * `bench/make-checkpoint.ts` writes the checkpoint.
 *
 * - `npx tsx bench/full-size.ts import CHECKPOINT ADAPTER OUT [--quant …] [--embedding …]`
 * - `npx tsx bench/full-size.ts kill CHECKPOINT ADAPTER OUT`: the import again, killed three times on the way and gone
 *   on with; compares with the package that `import` wrote at OUT.
 * - `npx tsx bench/full-size.ts load PACKAGE [webgpu|wasm]`
 *
 * Each is a process of its own, so that its peak memory is its own.
 */
import { spawn } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { cpus, release } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import type { Device } from '../src/engine/device/backend.ts';
import { openNodeBackend } from '../src/engine/device/backend-node.ts';
import { Engine } from '../src/engine/engine.ts';
import {
  type BuildOptions,
  JOURNAL,
  planPackage,
  type QuantOption,
  writePackage,
} from '../src/import/build.ts';
import { MANIFEST } from '../src/model/manifest-name.ts';
import { ModelPackage } from '../src/model/package.ts';
import { NodeDirectory, NodeSink } from '../src/storage/node-file.ts';

const print = (line: string) => process.stdout.write(`${line}\n`);
const gigabytes = (bytes: number) => `${(bytes / 1e9).toFixed(2)} GB`;
const since = (start: number) => ((performance.now() - start) / 1000).toFixed(1);

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { quant: { type: 'string' }, embedding: { type: 'string' } },
});
const [what, ...paths] = positionals;
print(
  `${new Date().toISOString().slice(0, 10)}, Node ${process.version}, Linux ${release()}, ${cpus().length} x ${cpus()[0]!.model}`,
);
if (what === 'import') await importAll(paths[0]!, paths[1]!, paths[2]!);
else if (what === 'kill') await killAndGoOn(paths[0]!, paths[1]!, paths[2]!);
else await loadAll(paths[0]!, paths[1] as Device | undefined);
print(`peak resident memory ${gigabytes(process.resourceUsage().maxRSS * 1024)}`);
process.exit(0);

async function importAll(base: string, adapter: string, out: string): Promise<void> {
  const started = performance.now();
  const plan = await planPackage({
    base: new NodeDirectory(base),
    adapters: [{ name: 'adapter', files: new NodeDirectory(adapter) }],
    quant: values.quant as QuantOption | undefined,
    embedding: values.embedding as BuildOptions['embedding'],
    name: 'full size',
  });
  const { storedAs, layers, quantization, embedding } = plan.facts;
  print(`${layers} layers stored as ${storedAs}, to ${quantization}, embedding ${embedding}`);
  print(`planned in ${since(started)} s`);
  let verifying: number | undefined;
  const writing = performance.now();
  await writePackage(plan, new NodeSink(out), {
    onProgress: ({ step }) => {
      if (step === 'verify' && verifying === undefined) {
        verifying = performance.now();
        print(`converted and written in ${since(writing)} s`);
      }
    },
  });
  print(`read back and verified in ${since(verifying!)} s`);
  print(`${gigabytes(plan.facts.bytes)} written, ${since(started)} s in all`);
}

async function killAndGoOn(base: string, adapter: string, whole: string): Promise<void> {
  const out = `${whole}-killed`;
  const start = () => {
    const args = [...process.execArgv, process.argv[1]!, 'import', base, adapter, out];
    return spawn(process.execPath, args, { stdio: 'inherit' });
  };
  for (let kill = 0; kill < 3; kill += 1) {
    const child = start();
    const ended = once(child, 'exit');
    await setTimeout(20_000 + randomInt(20_000));
    child.kill('SIGKILL');
    await ended;
    const { files, open } = JSON.parse(readFileSync(join(out, JOURNAL), 'utf8'));
    print(
      `killed with ${Object.keys(files).length} files complete and ${gigabytes(open?.bytes ?? 0)} of the next`,
    );
  }
  await once(start(), 'exit');
  const [a, b] = [whole, out].map((folder) => readFileSync(join(folder, MANIFEST)));
  print(`sizes and hashes of all files ${a!.equals(b!) ? 'are equal' : 'DIFFER'}`);
}

async function loadAll(directory: string, device?: Device): Promise<void> {
  const started = performance.now();
  const pkg = await ModelPackage.open(new NodeDirectory(directory));
  const engine = await Engine.load(pkg, await openNodeBackend(device));
  await engine.setAdapter(pkg.adapterNames[0] ?? null);
  const { computesOn, precision, weightBytes, layers } = engine.info;
  print(`${layers} layers on ${computesOn}, ${precision}: loaded in ${since(started)} s`);
  print(`${gigabytes(weightBytes)} of weights on the device`);
  const { vocabSize } = pkg.config;
  const rows = [512, 500, 480, 460].map((length) =>
    Int32Array.from({ length }, () => randomInt(3, vocabSize)),
  );
  const tokens = rows.reduce((sum, row) => sum + row.length, 0);
  for (const name of ['first batch, shaders compiled', 'second batch']) {
    const start = performance.now();
    const logits = await engine.logits(rows);
    const seconds = (performance.now() - start) / 1000;
    print(
      `${name}: ${tokens} tokens in ${seconds.toFixed(2)} s, ${Math.round(tokens / seconds)} tokens/s; first row ${[...logits.subarray(0, 3)].map((x) => x.toFixed(4)).join(', ')}`,
    );
  }
}
