import * as v from 'valibot';
import { TiebreakError } from '../core/errors.ts';
import { type PackageFiles, readText } from '../storage/package-files.ts';
import {
  check,
  type Gemma2Config,
  LINEAR_NAMES,
  type LinearName,
  linearShape,
  modulePath,
  parseJson,
} from './config.ts';
import { decodeFloats } from './dtype.ts';
import { readSafetensors, type TensorEntry, tensorBytes } from './safetensors.ts';

/** LoRA matrices of one linear layer as PEFT stores them, in float32: y += scale * B (A x). */
export interface LoraPair {
  /** [rank, K] row-major. */
  A: Float32Array<ArrayBuffer>;
  /** [N, rank] row-major. */
  B: Float32Array<ArrayBuffer>;
  rank: number;
  scale: number;
}

/** A PEFT LoRA adapter for a sequence classifier. */
export interface Adapter {
  name: string;
  /** Per decoder layer, the linear layers that have LoRA matrices. */
  layers: Map<LinearName, LoraPair>[];
  /** The score head [3, hidden_size] where the adapter saves one. */
  score: Float32Array<ArrayBuffer> | null;
}

const Rank = v.pipe(v.number(), v.integer(), v.minValue(1));
const pattern = <T extends v.GenericSchema<number>>(value: T) =>
  v.optional(v.nullable(v.record(v.string(), value)), {});

const Schema = v.object({
  peft_type: v.literal('LORA'),
  r: Rank,
  lora_alpha: v.number(),
  target_modules: v.union([v.string(), v.array(v.string())]),
  bias: v.optional(v.string(), 'none'),
  use_dora: v.optional(v.nullable(v.boolean()), false),
  use_rslora: v.optional(v.nullable(v.boolean()), false),
  lora_bias: v.optional(v.nullable(v.boolean()), false),
  fan_in_fan_out: v.optional(v.nullable(v.boolean()), false),
  modules_to_save: v.optional(v.nullable(v.array(v.string()))),
  rank_pattern: pattern(Rank),
  alpha_pattern: pattern(v.number()),
  // Kinds of LoRA whose matrices look the same and are used otherwise.
  alora_invocation_tokens: v.nullish(v.unknown()),
  layer_replication: v.nullish(v.unknown()),
  use_qalora: v.nullish(v.boolean()),
});

/**
 * Reads `adapter_config.json` and `adapter_model.safetensors` from a directory.
 *
 * Which layers have matrices is read from the tensors themselves, so `target_modules` and `layers_to_transform` need no
 * interpretation; rank and alpha follow `rank_pattern` and `alpha_pattern` as PEFT's `get_pattern_key` does.
 * @throws TiebreakError `adapter/unsupported` for a kind of adapter that would be computed wrongly, `adapter/mismatch` for
 *   one of another base model.
 */
export async function readAdapter(
  files: PackageFiles,
  directory: string,
  name: string,
  config: Gemma2Config,
): Promise<Adapter> {
  const at = (file: string) => (directory === '' ? file : `${directory}/${file}`);
  const configPath = at('adapter_config.json');
  const raw = parseJson(await readText(files, configPath), configPath, 'adapter/config');
  const settings = check(Schema, raw, configPath, 'adapter/config');
  const refuse = (what: string): never => {
    throw new TiebreakError(
      'adapter/unsupported',
      `The adapter ${name} uses ${what}, which Tiebreak does not compute.`,
      {
        action: 'Train or export the adapter as plain LoRA with its score head.',
        place: { file: configPath },
      },
    );
  };
  if (settings.use_dora) refuse('DoRA (use_dora)');
  if (settings.bias !== 'none' || settings.lora_bias) refuse('bias terms');
  if (settings.fan_in_fan_out) refuse('fan_in_fan_out');
  if (settings.alora_invocation_tokens != null) refuse('activated LoRA (alora_invocation_tokens)');
  if (settings.layer_replication != null) refuse('layer_replication');
  if (settings.use_qalora) refuse('QA-LoRA (use_qalora)');
  for (const module of settings.modules_to_save ?? []) {
    if (module !== 'score' && module !== 'classifier') refuse(`modules_to_save "${module}"`);
  }

  const weightsPath = at('adapter_model.safetensors');
  const tensors = await readSafetensors(await files.open(weightsPath));
  const adapter: Adapter = {
    name,
    layers: Array.from({ length: config.numLayers }, () => new Map()),
    score: null,
  };
  const halves = new Map<string, { A?: TensorEntry; B?: TensorEntry }>();
  for (const [key, entry] of tensors) {
    const lora = /^(.*)\.lora_([AB])(?:\.default)?\.weight$/.exec(key);
    if (lora !== null) {
      const module = lora[1]!;
      halves.set(module, { ...halves.get(module), [lora[2]!]: entry });
    } else if (/(?:^|\.)score(?:\.modules_to_save)?(?:\.default)?\.weight$/.test(key)) {
      adapter.score = await readMatrix(entry, 3, config.hiddenSize, weightsPath);
    } else {
      refuse(`the tensor ${key}`);
    }
  }
  for (const [module, { A, B }] of halves) {
    const { layer, linear } = locate(module, config, weightsPath);
    if (A === undefined || B === undefined)
      throw mismatch(`${module} has only one of lora_A, lora_B`, weightsPath);
    const rank = A.shape[0] ?? 0;
    const { K, N } = linearShape(config, linear);
    const key = `model.layers.${layer}.${modulePath(linear)}`;
    const expectedRank =
      settings.rank_pattern?.[patternKey(settings.rank_pattern, key)] ?? settings.r;
    if (rank !== expectedRank) {
      throw mismatch(
        `${module} has rank ${rank}, its configuration says ${expectedRank}`,
        weightsPath,
      );
    }
    const alpha =
      settings.alpha_pattern?.[patternKey(settings.alpha_pattern, key)] ?? settings.lora_alpha;
    adapter.layers[layer]!.set(linear, {
      A: await readMatrix(A, rank, K, weightsPath),
      B: await readMatrix(B, N, rank, weightsPath),
      rank,
      scale: alpha / (settings.use_rslora ? Math.sqrt(rank) : rank),
    });
  }
  return adapter;
}

/** The first key of a pattern that names this module, as PEFT's `get_pattern_key`; the module itself if none does. */
function patternKey(pattern: Record<string, number> | null, module: string): string {
  for (const key of Object.keys(pattern ?? {})) {
    let expression: RegExp;
    try {
      expression = new RegExp(`^(?:.*\\.)?(?:${key})$`);
    } catch {
      continue; // not a regular expression, so it can only name a module by its full text
    }
    if (expression.test(module)) return key;
  }
  return module;
}

function locate(
  module: string,
  config: Gemma2Config,
  file: string,
): { layer: number; linear: LinearName } {
  const match = /(?:^|\.)layers\.(\d+)\.(?:self_attn|mlp)\.(\w+)$/.exec(module);
  const linear = LINEAR_NAMES.find((name) => name === match?.[2]);
  if (match === null || linear === undefined || !module.endsWith(modulePath(linear))) {
    throw mismatch(`it has matrices for ${module}, which a Gemma-2 layer does not have`, file);
  }
  const layer = Number(match[1]);
  if (layer >= config.numLayers) {
    throw mismatch(
      `it has matrices for layer ${layer} of a model with ${config.numLayers} layers`,
      file,
    );
  }
  return { layer, linear };
}

async function readMatrix(
  entry: TensorEntry,
  rows: number,
  columns: number,
  file: string,
): Promise<Float32Array<ArrayBuffer>> {
  if (entry.shape.length !== 2 || entry.shape[0] !== rows || entry.shape[1] !== columns) {
    throw mismatch(
      `${entry.name} is [${entry.shape.join(', ')}], expected [${rows}, ${columns}]`,
      file,
    );
  }
  if (!['F32', 'F16', 'BF16'].includes(entry.dtype))
    throw mismatch(`${entry.name} is ${entry.dtype}`, file);
  return decodeFloats(await tensorBytes(entry), entry.dtype);
}

function mismatch(what: string, file: string): TiebreakError {
  return new TiebreakError(
    'adapter/mismatch',
    `The adapter does not fit the base model: ${what}.`,
    {
      action: 'Choose the base model that the adapter was trained on.',
      place: { file },
    },
  );
}
