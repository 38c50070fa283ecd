import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseConfig } from '../../src/model/config.ts';
import type { DecoderConfig } from '../../src/model/decoder.ts';
import { BLOCK_SIZE } from '../../src/model/formats/quantization.ts';
import { LINEAR_NAMES, linearShape, normNames, tensorName } from '../../src/model/layer.ts';
import { tensorSize } from '../../src/model/safetensors.ts';
import { shuffle } from '../../testing/synthetic.ts';
import { makePools, type Pools } from './pools.ts';
import { configJson, gptqGroup, type Sizes, type Stored } from './shapes.ts';
import { type DrawnTensor, writeSafetensors } from './write.ts';

export interface BaseOptions {
  sizes: Sizes;
  stored: Stored;
  /** Most bytes of a shard, without its header. */
  shardBytes: number;
  next: () => number;
  /** Called after each shard with its name and bytes. */
  onShard?: (name: string, bytes: number) => void;
}

/** Writes a synthetic `Gemma2ForCausalLM` (without a score head) into a folder, as `save_pretrained` does. */
export function writeBase(folder: string, options: BaseOptions): void {
  const { sizes, stored, shardBytes, next, onShard } = options;
  mkdirSync(folder, { recursive: true });
  const configText = configJson(sizes, stored);
  writeFileSync(join(folder, 'config.json'), configText);
  const pools = makePools(sizes.hidden_size, next);
  const shards = split([...baseTensors(parseConfig(configText), options, pools)], shardBytes);
  const number = (n: number) => String(n).padStart(5, '0');
  const weightMap: [string, string][] = [];
  let totalSize = 0;
  for (const [i, tensors] of shards.entries()) {
    const name =
      shards.length === 1
        ? 'model.safetensors'
        : `model-${number(i + 1)}-of-${number(shards.length)}.safetensors`;
    const bytes = writeSafetensors(join(folder, name), tensors, next);
    for (const tensor of tensors) {
      weightMap.push([tensor.name, name]);
      totalSize += tensorSize(tensor);
    }
    onShard?.(name, bytes);
  }
  if (shards.length === 1) return;
  weightMap.sort(([a], [b]) => (a < b ? -1 : 1));
  const index = {
    metadata: { total_size: totalSize },
    weight_map: Object.fromEntries(weightMap),
  };
  writeFileSync(
    join(folder, 'model.safetensors.index.json'),
    `${JSON.stringify(index, null, 2)}\n`,
  );
}

/** Fills shards in order, as `split_torch_state_dict_into_shards` does. */
function split(tensors: DrawnTensor[], shardBytes: number): DrawnTensor[][] {
  const shards: DrawnTensor[][] = [[]];
  let room = shardBytes;
  for (const tensor of tensors) {
    const size = tensorSize(tensor);
    if (size > room && shards.at(-1)!.length > 0) {
      shards.push([]);
      room = shardBytes;
    }
    shards.at(-1)!.push(tensor);
    room -= size;
  }
  return shards;
}

/** The tensors in the order of the module's state dict. */
function* baseTensors(
  config: DecoderConfig,
  { sizes, stored, next }: Pick<BaseOptions, 'sizes' | 'stored' | 'next'>,
  pools: Pools,
): Generator<DrawnTensor> {
  const { hiddenSize, vocabSize } = config;
  const dense = (name: string, shape: number[]): DrawnTensor => ({
    name,
    dtype: 'BF16',
    shape,
    pool: shape.length === 1 ? pools.norms : pools.weights,
  });
  yield dense(tensorName.embedding, [vocabSize, hiddenSize]);
  for (let layer = 0; layer < config.numLayers; layer += 1) {
    for (const linear of LINEAR_NAMES) {
      const { K, N } = linearShape(config, linear);
      const name = tensorName.linear(layer, linear);
      if (stored === 'bf16') yield dense(name, [N, K]);
      else if (stored === 'nf4') yield* nf4Tensors(name, [N, K], pools.nf4);
      else {
        const group = gptqGroup(sizes);
        const groupOf = Int32Array.from({ length: K }, (_, k) => Math.floor(k / group));
        if (stored === 'gptq8-act-order') shuffle(groupOf, (n) => Math.floor(next() * n));
        yield* gptqTensors(name, [N, K], groupOf, K / group, pools.gptq);
      }
    }
    for (const norm of normNames(config)) {
      yield dense(tensorName.norm(layer, norm), [hiddenSize]);
    }
  }
  yield dense(tensorName.finalNorm, [hiddenSize]);
}

/** A linear layer in GPTQ of 8 bits. @param groupOf the group of each feature. */
function gptqTensors(
  name: string,
  [N, K]: [number, number],
  groupOf: Int32Array,
  groups: number,
  pool: Pools['gptq'],
): DrawnTensor[] {
  const module = name.replace('.weight', '');
  const index = new Uint8Array(groupOf.buffer);
  return [
    { name: `${module}.g_idx`, dtype: 'I32', shape: [K], pool: index },
    { name: `${module}.qweight`, dtype: 'I32', shape: [K / 4, N], pool: pool.qweight },
    { name: `${module}.qzeros`, dtype: 'I32', shape: [groups, N / 4], pool: pool.qzeros },
    { name: `${module}.scales`, dtype: 'F16', shape: [groups, N], pool: pool.scales },
  ];
}

/** A linear layer in the format of bitsandbytes with double quantisation. */
function nf4Tensors(name: string, [N, K]: [number, number], pool: Pools['nf4']): DrawnTensor[] {
  const blocks = (N * K) / BLOCK_SIZE.nf4;
  // With spaces like those of Python's json.
  const state = new TextEncoder().encode(
    `{"quant_type": "nf4", "blocksize": 64, "dtype": "bfloat16", "shape": [${N}, ${K}], "nested_blocksize": 256, "nested_dtype": "float32", "nested_offset": ${pool.offset}}`,
  );
  const part = (
    suffix: string,
    dtype: DrawnTensor['dtype'],
    shape: number[],
    bytes: Uint8Array,
  ): DrawnTensor => ({ name: `${name}${suffix}`, dtype, shape, pool: bytes });
  return [
    part('', 'U8', [(N * K) / 2, 1], pool.codes),
    part('.absmax', 'U8', [blocks], pool.absmax),
    part('.quant_map', 'F32', [16], pool.map),
    part('.nested_absmax', 'F32', [Math.ceil(blocks / 256)], pool.nestedAbsmax),
    part('.nested_quant_map', 'F32', [256], pool.nestedMap),
    part('.quant_state.bitsandbytes__nf4', 'U8', [state.length], state),
  ];
}
