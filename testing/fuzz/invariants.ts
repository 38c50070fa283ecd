import { type Adapter, adapterMatrices } from '../../src/model/adapter.ts';
import { type DecoderConfig, rotaryKinds } from '../../src/model/decoder.ts';
import { DTYPE_BYTES } from '../../src/model/dtype.ts';
import { LINEAR_NAMES, linearShape } from '../../src/model/layer.ts';
import type { Manifest } from '../../src/model/manifest.ts';
import type { TensorEntry } from '../../src/model/safetensors.ts';
import { readText } from '../../src/storage/package-files.ts';
import { BrokenRule, type WatchedFiles } from './watched.ts';

/** Throws {@link BrokenRule} unless it holds. */
export function rule(holds: boolean, what: string): void {
  if (!holds) throw new BrokenRule(`broken: ${what.slice(0, 200)}`);
}

const wholeFrom = (least: number, ...values: number[]) =>
  values.every((value) => Number.isSafeInteger(value) && value >= least);
/** True if float32, in which everything is computed, represents it as a finite number above zero. */
const positive = (value: number) => Number.isFinite(Math.fround(value)) && Math.fround(value) > 0;

/**
 * Checks that every range lies in its file behind the header, has the length of its shape and dtype, and overlaps no
 * other.
 */
export function checkTensors(tensors: ReadonlyMap<string, TensorEntry>): void {
  const files = new Map<unknown, TensorEntry[]>();
  for (const [name, tensor] of tensors) {
    const { start, end, shape, dtype, source } = tensor;
    rule(name === tensor.name, `the name of ${name}`);
    rule(wholeFrom(0, ...shape), `the shape of ${name}`);
    rule(wholeFrom(10, start) && start <= end && end <= source.size, `the range of ${name}`);
    // BigInt, since in doubles a product beyond 2 ** 53 could be right by chance.
    const bytes = shape.reduce((n, d) => n * BigInt(d), BigInt(DTYPE_BYTES[dtype]));
    rule(bytes === BigInt(end - start), `the bytes of ${name}`);
    if (start < end) files.set(source, [...(files.get(source) ?? []), tensor]);
  }
  for (const list of files.values()) {
    list.sort((a, b) => a.start - b.start);
    rule(
      list.every(({ start }, i) => i === 0 || list[i - 1]!.end <= start),
      'no overlaps',
    );
  }
}

/** Checks that every tensor of the index comes from the shard that the index names. */
export async function checkPlacement(
  files: WatchedFiles,
  tensors: ReadonlyMap<string, TensorEntry>,
): Promise<void> {
  if (!files.files.has('model.safetensors.index.json')) return;
  const { weight_map } = JSON.parse(await readText(files, 'model.safetensors.index.json'));
  for (const [name, shard] of Object.entries(weight_map)) {
    // valibot's record drops these keys, so they name no tensor.
    if (['__proto__', 'prototype', 'constructor'].includes(name)) continue;
    rule(tensors.get(name)?.source.name === shard, `${name} from ${shard}`);
  }
}

/** Checks that every size is a whole number above zero, and every factor a usable float32. */
export function checkConfig(config: DecoderConfig): void {
  const { hiddenSize, intermediateSize, numLayers, numHeads, numKeyValueHeads } = config;
  const { headDim, vocabSize, maxPositions, windows, attnSoftCap } = config;
  const sizes = [hiddenSize, intermediateSize, numLayers, numHeads, numKeyValueHeads, headDim];
  rule(wholeFrom(1, ...sizes, vocabSize, maxPositions), 'sizes');
  rule(numHeads % numKeyValueHeads === 0 && headDim % 2 === 0, 'heads');
  rule(windows.length === numLayers && numLayers <= 1000, 'layers');
  rule(
    windows.every((window) => window === null || wholeFrom(1, window)),
    'windows of layers',
  );
  const thetas = rotaryKinds(config).map(({ theta }) => theta);
  rule([config.norm.epsilon, ...thetas].every(positive), 'eps and theta');
  rule(positive(config.attnScale) && positive(config.embeddingScale), 'scales');
  rule(attnSoftCap === null || positive(attnSoftCap), 'soft cap');
  for (const name of LINEAR_NAMES) {
    const { K, N } = linearShape(config, name);
    rule(wholeFrom(1, K, N), `the shape of ${name}`);
  }
}

/**
 * Checks that the manifest has its declared type. Existence and length of its files are checked when they are opened.
 */
export function checkManifest({ shards, adapters, files, softCap }: Manifest): void {
  rule(shards.length > 0 && shards.every((shard) => typeof shard === 'string'), 'shards');
  for (const { bytes, sha256 } of Object.values(files)) {
    rule(Number.isInteger(bytes) && bytes >= 0 && /^[0-9a-f]{64}$/.test(sha256), 'files');
  }
  for (const cap of [softCap, ...adapters.map((adapter) => adapter.softCap ?? null)]) {
    rule(cap === null || (Number.isFinite(cap) && cap > 0), 'soft cap');
  }
  rule(
    adapters.every(({ name }) => /^[\w.-]+$/.test(name)),
    'names of adapters',
  );
}

/** Checks that matrices have the shapes of the base's layers, each tensor is used once, and scales are finite. */
export function checkAdapter(adapter: Adapter, config: DecoderConfig): void {
  rule(adapter.layers.length === config.numLayers, 'layers of the adapter');
  for (const layer of adapter.layers) {
    for (const [name, { A, B, rank, scale }] of layer) {
      const { K, N } = linearShape(config, name);
      rule(wholeFrom(1, rank) && Number.isFinite(Math.fround(scale)), `rank and scale of ${name}`);
      rule(A.shape.join() === `${rank},${K}` && B.shape.join() === `${N},${rank}`, `${name}`);
    }
  }
  const matrices = adapterMatrices(adapter);
  rule(new Set(matrices).size === matrices.length, 'a matrix of its own for each');
  checkTensors(new Map(matrices.map((tensor) => [tensor.name, tensor])));
  let width = config.hiddenSize;
  for (const { weight, bias } of adapter.head ?? []) {
    const [rows = 0] = weight.shape;
    rule(weight.shape.join() === `${rows},${width}`, 'the width of a head');
    rule(bias === null || bias.shape.join() === `${rows}`, 'the bias of a head');
    width = rows;
  }
  rule(adapter.head === null || (width >= 1 && width <= 3), 'the labels of a head');
}
