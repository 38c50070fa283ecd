import * as v from 'valibot';
import { errorAt, TiebreakError } from '../domain/errors.ts';
import { type PackageFiles, readText } from '../storage/package-files.ts';
import type { DecoderConfig } from './decoder.ts';
import { decodeFloats } from './dtype.ts';
import { explainForeign } from './foreign.ts';
import { findHead, type HeadLayers, headPart, headTensors } from './heads/layers.ts';
import { check, float32, parseJson } from './json.ts';
import { LINEAR_NAMES, type LinearName, linearShape, modulePath } from './layer.ts';
import { readSafetensors, type TensorEntry, tensorBytes } from './safetensors.ts';

/** LoRA matrices of one linear layer as PEFT stores them: y += scale * B (A x). Read them with {@link matrixValues}. */
export interface LoraPair {
  /** [rank, K] row-major. */
  A: TensorEntry;
  /** [N, rank] row-major. */
  B: TensorEntry;
  rank: number;
  scale: number;
}

/** A PEFT LoRA adapter for a sequence classifier. */
export interface Adapter {
  name: string;
  /** One map per decoder layer: its linear layers that have LoRA matrices. */
  layers: Map<LinearName, LoraPair>[];
  /** Layers of its own head; null if the adapter saves none. */
  head: HeadLayers | null;
}

const Rank = v.pipe(v.number(), v.integer(), v.minValue(1));
const pattern = <T extends v.GenericSchema<number>>(value: T) =>
  v.optional(v.nullable(v.record(v.string(), value)), {});

const Schema = v.object({
  peft_type: v.literal('LORA'),
  r: Rank,
  lora_alpha: float32,
  target_modules: v.union([v.string(), v.array(v.string())]),
  bias: v.optional(v.string(), 'none'),
  use_dora: v.optional(v.nullable(v.boolean()), false),
  use_rslora: v.optional(v.nullable(v.boolean()), false),
  lora_bias: v.optional(v.nullable(v.boolean()), false),
  fan_in_fan_out: v.optional(v.nullable(v.boolean()), false),
  modules_to_save: v.optional(v.nullable(v.array(v.string()))),
  rank_pattern: pattern(Rank),
  alpha_pattern: pattern(float32),
  // Kinds of LoRA whose matrices have the same names and shapes but enter the computation in another way.
  alora_invocation_tokens: v.nullish(v.unknown()),
  layer_replication: v.nullish(v.unknown()),
  use_qalora: v.nullish(v.boolean()),
});

/**
 * Reads `adapter_config.json` and `adapter_model.safetensors` from a directory.
 *
 * The names of the tensors tell which layers have matrices, so `target_modules` and `layers_to_transform` are not
 * interpreted. Rank and alpha follow `rank_pattern` and `alpha_pattern` as PEFT's `get_pattern_key` does.
 * @throws TiebreakError `adapter/unsupported` for a kind of adapter that would be computed wrongly, `adapter/mismatch`
 *   for an adapter of another base model.
 */
export async function readAdapter(
  files: PackageFiles,
  directory: string,
  name: string,
  config: DecoderConfig,
): Promise<Adapter> {
  const at = (file: string) => (directory === '' ? file : `${directory}/${file}`);
  const configPath = at('adapter_config.json');
  const raw = parseJson(await readText(files, configPath), configPath, 'adapter/config');
  const settings = check(Schema, raw, configPath, 'adapter/config');
  const place = { file: configPath };
  const refuse = (feature: string): never => {
    throw errorAt(place, 'adapter/unsupported', { name, feature });
  };
  if (settings.use_dora) refuse('DoRA (use_dora)');
  if (settings.bias !== 'none') refuse(`bias="${settings.bias}"`);
  if (settings.lora_bias) refuse('lora_bias');
  if (settings.fan_in_fan_out) refuse('fan_in_fan_out');
  if (settings.alora_invocation_tokens != null) refuse('aLoRA (alora_invocation_tokens)');
  if (settings.layer_replication != null) refuse('layer_replication');
  if (settings.use_qalora) refuse('QA-LoRA (use_qalora)');
  for (const module of settings.modules_to_save ?? []) {
    if (!['score', 'classifier', 'v_head', 'summary'].includes(module)) {
      throw errorAt(place, 'adapter/unsupported:module', { name, module });
    }
  }

  const weightsPath = at('adapter_model.safetensors');
  const inWeights = { file: weightsPath };
  const weights = await explainForeign(files, 'adapter', () => files.open(weightsPath));
  const tensors = await readSafetensors(weights);
  const adapter: Adapter = {
    name,
    layers: Array.from({ length: config.numLayers }, () => new Map()),
    head: null,
  };
  const halves = new Map<string, { A?: TensorEntry; B?: TensorEntry }>();
  for (const [key, entry] of tensors) {
    const lora = /^(.*)\.lora_([AB])(?:\.default)?\.weight$/.exec(key);
    if (lora !== null) {
      const [, module, half] = lora as unknown as [string, string, 'A' | 'B'];
      const pair = halves.get(module);
      if (pair?.[half] !== undefined) {
        throw errorAt(inWeights, 'adapter/mismatch:twice', { half, module });
      }
      halves.set(module, { ...pair, [half]: entry });
    } else if (headPart(key) === null) {
      throw errorAt(place, 'adapter/unsupported:tensor', { name, tensor: key });
    }
  }
  adapter.head = findHead(tensors.values(), config, {
    shape: ({ name: tensor, shape, dtype }, expected) =>
      shape.join() === expected.join()
        ? errorAt(inWeights, 'adapter/mismatch:dtype', { tensor, dtype })
        : errorAt(inWeights, 'adapter/mismatch:shape', { tensor, shape, expected }),
    twice: () => errorAt(inWeights, 'adapter/mismatch:two-heads'),
  });
  const tooInvolved = (field: string, key: string) =>
    errorAt(place, 'adapter/unsupported:pattern', { name, field, key });
  const rankOf = patternLookup(settings.rank_pattern, 'rank_pattern', tooInvolved);
  const alphaOf = patternLookup(settings.alpha_pattern, 'alpha_pattern', tooInvolved);
  for (const [module, { A, B }] of halves) {
    const { layer, linear } = locate(module, config, weightsPath);
    // Two keys can name the same module with different prefixes.
    if (adapter.layers[layer]!.has(linear)) {
      throw errorAt(inWeights, 'adapter/mismatch:layer-twice', { linear, layer });
    }
    if (A === undefined || B === undefined)
      throw errorAt(inWeights, 'adapter/mismatch:half', { module });
    const rank = A.shape[0] ?? 0;
    const { K, N } = linearShape(config, linear);
    const key = `model.layers.${layer}.${modulePath(linear)}`;
    const expectedRank = rankOf(key) ?? settings.r;
    if (rank !== expectedRank) {
      const found = { module, rank, expected: expectedRank };
      throw errorAt(inWeights, 'adapter/mismatch:rank', found);
    }
    const alpha = alphaOf(key) ?? settings.lora_alpha;
    adapter.layers[layer]!.set(linear, {
      A: checkMatrix(A, rank, K, weightsPath),
      B: checkMatrix(B, N, rank, weightsPath),
      rank,
      scale: alpha / (settings.use_rslora ? Math.sqrt(rank) : rank),
    });
  }
  return adapter;
}

/**
 * A function from a module to the value of the first key that matches it, as PEFT's `get_pattern_key` chooses.
 * Expressions that could take too long are refused.
 */
function patternLookup(
  pattern: Record<string, number> | null,
  field: string,
  tooInvolved: (field: string, key: string) => TiebreakError,
): (module: string) => number | undefined {
  const expressions: [RegExp, number][] = [];
  let steps = 0;
  for (const [key, value] of Object.entries(pattern ?? {})) {
    steps += matchingSteps(key);
    if (steps > MAX_MATCHING_STEPS) throw tooInvolved(field, key);
    try {
      expressions.push([new RegExp(`^(?:.*\\.)?(?:${key})$`), value]);
    } catch {
      // The key is not a regular expression, so it matches no module.
    }
  }
  return (module) => expressions.find(([expression]) => expression.test(module))?.[1];
}

// Bound for all expressions of a pattern together. Each module of the adapter is tried on all of them, which takes a
// few milliseconds at this bound.
const MAX_MATCHING_STEPS = 1e6;
const MODULE_LENGTH = 40;

/**
 * An upper bound on the steps that a regular expression takes to match a module's name: its length times the number of
 * ways to choose alternatives and positions where quantifiers stop. A hostile expression could run for years. Infinite
 * for syntax that this does not bound or that Python reads differently: quantified groups, lookaround, flags.
 */
function matchingSteps(expression: string): number {
  let ways = 1;
  let quantifiers = 0;
  let previous = '';
  const alternatives = [1];
  for (const [token] of expression.matchAll(
    /\\.|\[(?:\\.|[^\]\\])*\]|\(\?:|\{\d+(?:,\d*)?\}|./gs,
  )) {
    if (token === '(' || token === '(?:') alternatives.push(1);
    else if (token === '|') alternatives[alternatives.length - 1]! += 1;
    else if (token === ')') {
      if (alternatives.length === 1) return Infinity;
      ways *= alternatives.pop()!;
    } else if (/^[*+?{]/.test(token)) {
      // After an opening parenthesis this is not a quantifier; it begins a lookaround, a named group or flags.
      if (previous === ')' || previous === '(') return Infinity;
      if (token === '?') ways *= 2;
      else {
        quantifiers += 1;
        ways *= (MODULE_LENGTH + quantifiers) / quantifiers;
      }
    }
    previous = token;
  }
  return ways * alternatives[0]! * (10 + expression.length);
}

function locate(
  module: string,
  config: DecoderConfig,
  file: string,
): { layer: number; linear: LinearName } {
  const match = /(?:^|\.)layers\.(0|[1-9]\d*)\.(?:self_attn|mlp)\.(\w+)$/.exec(module);
  const linear = LINEAR_NAMES.find((name) => name === match?.[2]);
  if (match === null || linear === undefined || !module.endsWith(modulePath(linear))) {
    throw errorAt({ file }, 'adapter/mismatch:module', { module });
  }
  const layer = Number(match[1]);
  if (layer >= config.numLayers) {
    throw errorAt({ file }, 'adapter/mismatch:layer', { layer, layers: config.numLayers });
  }
  return { layer, linear };
}

function checkMatrix(entry: TensorEntry, rows: number, columns: number, file: string): TensorEntry {
  if (entry.shape.length !== 2 || entry.shape[0] !== rows || entry.shape[1] !== columns) {
    const expected = [rows, columns];
    const shapes = { tensor: entry.name, shape: entry.shape, expected };
    throw errorAt({ file }, 'adapter/mismatch:shape', shapes);
  }
  if (!['F32', 'F16', 'BF16'].includes(entry.dtype)) {
    throw errorAt({ file }, 'adapter/mismatch:dtype', { tensor: entry.name, dtype: entry.dtype });
  }
  return entry;
}

/** Reads a matrix of an adapter as float32, row-major. @throws TiebreakError `adapter/nan` for a non-finite value. */
export async function matrixValues(entry: TensorEntry): Promise<Float32Array<ArrayBuffer>> {
  const values = decodeFloats(await tensorBytes(entry), entry.dtype);
  const bad = values.findIndex((value) => !Number.isFinite(value));
  if (bad < 0) return values;
  throw new TiebreakError('adapter/nan', {
    params: { tensor: entry.name, value: String(values[bad]) },
    place: {
      file: entry.source.name,
      byte: entry.start + (bad * (entry.end - entry.start)) / values.length,
    },
  });
}

/** Every tensor of an adapter: A and B of all layers, and those of its head if it has one. */
export function adapterMatrices({ layers, head }: Adapter): TensorEntry[] {
  const pairs = layers.flatMap((layer) => [...layer.values()].flatMap(({ A, B }) => [A, B]));
  return [...pairs, ...(head === null ? [] : headTensors(head))];
}
