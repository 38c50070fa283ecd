/**
 * Two equal GPUs of one machine: how they are told apart, two lanes, layers shared by two, and one that is lost in the middle.
 * Each GPU has a process of its own behind the lanes of the page; a generated model of Gemma-2-9B's shape scores preference pairs.
 *
 * `node two-gpus.mjs --csv FILE --tokenizer FOLDER [--rows 2000] [--few 600] [--parts probe,lanes,lost,split] [--seconds 540]`
 * on a GPU host, bundled as CONTRIBUTING.md says; FILE as `bench/full-run.ts --write-csv` writes it. Without GPUs:
 * `--drivers A.json,B.json --shape small --layers 2`, with two Vulkan drivers that stand for two cards.
 * Writes traces to `$OUT`.
 */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { threadPool } from '../src/cli/tokenizer-pool.ts';
import { executorText } from '../src/engine/executor/executor.ts';
import { ModelPackage } from '../src/model/package.ts';
import type { ModelLane } from '../src/scoring/lanes/start-lanes.ts';
import type { BatchPlan } from '../src/scoring/rows/batches.ts';
import { NodeDirectory } from '../src/storage/node-file.ts';
import { config9b, random, writeSyntheticPackage } from '../testing/synthetic.ts';
import { chromeTrace, type Interval, idleOf } from './gpu-trace.ts';
import { addSyntheticAdapter } from './synthetic-adapter.ts';
import { BY_DRIVER, type Card, listCards, memoryUsed, WAYS, type Way } from './two-gpus/cards.ts';
import { intervalsOf, serveEngine, type Trace } from './two-gpus/engine-process.ts';
import { Engines } from './two-gpus/engines.ts';
import { serveProbe, tryInOneProcess, tryWay } from './two-gpus/probe.ts';
import { commonPlan, differences, type Rows, type Scored, scoreRows } from './two-gpus/rows.ts';

const LORA = { name: 'bench', rank: 16, targets: ['q_proj', 'k_proj', 'v_proj'] } as const;
const VOCABULARY = 256_000;

const role = process.env.TWO_GPUS_ROLE;
if (role === undefined) await main();
else {
  process.on('disconnect', () => process.exit(0));
  if (role === 'engine') serveEngine();
  else if (role === 'probe') serveProbe();
  else process.exit(1);
}

async function main(): Promise<never> {
  const { values: options } = parseArgs({
    options: {
      csv: { type: 'string' },
      tokenizer: { type: 'string' },
      rows: { type: 'string', default: '2000' },
      few: { type: 'string', default: '600' },
      parts: { type: 'string', default: 'probe,lanes,lost,split' },
      'batch-tokens': { type: 'string', default: '8192' },
      layers: { type: 'string', default: '42' },
      shape: { type: 'string', default: '9b' },
      drivers: { type: 'string' },
      way: { type: 'string', default: '0' },
      seconds: { type: 'string', default: '540' },
    },
  });
  const started = performance.now();
  const elapsed = () => (performance.now() - started) / 1000;
  const lines: string[] = [];
  const print = (line: string): void => {
    process.stdout.write(`${elapsed().toFixed(0).padStart(4)} s  ${line}\n`);
  };
  const result = (line: string): void => {
    lines.push(line);
    print(`RESULT ${line}`);
  };
  const folder = mkdtempSync(join(tmpdir(), 'tiebreak-two-gpus-'));
  let engines: Engines | undefined;
  const finish = (why: string): never => {
    engines?.close();
    rmSync(folder, { recursive: true, force: true });
    print(`${why}; all results again:`);
    for (const line of lines) process.stdout.write(`RESULT ${line}\n`);
    process.exit(0);
  };
  process.on('uncaughtException', (error) => {
    result(`FAILED ${(error.stack ?? error.message).slice(0, 1500)}`);
    finish('it broke');
  });
  setTimeout(() => finish('the time is over'), 1000 * Number(options.seconds));

  const parts = options.parts.split(',');
  const part = async (name: string, work: () => Promise<void>): Promise<void> => {
    print(`--- ${name}`);
    try {
      await work();
    } catch (thrown) {
      const text = thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown);
      result(`${name}: FAILED ${text.slice(0, 1200)}`);
    }
  };
  const { csv, tokenizer } = options;
  if (csv === undefined || tokenizer === undefined) {
    throw new Error('--csv FILE and --tokenizer FOLDER are needed');
  }

  const cards = listCards(options.drivers);
  print(
    `${new Date().toISOString()}, Node ${process.version}, ${cpus().length} x ${cpus()[0]?.model}, cards ${JSON.stringify(cards)}`,
  );
  const pair = cards.slice(0, 2);
  let way: Way = options.drivers === undefined ? WAYS[Number(options.way)]! : BY_DRIVER;
  if (parts.includes('probe'))
    await part('equal cards told apart', async () => {
      way = await probe();
    });

  // The model is written while nothing else runs.
  const small = options.shape === 'small';
  const layers = Number(options.layers);
  const model = join(folder, 'model');
  mkdirSync(model);
  await writeSyntheticPackage(model, small ? smallConfig(layers) : config9b(layers, VOCABULARY), 7);
  await addSyntheticAdapter(model, { ...LORA, firstLayer: Math.floor((layers * 16) / 42) });
  const pkg = await ModelPackage.open(new NodeDirectory(model));
  print(`a model of ${layers} layers and ${VOCABULARY} words is written`);
  const file = readFileSync(csv);
  const common = {
    folder,
    pool: await threadPool(tokenizer),
    model: { name: pkg.manifest.name, sha256: pkg.sha256 },
    adapter: LORA.name,
  };
  const all: Rows = { ...common, csv: firstRows(file, Number(options.rows)) };
  const few: Rows = { ...common, csv: firstRows(file, Number(options.few)) };

  const use = new Engines(way, pair);
  engines = use;
  const [gpu, other] = await use.find();
  print(`GPUs ${gpu!.name} and ${other!.name}`);
  let plan!: BatchPlan;
  let weightBytes = 0;
  let one: Scored | undefined;
  let oneFew: Scored | undefined;

  const reset = () => Promise.all(pair.map(({ index }) => use.ask(index, 'reset')));
  const traces = async () =>
    (await Promise.all(pair.map(({ index }) => use.ask(index, 'trace')))) as Trace[];
  const rate = ({ tokens, seconds }: Scored) => tokens / seconds;
  const say = (name: string, run: Scored) =>
    result(
      `${name}: ${run.logits.size} texts, ${run.tokens} tokens (${run.computed} computed) in ${run.batches} batches, ${run.seconds.toFixed(2)} s, ${rate(run).toFixed(0)} tokens/s`,
    );
  const sayIdle = async (name: string, run: Scored, of: readonly Card[] = pair) => {
    const found = await traces();
    for (const { index } of of)
      sayIdleOf(`${name}, card ${index}`, run, intervalsOf(found[index]!.passes));
    return found;
  };
  const sayIdleOf = (name: string, { from, to }: Scored, all: Interval[]) => {
    const passes = all.filter((pass) => pass.to > from && pass.from < to);
    if (passes.length === 0) return result(`${name}: no passes`);
    const { busy, idleShare, longestGap, milliseconds } = idleOf(passes);
    const last = Math.max(...passes.map((pass) => pass.to));
    result(
      `${name}: busy ${(busy / 1000).toFixed(2)} s of ${((to - from) / 1000).toFixed(2)} s (idle ${percent(1 - busy / (to - from))}); begins ${(passes[0]!.from - from).toFixed(0)} ms after the run, ends ${(to - last).toFixed(0)} ms before it; between its first and last work of ${(milliseconds / 1000).toFixed(2)} s idle ${percent(idleShare)}, at most ${longestGap.toFixed(1)} ms at once`,
    );
  };
  const warm = async (lane: ModelLane) => {
    const next = random(11);
    const row = () => Int32Array.from({ length: small ? 16 : 1024 }, () => 3 + next() * 200_000);
    for (let i = 0; i < 3; i += 1) await lane.logits([row(), row(), row(), row()]);
  };

  if (parts.includes('lanes') || parts.includes('lost')) {
    await part('loading two lanes', async () => {
      const before = memoryUsed();
      const from = elapsed();
      const { lanes, infos } = await use.start(model, { lanes: 'all' });
      for (const { name, engine, error } of infos) {
        print(`lane ${name}: ${engine === null ? error?.message : executorText(engine)}`);
      }
      if (lanes.length < 2) throw new Error('there are not two lanes');
      const [a, b] = lanes as [ModelLane, ModelLane];
      weightBytes = a.info.weightBytes;
      plan = commonPlan(lanes, Number(options['batch-tokens']));
      result(
        `two lanes loaded in ${(elapsed() - from).toFixed(1)} s, weights ${gigabytes(weightBytes)} on each; memory in use grew by ${grown(before)}; plan ${JSON.stringify(plan)}`,
      );
      await Promise.all(lanes.map(warm));
      if (parts.includes('lanes')) {
        await reset();
        one = await scoreRows(all, [a], plan);
        say('one card', one);
        await sayIdle('one card', one, pair.slice(0, 1));
        await reset();
        const both = await scoreRows(all, lanes, plan);
        say('two lanes', both);
        result(
          `two lanes: ${(rate(both) / rate(one)).toFixed(3)} times one card (goal 1.95); lanes end ${Math.abs(both.lanes[0]!.last - both.lanes[1]!.last).toFixed(0)} ms apart, after ${both.lanes.map(({ batches }) => batches).join(' and ')} batches; ${differences(one, both)}`,
        );
        const found = await sayIdle('two lanes', both);
        save('trace-lanes.json', found);
        await reset();
        const second = await scoreRows(few, [b], plan);
        say('few rows, card 1 alone', second);
      }
      oneFew = await scoreRows(few, [a], plan);
      say('few rows, card 0 alone', oneFew);
      if (!parts.includes('lost')) return;
      const few2 = await scoreRows(few, lanes, plan);
      say('few rows, two lanes', few2);
      await part('device.destroy() on card 1 at 40 %', async () => {
        const run = await scoreRows(few, lanes, plan, {
          onShare: once(0.4, () => void use.ask(1, 'destroy')),
        });
        sayLost('device.destroy() on card 1 at 40 %', run, oneFew!);
      });
      await part('process of card 1 killed at 40 %', async () => {
        const run = await scoreRows(few, lanes, plan, { onShare: once(0.4, () => use.kill(1)) });
        sayLost('process of card 1 killed at 40 %, started again', run, oneFew!);
      });
      await part('card 1 gone for good at 40 %', async () => {
        const gone = () => {
          use.gone.add(1);
          use.kill(1);
        };
        const run = await scoreRows(few, lanes, plan, {
          onShare: once(0.4, gone),
          recovery: { rebuildWaits: [0] },
        });
        sayLost('card 1 gone for good at 40 %', run, oneFew!);
      });
      use.gone.clear();
      for (const lane of lanes) lane.close();
    });
    use.close();
  }

  if (parts.includes('split')) {
    await part('layers shared by two cards', async () => {
      await sleep(1500); // the driver frees what ended processes held
      if (weightBytes === 0) {
        // Of a package that is nothing but layers and the embedding, which stays in the processor's memory.
        const { bytes } = pkg.manifest.files[pkg.manifest.shards[0]!]!;
        weightBytes = bytes - 2 * pkg.config.vocabSize * pkg.config.hiddenSize;
      }
      // Too little for all layers on one card, enough for two: batches need some beside the weights.
      const budget = small ? 50_000_000 : Math.round(0.9 * weightBytes);
      const before = memoryUsed();
      const from = elapsed();
      const started = await use.start(model, {
        lanes: small ? 'split' : 'auto',
        budgets: use.boundEach(budget),
      });
      const [lane] = started.lanes as [ModelLane];
      const planned = started.plan!;
      result(
        `layers shared: budget ${gigabytes(budget)} each of ${gigabytes(weightBytes)} of weights; plan ${planned.lanes}, ${planned.gpus.map(({ range, totalBytes, batchTokens, streamedBytes }) => `layers ${range.from} to ${range.to}, ${gigabytes(totalBytes)}, parts of ${batchTokens} tokens, ${streamedBytes} bytes read again`).join(' | ')}; loaded in ${(elapsed() - from).toFixed(1)} s; memory in use grew by ${grown(before)}`,
      );
      print(lane.info.computesOn);
      plan ??= commonPlan([lane], Number(options['batch-tokens']));
      await warm(lane);
      await crossings(lane);
      await reset();
      use.crossings.length = 0;
      const shared = await scoreRows(one === undefined ? few : all, [lane], plan);
      say('layers shared', shared);
      const base = one ?? oneFew;
      if (base !== undefined) {
        result(
          `layers shared: ${(rate(shared) / rate(base)).toFixed(3)} times one card with all layers (goal 0.85); ${differences(base, shared)}`,
        );
      }
      const found = await sayIdle('layers shared', shared);
      save('trace-shared.json', found);
      const stage = (of: (at: (typeof use.crossings)[0]) => number) =>
        median(use.crossings.map(of));
      result(
        `layers shared, parts under way: ${use.crossings.length} parts, median of each: first card ${stage(({ asked, given }) => given - asked).toFixed(1)} ms, waiting ${stage(({ given, handed }) => handed - given).toFixed(1)} ms, second card ${stage(({ handed, done }) => done - handed).toFixed(1)} ms`,
      );
      const peaks = await Promise.all(pair.map(({ index }) => use.ask(index, 'memory')));
      result(
        `layers shared: buffers at most ${peaks.map((bytes) => gigabytes(bytes as number)).join(' and ')}`,
      );
      if (!parts.includes('lost') || oneFew === undefined) return;
      for (const card of [1, 0]) {
        const name = `layers shared, process of card ${card} killed at 40 %`;
        await part(name, async () => {
          const run = await scoreRows(few, [lane], plan, {
            onShare: once(0.4, () => use.kill(card)),
          });
          sayLost(name, run, oneFew!);
        });
      }
    });
  }
  return finish('done');

  function sayLost(name: string, run: Scored, base: Scored): void {
    say(name, run);
    result(
      `${name}: ${differences(base, run)}; ${run.incidents.length} incidents: ${run.incidents.join('; ').slice(0, 700)}`,
    );
  }

  /** One part after the other, so that nothing else is under way while one crosses. */
  async function crossings(lane: ModelLane): Promise<void> {
    const next = random(5);
    const length = small ? 16 : 2048;
    const count = small ? 4 : 20;
    await reset();
    use.crossings.length = 0;
    for (let i = 0; i < count; i += 1) {
      await lane.logits([Int32Array.from({ length }, () => 3 + next() * 200_000)]);
    }
    const [a, b] = await traces();
    const steps = use.crossings.map((crossing, i) => {
      const [from, to] = [intervalsOf(a!.calls)[i]!, intervalsOf(b!.calls)[i]!];
      const last = intervalsOf(a!.passes).findLast((pass) => pass.from < from.to)?.to ?? 0;
      const first = intervalsOf(b!.passes).find((pass) => pass.to > to.from)?.from ?? 0;
      return {
        all: first - last,
        read: from.to - last,
        there: crossing.given - from.to,
        back: to.from - crossing.handed,
        upload: first - to.from,
        whole: crossing.done - crossing.asked,
      };
    });
    const of = (name: keyof (typeof steps)[0]) =>
      median(steps.map((step) => step[name])).toFixed(1);
    result(
      `crossing of ${length} tokens (${((length * pkg.config.hiddenSize * 4) / 1e6).toFixed(1)} MB), median of ${steps.length} alone: ${of('all')} ms from the end on one card to the begin on the other (read ${of('read')}, to the lane ${of('there')}, to the other process ${of('back')}, upload and recording ${of('upload')}); a part takes ${of('whole')} ms through both`,
    );
  }

  async function probe(): Promise<Way> {
    if (options.drivers !== undefined) {
      const { lines: found } = await tryWay(BY_DRIVER, cards);
      for (const line of found) result(`told apart by ${BY_DRIVER.name}: ${line}`);
      const inOne = await tryInOneProcess(BY_DRIVER, cards);
      for (const line of inOne.lines) result(`in one process by ${BY_DRIVER.name}: ${line}`);
      return BY_DRIVER;
    }
    for (const line of (await tryWay(null, pair.slice(0, 1))).lines) {
      result(`without a choice: ${line}`);
    }
    let chosen: Way | undefined;
    let second: Way | undefined;
    for (const way of WAYS) {
      const { works, alone, lines: found } = await tryWay(way, pair);
      if (alone) second ??= way;
      for (const line of found) result(`told apart by ${way.name}: ${line}`);
      if (works) chosen ??= way;
      if (!works || way.variables === undefined) continue;
      const inOne = await tryInOneProcess(way, pair);
      for (const line of inOne.lines) result(`in one process by ${way.name}: ${line}`);
    }
    if (chosen === undefined && second !== undefined) {
      result(`no way is proved by memory; in this one each process saw one card: ${second.name}`);
      chosen = second;
    }
    result(`the lanes use: ${chosen?.name ?? 'no way works'}`);
    if (chosen === undefined) finish('equal cards cannot be told apart');
    return chosen!;
  }
}

/** Calls back once, when the share is reached. */
function once(share: number, then: () => void): (reached: number) => void {
  let done = false;
  return (reached) => {
    if (done || reached < share) return;
    done = true;
    then();
  };
}

function grown(before: number[] | null): string {
  const after = memoryUsed();
  if (before === null || after === null) return 'not told';
  return after.map((used, i) => gigabytes(used - before[i]!)).join(' and ');
}

function median(values: number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1] ?? Number.NaN;
}

/** The file up to so many rows. */
function firstRows(file: Buffer, rows: number): Uint8Array<ArrayBuffer> {
  let quoted = false;
  let lines = 0;
  let end = 0;
  for (; end < file.length && lines <= rows; end += 1) {
    if (file[end] === 0x22) quoted = !quoted;
    else if (file[end] === 0x0a && !quoted) lines += 1;
  }
  return new Uint8Array(file.subarray(0, end));
}

function smallConfig(layers: number): string {
  return config9b(layers, VOCABULARY)
    .replace('"hidden_size":3584', '"hidden_size":128')
    .replace('"intermediate_size":14336', '"intermediate_size":256')
    .replace('"num_attention_heads":16', '"num_attention_heads":2')
    .replace('"num_key_value_heads":8', '"num_key_value_heads":1')
    .replace('"head_dim":256', '"head_dim":64');
}

function save(name: string, traces: readonly Trace[]): void {
  const out = process.env.OUT;
  if (out === undefined) return;
  const rows = traces.map(({ passes }, i) => [`card ${i}`, intervalsOf(passes)] as const);
  mkdirSync(out, { recursive: true });
  writeFileSync(join(out, name), chromeTrace(Object.fromEntries(rows)));
}

function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`;
}

function gigabytes(bytes: number): string {
  return `${(bytes / 1e9).toFixed(3)} GB`;
}
