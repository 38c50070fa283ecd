import { errorAt, TiebreakError } from '../domain/errors.ts';
import type { Adapter } from '../model/adapter.ts';
import { type Checkpoint, needTensor, readValues } from '../model/checkpoint.ts';
import {
  type Head,
  type HeadActivation,
  LINEAR,
  MAX_LABELS,
  MAX_VERDICT_TOKENS,
  verdictsFit,
} from '../model/heads/head.ts';
import {
  findHead,
  type HeadLayers,
  headPart,
  headTensorNames,
  labelsOf,
} from '../model/heads/layers.ts';
import { readLmHead } from '../model/heads/lm-head.ts';
import { tensorName } from '../model/layer.ts';
import { bytesOf, type TensorEntry } from '../model/safetensors.ts';
import { joinBytes } from '../storage/bytes.ts';
import { densePlan, type TensorPlan } from './tensor-plan.ts';

/** Choices of a package's user about its head. */
export interface HeadOptions {
  /** Of a causal model: ids of the tokens of each verdict, which become the head. */
  verdicts?: readonly (readonly number[])[];
  /** Activation of a two-layer head, which no tensor tells. Default: that of a known name. */
  headActivation?: HeadActivation;
}

/** The head of a package: its kind, and the tensors of the base model's own head, none if it has none. */
export interface HeadPlan {
  head: Head;
  /** Numbers that each head gives for a text. */
  labels: number;
  tensors: TensorPlan[];
}

/**
 * Plans the head of a package, from names and shapes alone.
 * @throws TiebreakError `model/no-score` if neither base nor adapters have one, `model/verdict` for tokens that cannot
 *   be its verdicts, `model/head-activation`, `model/unsupported`, `adapter/mismatch` for heads that differ.
 */
export function planHead(
  checkpoint: Checkpoint,
  adapters: readonly Adapter[],
  options: HeadOptions,
): HeadPlan {
  const base = findHead(checkpoint.tensors.values(), checkpoint.config, {
    shape: ({ name: tensor, dtype, shape, source }, expected) =>
      errorAt({ file: source.name }, 'model/shape:head', { tensor, dtype, shape, expected }),
    twice: ({ name: tensor, source }) =>
      errorAt({ file: source.name }, 'model/unsupported:two-heads', { tensor }),
  });
  const { verdicts, headActivation } = options;
  const own = adapters.find((adapter) => adapter.head !== null);
  if (verdicts !== undefined) {
    if (base !== null || own !== undefined) {
      throw new TiebreakError('model/verdict:head', { params: { adapter: own?.name ?? null } });
    }
    return verdictHead(checkpoint, verdicts);
  }
  const headless = adapters.find((adapter) => adapter.head === null);
  if (base === null && (adapters.length === 0 || headless !== undefined)) {
    const { architecture } = checkpoint;
    if (architecture?.endsWith('ForCausalLM')) {
      throw new TiebreakError('model/no-score:causal', { params: { architecture } });
    }
    throw new TiebreakError('model/no-score', { params: { adapter: headless?.name ?? null } });
  }
  const heads = [base, ...adapters.map(({ head }) => head)].filter((head) => head !== null);
  const labels = heads.map((head) => labelsOf(head));
  if (new Set(labels).size > 1) {
    throw new TiebreakError('adapter/mismatch:labels', { params: { labels } });
  }
  return {
    head: kindOf(heads, headActivation),
    labels: labels[0]!,
    tensors: base === null ? [] : baseTensors(base),
  };
}

/** The kind of heads that are used together. */
function kindOf(heads: HeadLayers[], given: HeadActivation | undefined): Head {
  const layers = heads.map((head) => head.length);
  if (new Set(layers).size > 1) {
    throw new TiebreakError('adapter/mismatch:head', { params: { layers } });
  }
  const weights = heads.map((head) => head[0]!.weight.name);
  const isValue = weights.map((name) => headPart(name)?.root === 'v_head.summary');
  if (new Set(isValue).size > 1) {
    throw new TiebreakError('adapter/mismatch:head-names', { params: { tensors: weights } });
  }
  const readsLast = isValue[0] ? ({ readsLast: true } as const) : {};
  if (layers[0] === 1) {
    if (given === undefined) return { ...LINEAR, ...readsLast };
    throw new TiebreakError('model/head-activation:linear');
  }
  // Value heads of two layers are those of GRM (rewardbench/models/grm.py), with ReLU.
  const activation = given ?? (isValue[0] ? 'relu' : undefined);
  if (activation !== undefined) return { kind: 'two-layer', activation, ...readsLast };
  throw new TiebreakError('model/head-activation', { params: { tensor: weights[0]! } });
}

function baseTensors(layers: HeadLayers): TensorPlan[] {
  return layers.flatMap(({ weight, bias }, i) => {
    const names = headTensorNames(i, layers.length);
    const plans = [densePlan(weight, names.weight, weight.shape)];
    return bias === null ? plans : [...plans, densePlan(bias, names.bias, bias.shape)];
  });
}

function verdictHead(checkpoint: Checkpoint, verdicts: readonly (readonly number[])[]): HeadPlan {
  const { vocabSize, hiddenSize } = checkpoint.config;
  const tokens = verdicts.flat();
  const outside = tokens.find((token) => !(token >= 0 && token < vocabSize));
  if (outside !== undefined) {
    throw new TiebreakError('model/verdict:vocabulary', {
      params: { token: outside, most: vocabSize - 1 },
    });
  }
  if (verdicts.length > MAX_LABELS) {
    const params = { verdicts: verdicts.length, most: MAX_LABELS };
    throw new TiebreakError('model/verdict:count', { params });
  }
  if (!verdictsFit(verdicts)) {
    throw new TiebreakError('model/verdict:tokens', { params: { most: MAX_VERDICT_TOKENS } });
  }
  const { tied, softCap } = readLmHead(checkpoint.configText);
  const from = tied ? tensorName.embedding : LM_HEAD;
  if (!checkpoint.tensors.has(from)) {
    throw new TiebreakError('model/no-lm-head', { params: { tensor: from } });
  }
  const source = needTensor(checkpoint, from, [vocabSize, hiddenSize]);
  const rows: TensorPlan = {
    name: headTensorNames(0, 1).weight,
    dtype: 'F32',
    shape: [tokens.length, hiddenSize],
    async *produce() {
      const parts: Uint8Array[] = [];
      for (const token of tokens) parts.push(bytesOf(await readValues(rowOf(source, token))));
      yield joinBytes(parts);
    },
  };
  const head: Head = {
    kind: 'verdict',
    verdicts: verdicts.map((verdict) => [...verdict]),
    softCap,
  };
  return { head, labels: verdicts.length, tensors: [rows] };
}

/** One row of a matrix. */
function rowOf(entry: TensorEntry, row: number): TensorEntry {
  const [rows, width] = entry.shape as [number, number];
  const bytes = (entry.end - entry.start) / rows;
  const start = entry.start + row * bytes;
  return { ...entry, shape: [1, width], start, end: start + bytes };
}

/** The head of a causal model whose embedding is not tied to it. */
const LM_HEAD = 'lm_head.weight';
