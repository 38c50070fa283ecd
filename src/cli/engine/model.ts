import type { Reading } from '../../domain/reading.ts';
import { openNodeBackend } from '../../engine/device/backend-node.ts';
import type { Saving } from '../../engine/planning/savings.ts';
import { ModelPackage } from '../../model/package.ts';
import { modelReading } from '../../scoring/lanes/model-reading.ts';
import { readModelTemplate } from '../../scoring/lanes/model-template.ts';
import { NodeDirectory } from '../../storage/node-file.ts';
import type { TokenizerPool } from '../../tokens/pool/pool.ts';
import {
  modelFolder,
  PRECISIONS,
  readChoice,
  readGigabytes,
  readWhole,
} from '../terminal/common.ts';
import type { ProgressLine } from '../terminal/progress.ts';
import { NodeLane } from './node-lane.ts';
import { type NodePlanRequest, planInNode, planText } from './plan.ts';
import { threadPool } from './tokenizer-pool.ts';

/** Options for the model in every command that scores, for `readArguments`. */
export const MODEL_OPTIONS = {
  model: { type: 'string' },
  adapter: { type: 'string', multiple: true },
  device: { type: 'string' },
  precision: { type: 'string' },
  executor: { type: 'string' },
  'batch-tokens': { type: 'string' },
  budget: { type: 'string' },
  resident: { type: 'string' },
} as const;

/** Help on the options for the model. */
export const MODEL_USAGE = `  --model DIR              model package (default: the demo model)
  --adapter NAME|none      adapter to use (default: the first of the package); none: the base model.
                           Repeat it to average the probabilities of several adapters
  --device webgpu|wasm     device to use (default: the GPU if there is one, otherwise the CPU)
  --precision auto|float32|float16|int8
                           precision of the products (default: auto, float16 where the GPU
                           supports it). int8 is faster on a GPU without subgroup matrices, and
                           less accurate
  --executor auto|ort|wgsl wgsl: Tiebreak's own GPU kernels; ort: ONNX Runtime (default: auto, the
                           kernels where they run and pass the model's self-test)`;

/** Help on the options for memory. */
export const MEMORY_USAGE = `  --batch-tokens N         tokens per batch
  --budget GB              GPU memory that may be used (default: all of it)
  --resident N|all         decoder layers to keep on the device; the others are read again for every
                           batch (default: all, or as many as fit)`;

type Values = { [K in Exclude<keyof typeof MODEL_OPTIONS, 'adapter'>]?: string } & {
  adapter?: string[];
};

/** A model as the user requested it. */
interface ModelArguments extends Omit<NodePlanRequest, 'pkg' | 'adapters'> {
  folder: string;
  /** Default: the package's first adapter. */
  adapterNames?: string[];
}

/** Reads {@link MODEL_OPTIONS}. @throws TiebreakError `cli/usage` */
export function readModelArguments(values: Values, maxLength: number): ModelArguments {
  return {
    folder: values.model ?? modelFolder(),
    adapterNames: values.adapter,
    device: readChoice('device', values.device, ['webgpu', 'wasm']),
    precision: readChoice('precision', values.precision, PRECISIONS),
    executor: readChoice('executor', values.executor, ['auto', 'ort', 'wgsl']),
    batchTokens: readWhole('batch-tokens', values['batch-tokens'], 16, 1_000_000),
    budget: readGigabytes('budget', values.budget),
    resident: values.resident === 'all' ? 'all' : readWhole('resident', values.resident, 0, 1000),
    maxLength,
  };
}

/** A package with the adapters to use; nothing but its headers has been read. */
interface OpenedPackage {
  pkg: ModelPackage;
  adapters: (string | null)[];
  reading: Reading;
}

/** Opens the package. @throws TiebreakError as {@link modelReading}. */
export async function openPackage({
  folder,
  adapterNames,
}: Pick<ModelArguments, 'folder' | 'adapterNames'>): Promise<OpenedPackage> {
  const pkg = await ModelPackage.open(new NodeDirectory(folder));
  const [first = 'none'] = pkg.adapterNames;
  const adapters = (adapterNames ?? [first]).map((name) => (name === 'none' ? null : name));
  return { pkg, adapters, reading: await modelReading(pkg, adapters) };
}

/** Plans the memory of a package. @throws TiebreakError `plan/…` if it does not fit. */
export function planArguments(wanted: ModelArguments, { pkg, adapters }: OpenedPackage) {
  return planInNode({ ...wanted, pkg, adapters });
}

/** A model that is ready to score. */
interface OpenedModel {
  lane: NodeLane;
  pool: TokenizerPool;
  /** Tokens of a batch: those that the user requested, at most as many as fit. */
  batchTokens: number;
}

/**
 * Plans a model, prints the plan to stderr, and loads the model and its tokenizer at the same time.
 * @param without savings of our own kernels that are switched off.
 * @throws TiebreakError if planning or loading fails.
 */
export async function openModel(
  wanted: ModelArguments,
  opened: OpenedPackage,
  line: ProgressLine,
  signal: AbortSignal,
  without: readonly Saving[] = [],
): Promise<OpenedModel> {
  const { folder, device, precision, executor, resident } = wanted;
  const { pkg, adapters } = opened;
  const plan = await planArguments(wanted, opened);
  console.error(planText(plan));
  const [gpu] = 'gpus' in plan ? plan.gpus : [];
  const [lane, pool] = await Promise.all([
    NodeLane.start({
      pkg,
      openBackend: () => openNodeBackend(device),
      precision,
      executor,
      without,
      adapters,
      resident: gpu !== undefined && gpu.streamedBytes > 0 ? gpu.residentLayers : resident,
      signal,
      onProgress: (done, total) => line.show(`loading ${done} of ${total} layers`),
    }),
    threadPool(folder, { rows: pkg.config.vocabSize, chat: await readModelTemplate(pkg.files) }),
  ]);
  line.clear();
  const batchTokens = Math.min(wanted.batchTokens ?? plan.batchTokens, plan.batchTokens);
  return { lane, pool, batchTokens };
}
