/**
 * Our kernels on a real GPU, in Node through Dawn: each product, exactness, and a model of Gemma-2-9B's shape in every
 * variant and in ONNX Runtime. Bundled and run as CONTRIBUTING.md says, with `test/fixtures` copied beside the bundle's
 * folder, and a process for each section, so that one that dies takes no other with it.
 *
 * `node wgsl.mjs [--sections attention,products,exact,tiny,model] [--layers 42] [--variants …] [--shape 9b|small] [--no-ort]
 *   [--rows FILE]` (see bench/make-wgsl-rows.ts)
 *
 * Prints as it goes and writes `$OUT/wgsl-SECTIONS.json`. What fails is printed and left out.
 */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { compareIds } from '../src/core/ids.ts';
import { planBatches } from '../src/core/plan.ts';
import { softmax } from '../src/core/probabilities.ts';
import { openNodeBackend } from '../src/engine/backend-node.ts';
import { EmbeddingTable } from '../src/engine/embedding.ts';
import { Engine } from '../src/engine/engine.ts';
import { GpuGuard } from '../src/engine/gpu-guard.ts';
import { LayerStore } from '../src/engine/layer-store.ts';
import { activationBytes } from '../src/engine/wgsl/activations.ts';
import { loadWgslAdapter, type WgslAdapter } from '../src/engine/wgsl/adapter.ts';
import { attentionKernel, attentionTile, queriesPerBlock } from '../src/engine/wgsl/attention.ts';
import { BLOCK_WORDS, packBatch } from '../src/engine/wgsl/batch.ts';
import { BufferPool, Staging } from '../src/engine/wgsl/buffers.ts';
import { factsOf, type WebGpuBackend, WgslModel } from '../src/engine/wgsl/model.ts';
import { Products } from '../src/engine/wgsl/products.ts';
import { Recorder } from '../src/engine/wgsl/recorder.ts';
import {
  arrangedBytes,
  arrangeGroups,
  arrangeKernel,
  queriesPerTile,
  subgroupAttentionKernel,
  tilesFit,
} from '../src/engine/wgsl/subgroup-attention.ts';
import {
  LAYOUT,
  refusal,
  SUBGROUP_MATRIX,
  VARIANTS,
  type Variant,
} from '../src/engine/wgsl/variant.ts';
import { type LinearName, linearShape, parseConfig } from '../src/model/config.ts';
import { linearInput } from '../src/model/onnx/graphs.ts';
import { ModelPackage } from '../src/model/package.ts';
import { NodeDirectory } from '../src/storage/node-file.ts';
import { buildCase, largestDifference, referenceCases } from '../test/engine/reference-cases.ts';
import { config9b, random, writeSyntheticPackage } from './synthetic.ts';
import { addSyntheticAdapter } from './synthetic-adapter.ts';

const { values: options } = parseArgs({
  options: {
    sections: { type: 'string', default: 'attention,products,exact,tiny,model' },
    layers: { type: 'string', default: '42' },
    variants: { type: 'string', default: VARIANTS.join() },
    shape: { type: 'string', default: '9b' },
    'no-ort': { type: 'boolean', default: false },
    rows: { type: 'string' },
  },
});
const small = options.shape === 'small';
const VOCABULARY = 8192;
const LORA = { name: 'bench', rank: 16, targets: ['q_proj', 'k_proj', 'v_proj'] } as const;
/** No section starts a part of its work after this many seconds since it began. */
const UNTIL = { attention: 60, products: 60, exact: 60, tiny: 40, model: 220 } as const;
type Section = keyof typeof UNTIL;

const started = performance.now();
const elapsed = () => (performance.now() - started) / 1000;
const print = (line: string): void => {
  process.stdout.write(`${elapsed().toFixed(0).padStart(4)} s  ${line}\n`);
};
let begun = 0;
const results: Record<string, unknown> = {};
const variants = options.variants.split(',') as Variant[];

/** Runs a part; a failure is printed, and the run goes on. */
async function attempt(section: Section, name: string, work: () => Promise<void>): Promise<void> {
  if (elapsed() - begun > UNTIL[section]) return print(`${name}: left out, no time`);
  try {
    await work();
  } catch (thrown) {
    const message = thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown);
    print(`${name}: FAILED ${message.slice(0, 1500)}`);
    results[`${name} failed`] = message.slice(0, 4000);
  }
  save();
}

function save(): void {
  const out = process.env.OUT;
  if (out === undefined) return;
  mkdirSync(out, { recursive: true });
  writeFileSync(
    join(out, `wgsl-${options.sections.replaceAll(',', '-')}.json`),
    JSON.stringify(results, null, 1),
  );
}

/** A device of its own with everything that the kernels can use. */
async function openDevice(): Promise<WebGpuBackend> {
  const plain = await openNodeBackend('webgpu');
  if (plain.device !== 'webgpu') throw new Error('no GPU');
  plain.close();
  const adapter = (await navigator.gpu.requestAdapter({ powerPreference: 'high-performance' }))!;
  const wanted = [
    'shader-f16',
    'subgroups',
    'subgroup-size-control',
    'timestamp-query',
    SUBGROUP_MATRIX,
  ] as GPUFeatureName[];
  const limits = [
    'maxBufferSize',
    'maxStorageBufferBindingSize',
    'maxStorageBuffersPerShaderStage',
    'maxComputeWorkgroupStorageSize',
    'maxComputeInvocationsPerWorkgroup',
    'maxComputeWorkgroupSizeX',
    'maxComputeWorkgroupsPerDimension',
  ] as const;
  const gpuDevice = await adapter.requestDevice({
    requiredFeatures: wanted.filter((feature) => adapter.features.has(feature)),
    requiredLimits: Object.fromEntries(limits.map((name) => [name, adapter.limits[name]])),
  });
  const guard = new GpuGuard(gpuDevice);
  const close = () => {
    guard.close();
    gpuDevice.destroy();
  };
  return { ...plain, gpuDevice, guard, close };
}

/** Runs work on a fresh device. */
async function onDevice(work: (gpu: WebGpuBackend) => Promise<void>): Promise<void> {
  const gpu = await openDevice();
  try {
    await gpu.guard.run(() => work(gpu));
  } finally {
    gpu.close();
  }
}

const configText = small
  ? config9b(2, 512)
      .replace('"hidden_size":3584', '"hidden_size":128')
      .replace('"intermediate_size":14336', '"intermediate_size":256')
      .replace('"num_attention_heads":16', '"num_attention_heads":2')
      .replace('"num_key_value_heads":8', '"num_key_value_heads":1')
      .replace('"head_dim":256', '"head_dim":64')
  : config9b(4, VOCABULARY);

// ---- products ----

const COUNT: [LinearName, number][] = [
  ['q_proj', 1],
  ['k_proj', 2],
  ['o_proj', 1],
  ['gate_proj', 2],
  ['down_proj', 1],
];

async function benchProducts(): Promise<void> {
  const config = parseConfig(configText);
  const noise = new Uint8Array(config.hiddenSize * config.intermediateSize * 2);
  const next = random(3);
  const words = new Uint32Array(noise.buffer);
  for (let i = 0; i < words.length; i += 1) words[i] = next() * 4294967296;
  const table: Record<string, unknown>[] = [];
  results.products = table;
  for (const variant of variants) {
    await attempt('products', `products, ${variant}`, () =>
      onDevice(async (gpu) => {
        const why = refusal(variant, config, 'nf4', factsOf(gpu));
        if (why !== null) return print(`products, ${variant}: ${why}`);
        const device = gpu.gpuDevice;
        const recorder = new Recorder(device);
        const pool = new BufferPool(device);
        const quantization = 'nf4' as const;
        const products = new Products({ config, quantization, variant, small, recorder, pool });
        const layer: Record<string, GPUBuffer> = {};
        for (const [name] of COUNT) {
          const { K, N } = linearShape(config, name);
          const codes = pool.get(linearInput.weight(name), (K * N) / 2);
          device.queue.writeBuffer(codes, 0, noise, 0, (K * N) / 2);
          const scales = Float32Array.from({ length: (K * N) / 64 }, () => 0.03 + 0.02 * next());
          layer[linearInput.weight(name)] = codes;
          layer[linearInput.scales(name)] = pool.fill(linearInput.scales(name), scales);
        }
        for (const M of small ? [128] : [2048, 4096]) {
          let total = 0;
          for (const [name, count] of COUNT) {
            const { K, N } = linearShape(config, name);
            const x = pool.get('x', activationBytes(LAYOUT[variant], M, K));
            // Random signs and mantissas of magnitudes from 1/8 to 1/4.
            const bits =
              LAYOUT[variant] === 'f32' ? [0x807fffff, 0x3e000000] : [0x83ff83ff, 0x30003000];
            const input = new Uint32Array(x.size / 4).map(
              (_, i) => (words[i % words.length]! & bits[0]!) | bits[1]!,
            );
            device.queue.writeBuffer(x, 0, input);
            const y = pool.get('y', M * N * 4);
            const low = pool.get('low', 256);
            const once = () => products.run(name, layer, new Map(), x, low, y, M);
            const time = async (repeats: number) => {
              const from = performance.now();
              for (let i = 0; i < repeats; i += 1) await once();
              await recorder.submit();
              await device.queue.onSubmittedWorkDone();
              return (performance.now() - from) / repeats;
            };
            // A GPU that had nothing to do runs at a fraction of its clock.
            for (const until = performance.now() + (total === 0 ? 1000 : 0); ; ) {
              await time(1);
              if (performance.now() >= until) break;
            }
            const first = Math.max(0.05, Math.min(await time(2), await time(2)));
            const repeats = Math.max(1, Math.min(400, Math.round(60 / first)));
            const times = [await time(repeats), await time(repeats), await time(repeats)].sort(
              (a, b) => a - b,
            );
            const ms = times[1]!;
            total += ms * count;
            const tflops = (2 * M * K * N) / ms / 1e9;
            table.push({ variant, name, M, K, N, ms, tflops });
            print(
              `${variant} ${name} ${M} x ${K} x ${N}: ${ms.toFixed(3)} ms, ${tflops.toFixed(1)} TFLOP/s`,
            );
          }
          const operations = COUNT.reduce((sum, [name, count]) => {
            const { K, N } = linearShape(config, name);
            return sum + count * 2 * M * K * N;
          }, 0);
          print(
            `${variant}, M ${M}: 7 products ${total.toFixed(2)} ms, ${(operations / total / 1e9).toFixed(1)} TFLOP/s, ${((M / total / 42) * 1000).toFixed(0)} tokens/s of 42 layers`,
          );
        }
        pool.dispose();
        recorder.dispose();
      }),
    );
  }
}

// ---- attention ----

/** Beside the tile that is taken. */
const ATTENTION_TILES = [
  { rows: 64, keys: 64, stepD: 16, stepKeys: 8 },
  { rows: 64, keys: 32, stepD: 32, stepKeys: 8 },
  { rows: 64, keys: 32, stepD: 64, stepKeys: 16 },
  { rows: 128, keys: 32, stepD: 32, stepKeys: 8 },
  { rows: 128, keys: 32, stepD: 16, stepKeys: 16 },
];

async function benchAttention(): Promise<void> {
  const config = parseConfig(configText);
  const { numHeads: heads, numKeyValueHeads: keyValueHeads, headDim } = config;
  const table: Record<string, unknown>[] = [];
  results.attention = table;
  const tokens = small ? 128 : 4096;
  const next = random(5);
  await onDevice(async (gpu) => {
    const recorder = new Recorder(gpu.gpuDevice);
    const pool = new BufferPool(gpu.gpuDevice);
    const noise = (name: string, count: number) =>
      pool.fill(
        name,
        Float32Array.from({ length: count }, () => next() - 0.5),
      );
    const q = noise('q', tokens * heads * headDim);
    const k = noise('k', tokens * keyValueHeads * headDim);
    const v = noise('v', tokens * keyValueHeads * headDim);
    const cosines = pool.fill('cos', new Float32Array((tokens * headDim) / 2).fill(1));
    const sines = pool.fill('sin', new Float32Array((tokens * headDim) / 2));
    const out = pool.get('out', tokens * heads * headDim * 4);
    const shape = { heads, keyValueHeads, headDim, scale: 1 / 16, softCap: 50 };
    for (const length of small ? [64] : [512, 1024, 2048]) {
      const rows = Array.from({ length: tokens / length }, () => new Int32Array(length));
      const time = async (name: string, run: () => Promise<void>) => {
        const milliseconds = async (repeats: number) => {
          const begin = performance.now();
          for (let i = 0; i < repeats; i += 1) await run();
          await recorder.submit();
          await gpu.gpuDevice.queue.onSubmittedWorkDone();
          return (performance.now() - begin) / repeats;
        };
        // A GPU that had nothing to do runs at a fraction of its clock.
        for (const until = performance.now() + (small ? 0 : 500); ; ) {
          await milliseconds(small ? 1 : 20);
          if (performance.now() >= until) break;
        }
        const times = [];
        for (let i = 0; i < 3; i += 1) times.push(await milliseconds(small ? 1 : 20));
        const ms = times.sort((a, b) => a - b)[1]!;
        const tflops = (2 * tokens * length * heads * headDim) / ms / 1e9;
        table.push({ name, length, ms, tflops });
        print(`attention of ${length}, ${name}: ${ms.toFixed(3)} ms, ${tflops.toFixed(1)} TFLOP/s`);
      };
      const plain = attentionTile(headDim, recorder.limits, small)!;
      const tiles = small ? [plain] : [plain, ...ATTENTION_TILES];
      for (const tile of tiles) {
        const name = `rows ${tile.rows}, keys ${tile.keys}, steps ${tile.stepD} and ${tile.stepKeys}`;
        await attempt('attention', name, async () => {
          const kernel = attentionKernel({ ...shape, output: 'f32', tile });
          const batch = packBatch(rows, {
            queriesPerBlock: queriesPerBlock({ ...shape, output: 'f32', tile }),
            share: false,
          });
          const blocks = pool.fill('blocks', batch.blocks);
          const count = batch.blocks.length / BLOCK_WORDS;
          await time(name, () =>
            recorder.run(
              kernel,
              [q, k, v, blocks, out],
              [count, 2 ** 30],
              count * keyValueHeads,
              1e10,
            ),
          );
        });
      }
      if (!tilesFit(shape) || !gpu.gpuDevice.features.has(SUBGROUP_MATRIX as GPUFeatureName))
        continue;
      const batch = packBatch(rows, {
        queriesPerBlock: 64,
        queriesPerTile: queriesPerTile(shape),
        share: false,
      });
      const { source, blocks } = batch.tiled!;
      const sources = pool.fill('source', source);
      const positions = pool.fill('positions', batch.positions);
      const tiled = pool.fill('tiled', blocks);
      const count = blocks.length / BLOCK_WORDS;
      const arrange = async (name: string, x: GPUBuffer, of: number) => {
        const to = pool.get(name, arrangedBytes(source.length, of, headDim));
        await recorder.run(
          arrangeKernel(of, headDim, true),
          [x, cosines, sines, sources, positions, to],
          [],
          arrangeGroups(source.length, of, headDim),
          1e8,
        );
        return to;
      };
      for (const unroll of [1, 2, 4, 8]) {
        await attempt('attention', `subgroup attention, unroll ${unroll}`, async () => {
          const kernel = subgroupAttentionKernel(shape, { unroll });
          const arranged = [
            await arrange('aq', q, heads),
            await arrange('ak', k, keyValueHeads),
            await arrange('av', v, keyValueHeads),
          ];
          await time(`subgroup matrices, unroll ${unroll}`, () =>
            recorder.run(
              kernel,
              [...arranged, tiled, out],
              [count, 2 ** 30],
              count * keyValueHeads,
              1e10,
            ),
          );
        });
      }
      await time('arranging', async () => {
        await arrange('aq', q, heads);
        await arrange('ak', k, keyValueHeads);
        await arrange('av', v, keyValueHeads);
      });
    }
    pool.dispose();
    recorder.dispose();
  });
}

// ---- exactness at the 9B shape ----

async function benchExactness(): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), 'tiebreak-wgsl-'));
  await writeSyntheticPackage(directory, configText, 7);
  const layers = parseConfig(configText).numLayers;
  await addSyntheticAdapter(directory, { ...LORA, firstLayer: layers - 2 });
  const next = random(11);
  const vocabulary = parseConfig(configText).vocabSize;
  const rows = (small ? [70, 33] : [512, 300, 77, 1000]).map((length) =>
    Int32Array.from({ length }, () => 3 + next() * (vocabulary - 3)),
  );
  let reference: Float32Array | undefined;
  const table: Record<string, unknown>[] = [];
  results.exactness = table;
  const report = (name: string, logits: Float32Array) => {
    if (reference === undefined) return print(`exactness: ${name} is the reference`);
    let [logit, probability] = [0, 0];
    for (let i = 0; i < logits.length; i += 1) {
      const off = Math.abs(logits[i]! - reference[i]!);
      if (!(off <= logit)) logit = Number.isNaN(off) ? Infinity : off;
    }
    for (let r = 0; r < logits.length; r += 3) {
      const [p, q] = [softmax(logits, r), softmax(reference, r)];
      for (let c = 0; c < 3; c += 1) probability = Math.max(probability, Math.abs(p[c]! - q[c]!));
    }
    table.push({ name, logit, probability });
    print(
      `exactness: ${name} against float32: ${logit.toExponential(1)} in a logit, ${probability.toExponential(1)} in a probability (allowed 2e-2, 5e-3)`,
    );
  };
  for (const variant of [...variants].reverse()) {
    await attempt('exact', `exactness, ${variant}`, () =>
      onDevice(async (gpu) => {
        const { model, adapters } = await openModel(directory, gpu, variant, [null, LORA.name]);
        const logits = await model.forward(rows, adapters);
        report(variant, logits);
        if (variant === 'float32') reference = logits;
        print(`  first row ${[...logits.subarray(0, 3)].map((x) => x.toFixed(4)).join(', ')}`);
      }),
    );
  }
  if (!options['no-ort']) {
    await attempt('exact', 'exactness, ONNX Runtime', async () => {
      const pkg = await ModelPackage.open(new NodeDirectory(directory));
      const engine = await Engine.load(pkg, await openNodeBackend('webgpu'), {
        precision: 'float32',
        executor: 'ort',
      });
      await engine.setAdapters([null, LORA.name]);
      report('ONNX Runtime float32', await engine.logits(rows));
      await engine.dispose();
    });
  }
  rmSync(directory, { recursive: true });
}

async function openModel(
  directory: string,
  gpu: WebGpuBackend,
  variant: Variant,
  names: (string | null)[],
) {
  const pkg = await ModelPackage.open(new NodeDirectory(directory));
  const model = await WgslModel.create({
    pkg,
    backend: gpu,
    layers: await LayerStore.load(pkg, { ...gpu, guard: unguarded }, 'float32', {}),
    embedding: EmbeddingTable.open(pkg),
    variant,
    small,
  });
  const adapters = [];
  for (const name of names) adapters.push(await loadWgslAdapter(pkg, gpu, name));
  return { model, adapters };
}

/** Scopes are open already. */
const unguarded = { run: <T>(work: () => Promise<T>) => work() } as GpuGuard;

// ---- reference logits ----

async function benchTiny(): Promise<void> {
  const table: Record<string, unknown>[] = [];
  results.tiny = table;
  for (const test of referenceCases()) {
    const directory = mkdtempSync(join(tmpdir(), 'tiebreak-wgsl-'));
    await buildCase(test, directory);
    for (const variant of variants) {
      await attempt('tiny', `${test.name}, ${variant}`, () =>
        onDevice(async (gpu) => {
          const { model, adapters } = await openModel(directory, gpu, variant, [null, 'adapter']);
          const rows = test.tokens.map((row) => Int32Array.from(row));
          const logits = [...(await model.forward(rows, adapters))];
          const lines = Array.from({ length: logits.length / 3 }, (_, r) =>
            logits.slice(3 * r, 3 * r + 3),
          );
          const none = largestDifference(lines.slice(0, rows.length), test.expected.none);
          const adapter = largestDifference(lines.slice(rows.length), test.expected.adapter);
          table.push({ name: test.name, variant, none, adapter });
          print(
            `${test.name}, ${variant}: base ${none.toExponential(1)}, adapter ${adapter.toExponential(1)}`,
          );
        }),
      );
    }
    rmSync(directory, { recursive: true });
  }
}

// ---- the whole model ----

async function benchModel(): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), 'tiebreak-wgsl-'));
  const layers = small ? 2 : Number(options.layers);
  const text = configText.replace(/"num_hidden_layers":\d+/, `"num_hidden_layers":${layers}`);
  const writing = performance.now();
  await writeSyntheticPackage(directory, text, 7);
  await addSyntheticAdapter(directory, { ...LORA, firstLayer: Math.floor((layers * 16) / 42) });
  print(`${layers} layers written in ${((performance.now() - writing) / 1000).toFixed(1)} s`);
  const next = random(11);
  const vocabulary = parseConfig(text).vocabSize;
  const make = (lengths: number[]) =>
    lengths.map((length) => Int32Array.from({ length }, () => 3 + next() * (vocabulary - 3)));
  const shapes = small
    ? [{ name: '2 x 64', rows: make([64, 60]) }]
    : [
        { name: '4 x 1024', rows: make([1024, 1024, 1024, 1024]) },
        { name: '8 x 512', rows: make(Array(8).fill(512)) },
        { name: '2 x 2048', rows: make([2048, 2048]) },
      ];
  const table: Record<string, unknown>[] = [];
  results.model = table;
  const report = (name: string, shape: string, rows: Int32Array[], ms: number, cpu: number) => {
    const tokens = rows.reduce((sum, row) => sum + row.length, 0);
    const rate = (tokens / ms) * 1000;
    const of42 = (rate * layers) / 42;
    table.push({
      name,
      shape,
      layers,
      tokens,
      ms,
      cpu,
      tokensPerSecond: rate,
      tokensPerSecondOf42: of42,
    });
    print(
      `${name}, ${layers} layers, ${shape}: ${ms.toFixed(0)} ms (CPU ${cpu.toFixed(0)} ms), ${rate.toFixed(0)} tokens/s (${of42.toFixed(0)} for 42 layers)`,
    );
  };
  const gpu = await openDevice();
  await attempt('model', 'loading', async () => {
    const pkg = await ModelPackage.open(new NodeDirectory(directory));
    const loading = performance.now();
    const store = await LayerStore.load(pkg, gpu, 'float32', {});
    const adapter = await loadWgslAdapter(pkg, gpu, LORA.name);
    const held = [...store.held, ...adapter.held].reduce((sum, { bytes }) => sum + bytes, 0);
    print(
      `${(held / 1e9).toFixed(2)} GB on the GPU in ${((performance.now() - loading) / 1000).toFixed(1)} s`,
    );
    await gatherTimes(EmbeddingTable.open(pkg), shapes[0]!.rows, gpu.gpuDevice);
    for (const variant of variants) {
      await attempt('model', `model, ${variant}`, () =>
        gpu.guard.run(async () => {
          const embedding = EmbeddingTable.open(pkg);
          const model = await WgslModel.create({
            pkg,
            backend: gpu,
            layers: store,
            embedding,
            variant,
            small,
          });
          const compiling = performance.now();
          await model.forward(shapes[0]!.rows, [adapter]);
          print(
            `${variant}: first batch, kernels compiled, ${(performance.now() - compiling).toFixed(0)} ms`,
          );
          for (const { name, rows } of shapes) {
            const times: number[] = [];
            const before = process.cpuUsage();
            for (
              const end = performance.now() + 1000;
              times.length < 3 || performance.now() < end;
            ) {
              const from = performance.now();
              await model.forward(rows, [adapter]);
              times.push(performance.now() - from);
            }
            const { user, system } = process.cpuUsage(before);
            const cpu = (user + system) / 1000 / times.length;
            report(variant, name, rows, times.sort((a, b) => a - b)[times.length >> 1]!, cpu);
          }
          if (options.rows !== undefined) await wholeRun(variant, model, adapter, vocabulary);
          print(`${variant}: temporary buffers ${(model.temporaryBytes / 1e9).toFixed(2)} GB`);
          const times = await model.recorder.timed(async () => {
            await model.forward(shapes[0]!.rows, [adapter]);
          });
          const kernels = [...(times ?? [])].sort((a, b) => b[1].milliseconds - a[1].milliseconds);
          results[`kernels ${variant}`] = kernels;
          for (const [label, { milliseconds, calls }] of kernels.slice(0, 14)) {
            print(`    ${milliseconds.toFixed(1).padStart(8)} ms in ${calls} of ${label}`);
          }
          model.dispose();
        }),
      );
    }
  });
  gpu.close();
  if (!options['no-ort']) {
    await attempt('model', 'model, ONNX Runtime', async () => {
      const pkg = await ModelPackage.open(new NodeDirectory(directory));
      const engine = await Engine.load(pkg, await openNodeBackend('webgpu'), {
        precision: 'auto',
        executor: 'ort',
      });
      await engine.setAdapter(LORA.name);
      const { name, rows } = shapes[0]!;
      const times: number[] = [];
      const before = process.cpuUsage();
      for (let i = 0; i < 2; i += 1) {
        const from = performance.now();
        await engine.logits(rows);
        times.push(performance.now() - from);
        if (elapsed() - begun > UNTIL.model) break;
      }
      const { user, system } = process.cpuUsage(before);
      const cpu = (user + system) / 1000 / times.length;
      report(`ONNX Runtime ${engine.info.precision}`, name, rows, Math.min(...times), cpu);
      await engine.dispose();
    });
  }
  rmSync(directory, { recursive: true });
}

/** What happens before the device can begin with a batch: gathering its embedding and handing it over. */
async function gatherTimes(
  embedding: EmbeddingTable,
  rows: readonly Int32Array[],
  device: GPUDevice,
): Promise<void> {
  const { ids } = packBatch(rows, { queriesPerBlock: 32 });
  const pool = new BufferPool(device);
  const staging = new Staging(device);
  for (let i = 0; i < 3; i += 1) {
    const marks = [performance.now()];
    const mark = () => marks.push(performance.now());
    packBatch(rows, { queriesPerBlock: 32, queriesPerTile: 32 });
    mark();
    const bytes = ids.length * embedding.halfBytes!;
    const staged = await staging.fill(bytes, (into) => embedding.halves(ids, into));
    mark();
    const encoder = device.createCommandEncoder();
    encoder.copyBufferToBuffer(staged, 0, pool.get('embedding', bytes), 0, bytes);
    device.queue.submit([encoder.finish()]);
    staging.submitted();
    mark();
    await device.queue.onSubmittedWorkDone();
    mark();
    const took = marks.slice(1).map((at, m) => (at - marks[m]!).toFixed(1));
    print(
      `before a batch: packing ${took[0]} ms, gathering ${took[1]}, handing over ${took[2]}, upload ${took[3]}`,
    );
  }
  pool.dispose();
  staging.dispose();
}

/** Real rows in batches of 4,096 tokens, longest first, in one order and in both. */
async function wholeRun(
  variant: Variant,
  model: WgslModel,
  adapter: WgslAdapter,
  vocabulary: number,
): Promise<void> {
  const pairs: number[][][] = JSON.parse(readFileSync(options.rows!, 'utf8'));
  // The synthetic model has fewer words; equal ids stay equal.
  const known = (ids: number[]) => Int32Array.from(ids, (id) => 3 + (id % (vocabulary - 3)));
  const seconds = async (rows: Int32Array[]) => {
    rows.sort((a, b) => b.length - a.length || compareIds(a, b));
    const lengths = rows.map((row) => row.length);
    const limits = { maxTokens: 4096, padMultiple: 1, maxScoreBytes: 1, scoreBytes: () => 0 };
    const tokens = lengths.reduce((sum, length) => sum + length, 0);
    let computed = 0;
    const from = performance.now();
    const before = process.cpuUsage();
    for (const { start, end } of planBatches(lengths, limits)) {
      const batch = rows.slice(start, end);
      await model.forward(batch, [adapter]);
      computed += packBatch(batch, { queriesPerBlock: 32 }).tokens;
    }
    const { user, system } = process.cpuUsage(before);
    return {
      rows: rows.length,
      tokens,
      computed,
      seconds: (performance.now() - from) / 1000,
      cpuSeconds: (user + system) / 1e6,
    };
  };
  const one = await seconds(pairs.map(([given]) => known(given!)));
  const both = await seconds(pairs.flatMap((pair) => pair.map(known)));
  results[`run ${variant}`] = { one, both };
  for (const [name, run] of Object.entries({ one, both })) {
    print(
      `${variant}, ${name === 'one' ? 'one order' : 'both orders'}: ${run.rows} rows of ${(run.tokens / run.rows).toFixed(0)} tokens in ${run.seconds.toFixed(1)} s (CPU ${run.cpuSeconds.toFixed(1)} s), ${(run.tokens / run.seconds).toFixed(0)} tokens/s, ${((100 * run.computed) / run.tokens).toFixed(1)} % of them computed`,
    );
  }
  print(`${variant}: both orders take ${(both.seconds / one.seconds).toFixed(2)} times one`);
}

// ---- main ----

const about = await openDevice();
const { features } = about.gpuDevice;
const { subgroupSizes } = factsOf(about);
Object.assign(results, {
  date: new Date().toISOString(),
  node: process.version,
  cpu: `${cpus().length} x ${cpus()[0]?.model}`,
  onnxruntime: about.ort.env.versions.web,
  gpu: about.gpu,
  features: [...features],
  subgroupSizes,
});
print(
  `${results.date}, Node ${process.version}, ${results.cpu}, onnxruntime-web ${results.onnxruntime}, ${JSON.stringify(about.gpu)}, ${[...features].join(' ')}, subgroups ${subgroupSizes.join(' to ')}, workgroup memory ${about.gpuDevice.limits.maxComputeWorkgroupStorageSize}`,
);
about.close();
const sections = options.sections.split(',');
const work = {
  attention: benchAttention,
  products: benchProducts,
  exact: benchExactness,
  tiny: benchTiny,
  model: benchModel,
};
for (const section of Object.keys(work) as Section[]) {
  if (!sections.includes(section)) continue;
  begun = elapsed();
  await attempt(section, section, work[section]);
}
process.exit(0);
