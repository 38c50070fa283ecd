import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { WebGpuBackend } from '../../src/engine/device/backend.ts';
import { openNodeBackend } from '../../src/engine/device/backend-node.ts';
import { countBuffers } from '../../src/engine/device/buffer-count.ts';
import type { GpuGuard } from '../../src/engine/device/gpu-guard.ts';
import { DeviceLayers } from '../../src/engine/executor/device-layers.ts';
import { ALL_VARIANTS, type Variant } from '../../src/engine/executor/variants.ts';
import { loadOrt } from '../../src/engine/ort/runtime.ts';
import { loadWgslAdapter } from '../../src/engine/wgsl/adapter.ts';
import { chooseKernels } from '../../src/engine/wgsl/choice.ts';
import { factsOf, WgslModel } from '../../src/engine/wgsl/model.ts';
import { parseConfig } from '../../src/model/config.ts';
import { EmbeddingTable } from '../../src/model/embedding-table.ts';
import { QUANTIZATIONS, type Quantized } from '../../src/model/formats/quantization.ts';
import { LINEAR_NAMES, linearShape } from '../../src/model/layer.ts';
import { ModelPackage } from '../../src/model/package.ts';
import { NodeDirectory } from '../../src/storage/node-file.ts';
import { config9b, random } from '../../testing/synthetic.ts';

/** The sections, with the seconds since the program's start after which each begins no new part. */
export const UNTIL = {
  kernels: 120,
  layer: 60,
  exact: 60,
  tiny: 40,
  families: 240,
  model: 240,
} as const;
export type Section = keyof typeof UNTIL;

/** Options of the command line, see main.ts and page.ts. */
export const { values: options } = parseArgs({
  options: {
    sections: { type: 'string', default: Object.keys(UNTIL).join() },
    layers: { type: 'string', default: '42' },
    variants: { type: 'string', default: ALL_VARIANTS.join() },
    formats: { type: 'string', default: 'nf4' },
    models: { type: 'string' },
    shape: { type: 'string', default: '9b' },
    'no-ort': { type: 'boolean', default: false },
    rows: { type: 'string' },
    ways: { type: 'string', default: 'auto,float32,int8,ort' },
    software: { type: 'boolean', default: false },
  },
});
export const small = options.shape === 'small';
export const variants = options.variants.split(',') as Variant[];
/** The formats of weights whose products are measured. */
export const formats = options.formats.split(',').map((name): Quantized => {
  const format = QUANTIZATIONS.find((known) => known === name);
  if (format !== undefined && format !== 'none') return format;
  throw new Error(`--formats: no ${name}; there are ${QUANTIZATIONS.join()}`);
});
export const LORA = { name: 'bench', rank: 16, targets: ['q_proj', 'k_proj', 'v_proj'] } as const;

const VOCABULARY = 8192;
const CONFIG = small
  ? config9b(2, 512)
      .replace('"hidden_size":3584', '"hidden_size":128')
      .replace('"intermediate_size":14336', '"intermediate_size":256')
      .replace('"num_attention_heads":16', '"num_attention_heads":2')
      .replace('"num_key_value_heads":8', '"num_key_value_heads":1')
      .replace('"head_dim":256', '"head_dim":64')
  : config9b(4, VOCABULARY);

/** `config.json` of the measured shape. */
export function configOf(layers: number): string {
  return CONFIG.replace(/"num_hidden_layers":\d+/, `"num_hidden_layers":${layers}`);
}

/** Floating-point operations of a token in the products of one layer. */
export function operationsPerToken(): number {
  const config = parseConfig(CONFIG);
  return LINEAR_NAMES.reduce((sum, name) => {
    const { K, N } = linearShape(config, name);
    return sum + 2 * K * N;
  }, 0);
}

/** The contents of the JSON file. */
export const results: Record<string, unknown> = {};
const started = performance.now();
let begun = 0;

/** Seconds since the program's start. */
export const elapsed = () => (performance.now() - started) / 1000;

/** Prints a line with the elapsed time. */
export function print(line: string): void {
  process.stdout.write(`${elapsed().toFixed(0).padStart(4)} s  ${line}\n`);
}

/** Runs a section. */
export async function inSection(section: Section, work: () => Promise<void>): Promise<void> {
  begun = elapsed();
  await attempt(section, section, work);
}

/** Runs a part of a section. A failure is printed, and the program continues. */
export async function attempt(
  section: Section,
  name: string,
  work: () => Promise<void>,
): Promise<void> {
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
  const name = `wgsl-${options.sections.replaceAll(',', '-')}.json`;
  writeFileSync(join(out, name), JSON.stringify(results, null, 1));
}

/** Prints and records the machine. */
export async function aboutMachine(): Promise<void> {
  const about = await openDevice();
  const { features, limits } = about.gpuDevice;
  const { subgroupSizes } = factsOf(about);
  Object.assign(results, {
    date: new Date().toISOString(),
    node: process.version,
    cpu: `${cpus().length} x ${cpus()[0]?.model}`,
    onnxruntime: (await loadOrt(about)).env.versions.web,
    gpu: about.gpu,
    features: [...features],
    subgroupSizes,
  });
  print(
    `${results.date}, Node ${process.version}, ${results.cpu}, onnxruntime-web ${results.onnxruntime}, ${JSON.stringify(about.gpu)}, ${[...features].join(' ')}, subgroups ${subgroupSizes.join(' to ')}, workgroup memory ${limits.maxComputeWorkgroupStorageSize}`,
  );
  about.close();
}

/** Opens a device with every feature that the kernels can use. */
export async function openDevice(): Promise<WebGpuBackend> {
  const backend = await openNodeBackend('webgpu');
  if (backend.device !== 'webgpu') throw new Error('no GPU');
  return backend;
}

/** Runs work on a fresh device. @param work receives `live`: bytes of the present buffers. */
export async function onDevice(
  work: (gpu: WebGpuBackend, live: () => number) => Promise<void>,
): Promise<void> {
  const gpu = await openDevice();
  const count = countBuffers(gpu.gpuDevice);
  try {
    await gpu.guard.run(() => work(gpu, () => count.live));
  } finally {
    gpu.close();
  }
}

/** Error scopes are already open. */
const unguarded = { run: <T>(work: () => Promise<T>) => work() } as GpuGuard;

const remembered = new Map<string, string>();

/** Chooses the kernels of a variant for a model on a device, as the app does. */
export function choose(gpu: WebGpuBackend, pkg: ModelPackage, variant: Variant) {
  return chooseKernels({
    device: gpu.gpuDevice,
    gpu: gpu.gpu,
    config: pkg.config,
    quantization: pkg.manifest.quantization,
    variant,
    cache: {
      get: async (key) => remembered.get(key) ?? null,
      set: async (key, value) => void remembered.set(key, value),
    },
  });
}

/** Loads a package's layers and adapters onto a device. */
export async function loadParts(directory: string, gpu: WebGpuBackend, names: (string | null)[]) {
  const pkg = await ModelPackage.open(new NodeDirectory(directory));
  const layers = await DeviceLayers.load(pkg, { ...gpu, guard: unguarded }, 'float32', {});
  const adapters = [];
  for (const name of names) adapters.push(await loadWgslAdapter(pkg, gpu, name));
  return { pkg, layers, adapters };
}

/** Builds a model of loaded parts in a variant, with the kernels that the app would choose. */
export async function openModel(
  gpu: WebGpuBackend,
  { pkg, layers }: Pick<Awaited<ReturnType<typeof loadParts>>, 'pkg' | 'layers'>,
  variant: Variant,
): Promise<WgslModel> {
  const { choice, report } = await choose(gpu, pkg, variant);
  const tiles = Object.entries(choice).map(
    ([part, of]) =>
      `${part} ${of !== null && typeof of === 'object' ? Object.values(of).join('.') : of}`,
  );
  print(
    `${variant}: kernels ${report.how} in ${report.milliseconds} ms${report.note === null ? '' : ` (${report.note})`}: ${tiles.join(', ')}`,
  );
  results[`choice ${variant}`] ??= { choice, report };
  const embedding = EmbeddingTable.open(pkg);
  return WgslModel.create({ pkg, backend: gpu, layers, embedding, variant, choice });
}

/** Random token rows of the given lengths. */
export function randomRows(
  lengths: readonly number[],
  vocabulary: number,
  seed = 11,
): Int32Array[] {
  const next = random(seed);
  return lengths.map((length) => Int32Array.from({ length }, () => 3 + next() * (vocabulary - 3)));
}

/** The median of at least three timings that take a second together, with the CPU's time for each. */
export async function median(
  work: () => Promise<unknown>,
  atLeastMs = small ? 1 : 1000,
): Promise<{ ms: number; cpu: number }> {
  const times: number[] = [];
  const before = process.cpuUsage();
  for (const end = performance.now() + atLeastMs; times.length < 3 || performance.now() < end; ) {
    const from = performance.now();
    await work();
    times.push(performance.now() - from);
  }
  const { user, system } = process.cpuUsage(before);
  const cpu = (user + system) / 1000 / times.length;
  return { ms: times.sort((a, b) => a - b)[times.length >> 1]!, cpu };
}

/** Runs work in a fresh folder, which is removed afterwards. */
export async function inFolder(work: (directory: string) => Promise<void>): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), 'tiebreak-wgsl-'));
  try {
    await work(directory);
  } finally {
    rmSync(directory, { recursive: true });
  }
}
