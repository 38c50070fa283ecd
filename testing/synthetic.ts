import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseConfig } from '../src/model/config.ts';
import type { DecoderConfig } from '../src/model/decoder.ts';
import { encodeFloat16 } from '../src/model/dtype.ts';
import { type GptqFormat, gptqLayout } from '../src/model/formats/quantization.ts';
import { layerTensors, tensorName } from '../src/model/layer.ts';
import type { Manifest } from '../src/model/manifest.ts';
import { safetensorsHeader, type TensorHeader, tensorSize } from '../src/model/safetensors.ts';
import { NodeSink } from '../src/storage/node-file.ts';

/** `config.json` of Gemma-2-9B with fewer layers and a smaller vocabulary, for generated weights. */
export function config9b(layers: number, vocabSize: number): string {
  return JSON.stringify({
    architectures: ['Gemma2ForSequenceClassification'],
    model_type: 'gemma2',
    hidden_size: 3584,
    intermediate_size: 14336,
    num_hidden_layers: layers,
    num_attention_heads: 16,
    num_key_value_heads: 8,
    head_dim: 256,
    vocab_size: vocabSize,
    rms_norm_eps: 1e-6,
    rope_theta: 10000,
    query_pre_attn_scalar: 256,
    sliding_window: 4096,
    attn_logit_softcapping: 50,
    hidden_activation: 'gelu_pytorch_tanh',
    max_position_embeddings: 8192,
  });
}

/** A seeded generator of uniform numbers in [0, 1) (mulberry32). */
export function random(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

/** Mixes a list in place. @param below draws a whole number from 0 to below its argument. */
export function shuffle(list: Int32Array, below: (n: number) => number): void {
  for (let i = list.length - 1; i > 0; i -= 1) {
    const other = below(i + 1);
    [list[i], list[other]] = [list[other]!, list[i]!];
  }
}

/**
 * Writes a package with random weights of ordinary scale (standard deviation about 0.02), a score head and no
 * adapter or tokenizer. `massive` makes the MLP's input and output hundreds of times as large, so that gate times up is
 * far beyond float16. Weights are drawn as codes, so that a package of any size is written at the speed of the disk; a
 * tensor of more than `drawn` bytes repeats itself.
 * @param options `quantization`: NF4 (the default) or a format of GPTQ.
 */
export async function writeSyntheticPackage(
  directory: string,
  configText: string,
  seed: number,
  {
    massive = false,
    drawn = REPEATED_BYTES,
    quantization = 'nf4',
  }: { massive?: boolean; drawn?: number; quantization?: 'nf4' | GptqFormat } = {},
): Promise<void> {
  const config = parseConfig(configText);
  const next = random(seed);
  const tensors = [...plan(config, quantization)];
  const shard = 'model-00001-of-00001.safetensors';
  const file = await new NodeSink(directory).create(shard);
  const { bytes } = safetensorsHeader(tensors);
  await file.write(bytes);
  let size = bytes.length;
  for (const tensor of tensors) {
    const total = tensorSize(tensor);
    const data = fill(tensor, Math.min(total, drawn), next, {
      more: massive ? MASSIVE : 0,
      bits: quantization === 'nf4' ? 4 : gptqLayout(quantization).bits,
    });
    for (let written = 0; written < total; written += data.byteLength) {
      await file.write(data.subarray(0, total - written));
    }
    size += total;
  }
  await file.close();
  const manifest: Manifest = {
    format: 'tiebreak-package',
    version: 1,
    name: `synthetic ${config.numLayers} x ${config.hiddenSize}`,
    quantization,
    embedding: 'float16',
    softCap: config.attnSoftCap,
    template: 'lmsys-notebook',
    shards: [shard],
    adapters: [],
    // No hash is computed, since these files are used at once and never verified.
    files: { [shard]: { bytes: size, sha256: '0'.repeat(64) } },
  };
  await writeFile(join(directory, 'config.json'), configText);
  await writeFile(join(directory, 'tiebreak.json'), JSON.stringify(manifest));
}

function* plan(config: DecoderConfig, quantization: 'nf4' | GptqFormat): Generator<TensorHeader> {
  const { hiddenSize, vocabSize } = config;
  yield { name: tensorName.embedding, dtype: 'F16', shape: [vocabSize, hiddenSize] };
  for (let layer = 0; layer < config.numLayers; layer += 1) {
    yield* layerTensors(config, quantization, layer).map(({ name, dtype, shape }) => ({
      name,
      dtype,
      shape,
    }));
  }
  yield { name: tensorName.finalNorm, dtype: 'F32', shape: [hiddenSize] };
  yield { name: tensorName.score, dtype: 'F32', shape: [3, hiddenSize] };
}

/** Added to the weights of the norms before and after the MLP. */
const MASSIVE = 300;

// Drawing the embedding of a whole vocabulary would take minutes.
const REPEATED_BYTES = 2 ** 26;

/** Makes the first `bytes` of a tensor. @param bits of a code. */
function fill(
  tensor: TensorHeader,
  bytes: number,
  next: () => number,
  { more, bits }: { more: number; bits: 4 | 8 },
): Uint8Array {
  if (tensor.dtype === 'I32') {
    const order = Int32Array.from({ length: bytes / 4 }, (_, k) => k);
    shuffle(order, (n) => Math.floor(next() * n));
    return new Uint8Array(order.buffer);
  }
  // Zero points in the middle of the codes.
  if (tensor.name.endsWith('.zeros')) return new Uint8Array(bytes).fill(bits === 8 ? 0x80 : 0x88);
  if (tensor.dtype === 'U8') {
    const words = new Uint32Array(bytes / 4);
    for (let i = 0; i < words.length; i += 1) words[i] = next() * 4294967296;
    return new Uint8Array(words.buffer);
  }
  const values = new Float32Array(bytes / (tensor.dtype === 'F16' ? 2 : 4));
  const normal = () => next() + next() + next() + next() - 2; // standard deviation 0.58
  for (let i = 0; i < values.length; i += 1) {
    // Uniformly drawn NF4 codes have a standard deviation of about 0.56 absmax, those of GPTQ of 0.58 half ranges.
    if (tensor.name.endsWith('absmax')) values[i] = 0.03 + 0.02 * next();
    else if (tensor.name.endsWith('.scales')) values[i] = (0.03 + 0.02 * next()) * 2 ** (1 - bits);
    else if (tensor.name.endsWith('norm.weight')) {
      values[i] = 0.3 * normal() + (tensor.name.includes('feedforward') ? more : 0);
    } else values[i] = 0.05 * normal();
  }
  const out = tensor.dtype === 'F16' ? encodeFloat16(values) : values;
  return new Uint8Array(out.buffer);
}
