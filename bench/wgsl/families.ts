import type { Variant } from '../../src/engine/executor/variants.ts';
import { flopsOf } from '../../src/engine/planning/flops.ts';
import { planWgslMemory } from '../../src/engine/wgsl/memory.ts';
import type { GptqFormat } from '../../src/model/formats/quantization.ts';
import { writeSyntheticPackage } from '../../testing/synthetic.ts';
import { SHAPES as GEMMA_SHAPES } from '../checkpoint/shapes.ts';
import {
  attempt,
  inFolder,
  loadParts,
  median,
  onDevice,
  openModel,
  options,
  print,
  randomRows,
  results,
  small,
  variants,
} from './context.ts';

/** Sizes of a model whose config.json is made here. */
interface Sizes {
  model_type: string;
  hidden_size: number;
  intermediate_size: number;
  num_hidden_layers: number;
  num_attention_heads: number;
  num_key_value_heads: number;
  head_dim: number;
  [field: string]: unknown;
}

const GEMMA = {
  model_type: 'gemma2',
  rms_norm_eps: 1e-6,
  rope_theta: 10_000,
  sliding_window: 4096,
  attn_logit_softcapping: 50,
  hidden_activation: 'gelu_pytorch_tanh',
};
const QWEN = { model_type: 'qwen3', rms_norm_eps: 1e-6, rope_theta: 1e6, hidden_act: 'silu' };

/** Sizes of public models from their config.json; the first is the one that the others are compared with. */
const SHAPES: Record<string, Sizes> = {
  'Gemma-2-9B': { ...GEMMA, ...GEMMA_SHAPES['9b'] },
  'Gemma-2-27B': { ...GEMMA, ...GEMMA_SHAPES['27b'] },
  'Llama-3.1-8B': {
    model_type: 'llama',
    hidden_act: 'silu',
    rms_norm_eps: 1e-5,
    rope_theta: 500_000,
    rope_scaling: {
      rope_type: 'llama3',
      factor: 8,
      low_freq_factor: 1,
      high_freq_factor: 4,
      original_max_position_embeddings: 8192,
    },
    hidden_size: 4096,
    intermediate_size: 14_336,
    num_hidden_layers: 32,
    num_attention_heads: 32,
    num_key_value_heads: 8,
    head_dim: 128,
  },
  'Qwen3-4B': {
    ...QWEN,
    hidden_size: 2560,
    intermediate_size: 9728,
    num_hidden_layers: 36,
    num_attention_heads: 32,
    num_key_value_heads: 8,
    head_dim: 128,
  },
  'Qwen3-0.6B': {
    ...QWEN,
    hidden_size: 1024,
    intermediate_size: 3072,
    num_hidden_layers: 28,
    num_attention_heads: 16,
    num_key_value_heads: 8,
    head_dim: 128,
  },
};
const VOCABULARY = 8192;

/** The models that are measured: those of {@link SHAPES} in NF4, and the first of these in GPTQ. */
const MODELS: { name: string; sizes: Sizes; quantization: 'nf4' | GptqFormat }[] = [
  ...Object.entries(SHAPES).map(([name, sizes]) => ({ name, sizes, quantization: 'nf4' as const })),
  ...(['gptq8-128', 'gptq8-128-act-order', 'gptq4-128'] as const).map((quantization) => ({
    name: `Gemma-2-9B in ${quantization}`,
    sizes: SHAPES['Gemma-2-9B']!,
    quantization,
  })),
].filter(({ name }) => options.models === undefined || options.models.split(',').includes(name));

/**
 * Benches models of other families, sizes and formats, from token ids to logits: the rate of their products by the
 * GPU's clock, beside that of the first in the same run, and the bytes on the GPU beside the plan.
 */
export async function benchFamilies(): Promise<void> {
  if (MODELS.length === 0) throw new Error(`--models: no ${options.models}`);
  const first: Partial<Record<Variant, number>> = {};
  const table: Record<string, unknown>[] = [];
  results.families = table;
  for (const { name, sizes, quantization } of MODELS) {
    await attempt('families', name, () =>
      inFolder(async (directory) => {
        const layers = small ? 2 : sizes.num_hidden_layers;
        const drawn = 2 ** 22;
        await writeSyntheticPackage(directory, configOf(sizes, layers), 7, { drawn, quantization });
        for (const variant of variants) {
          await attempt('families', `${name}, ${variant}`, async () => {
            const figures = await measure(directory, variant);
            first[variant] ??= figures.tflops;
            const share = figures.tflops / first[variant];
            table.push({ name, variant, layers, share, ...figures });
            print(
              `${name}, ${layers} layers, ${variant}: ${figures.rate.toFixed(0)} tokens/s; products ${figures.tflops.toFixed(1)} TFLOP/s (${share.toFixed(3)} of ${MODELS[0]!.name}), with unpacking and gathering ${figures.withUnpacking.toFixed(1)}; ${(figures.bytes / 1e9).toFixed(3)} GB on the GPU, ${(100 * (figures.bytes / figures.planned - 1)).toFixed(2)} % off the plan`,
            );
          });
        }
      }),
    );
  }
}

/** Measures a batch of four rows of 1,024 tokens. */
async function measure(directory: string, variant: Variant) {
  const [rowCount, length] = small ? [2, 64] : [4, 1024];
  const rows = randomRows(Array(rowCount).fill(length), VOCABULARY);
  const tokens = rowCount * length;
  let figures = { rate: 0, tflops: 0, withUnpacking: 0, bytes: 0, planned: 0 };
  await onDevice(async (gpu, live) => {
    const parts = await loadParts(directory, gpu, [null]);
    const weightBytes = parts.layers.bytes;
    const model = await openModel(gpu, parts, variant);
    await model.forward(rows, parts.adapters);
    const { ms } = await median(() => model.forward(rows, parts.adapters));
    const times = await model.recorder.timed(async () => {
      await model.forward(rows, parts.adapters);
    });
    if (times === null) throw new Error('the device has no timestamps');
    const spent = (pattern: RegExp) =>
      [...times].reduce((sum, [label, of]) => sum + (pattern.test(label) ? of.milliseconds : 0), 0);
    const products = spent(/product /);
    const operations = tokens * flopsOf(parts.pkg.config).token;
    const { peakBytes } = planWgslMemory({
      config: parts.pkg.config,
      variant,
      quantization: parts.pkg.manifest.quantization,
      weightBytes,
      adapterBytes: parts.adapters.reduce((sum, { tensors }) => sum + tensors.bytes, 0),
      adapters: 1,
      rank: 1,
      maxLength: length,
      batchTokens: tokens,
      limits: gpu.gpu,
    });
    figures = {
      rate: (tokens / ms) * 1000,
      tflops: operations / products / 1e9,
      withUnpacking: operations / (products + spent(/^(unpack|gather)/)) / 1e9,
      bytes: live(),
      planned: peakBytes,
    };
    model.dispose();
  });
  return figures;
}

function configOf(sizes: Sizes, layers: number): string {
  const scaled = small
    ? { hidden_size: 128, intermediate_size: 256, num_attention_heads: 4, num_key_value_heads: 2 }
    : {};
  return JSON.stringify({
    max_position_embeddings: 8192,
    ...sizes,
    ...scaled,
    vocab_size: VOCABULARY,
    num_hidden_layers: layers,
  });
}
