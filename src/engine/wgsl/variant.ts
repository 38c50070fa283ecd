import type { DecoderConfig } from '../../model/decoder.ts';
import { isGptq, type Quantization } from '../../model/formats/quantization.ts';
import { LINEAR_NAMES, linearShape } from '../../model/layer.ts';
import { type GpuLimits, SUBGROUP_MATRIX } from '../device/gpus.ts';
import { type Reason, reasonFor } from '../executor/refusal.ts';
import { type EnginePrecision, PRECISION_OF, type Variant } from '../executor/variants.ts';
import type { ActivationLayout } from './kernels/activations.ts';
import { attentionTiles } from './kernels/attention.ts';
import { INT8_BLOCK } from './kernels/int8.ts';
import { int8TileStorage, PACKED_DOT_PRODUCT } from './kernels/int8-product.ts';
import { type ProductTile, threadsOf, tileStorage } from './kernels/product.ts';
import { SUBGROUP_STORAGE } from './kernels/subgroup-product.ts';

/** The facts of a device that decide which variants it can run. */
interface DeviceFacts {
  features: Pick<GPUSupportedFeatures, 'has'>;
  /** Features of the shading language. */
  languageFeatures: { has(name: string): boolean };
  limits: GpuLimits;
  /** Smallest and largest number of threads in a subgroup. */
  subgroupSizes: readonly [number, number];
}

// Candidates, the default first. A larger tile reads less memory per product; a smaller one leaves room for more
// workgroups at a time and needs fewer registers. The defaults are the fastest on an H100 (docs/performance.md). The
// smallest ones are for devices with little workgroup memory, and may be faster on others.
const TILES: Record<Arithmetic, ProductTile[]> = {
  f32: [
    { tileM: 128, tileN: 128, stepK: 32, rows: 8, columns: 8 },
    { tileM: 64, tileN: 64, stepK: 32, rows: 8, columns: 4 },
    { tileM: 128, tileN: 128, stepK: 16, rows: 8, columns: 8 },
    { tileM: 64, tileN: 64, stepK: 16, rows: 4, columns: 4 },
  ],
  f16: [
    { tileM: 64, tileN: 64, stepK: 64, rows: 8, columns: 4 },
    { tileM: 128, tileN: 128, stepK: 64, rows: 8, columns: 8 },
    { tileM: 64, tileN: 128, stepK: 64, rows: 4, columns: 8 },
    { tileM: 64, tileN: 64, stepK: 32, rows: 4, columns: 4 },
  ],
  i8: [
    { tileM: 64, tileN: 64, stepK: 64, rows: 8, columns: 4 },
    { tileM: 128, tileN: 128, stepK: 64, rows: 8, columns: 8 },
    { tileM: 64, tileN: 128, stepK: 64, rows: 4, columns: 8 },
    { tileM: 64, tileN: 64, stepK: 64, rows: 4, columns: 4 },
  ],
};

/** Element type of the factors in a product. */
type Arithmetic = 'f32' | 'f16' | 'i8';

/** Tile for products with few columns, such as LoRA's first. */
export const NARROW_TILE: ProductTile = { tileM: 32, tileN: 32, stepK: 32, rows: 2, columns: 2 };

/**
 * Tile for all float32 products on a software device: a short step is compiled quickly, and few threads switch seldom.
 * On SwiftShader it compiles in a third of {@link NARROW_TILE}'s time and computes in a third.
 */
export const SOFTWARE_TILE: ProductTile = { tileM: 32, tileN: 32, stepK: 8, rows: 4, columns: 4 };

/** Rows of every buffer are rounded up to a multiple of this, the rows of the largest tile. */
export const ROW_MULTIPLE = 128;

/** Rounds a number of rows up to {@link ROW_MULTIPLE}. */
export function roundUpRows(rows: number): number {
  return Math.ceil(rows / ROW_MULTIPLE) * ROW_MULTIPLE;
}

/** Element type of the products of a variant. Those with subgroup matrices have a fixed tile of their own. */
export const ARITHMETIC: Record<Variant, Arithmetic> = {
  float32: 'f32',
  float16: 'f16',
  'subgroup-matrix': 'f16',
  int8: 'i8',
};

/**
 * Tiles for products on a device, the default first. All returned tiles give the same bits; in float16 this requires
 * steps of one length, because a step is summed in float16.
 * @param software true returns one tile that compiles quickly.
 */
export function productTiles(
  arithmetic: Arithmetic,
  limits: GpuLimits,
  software = false,
): ProductTile[] {
  if (software) {
    if (arithmetic === 'f32') return [SOFTWARE_TILE];
    return [arithmetic === 'i8' ? { ...NARROW_TILE, stepK: 64 } : NARROW_TILE];
  }
  const most = limits.maxComputeWorkgroupStorageSize;
  const storage = (tile: ProductTile) =>
    arithmetic === 'i8' ? int8TileStorage(tile) : tileStorage(tile, arithmetic);
  const fitting = TILES[arithmetic].filter(
    (tile) => storage(tile) <= most && threadsOf(tile) <= limits.maxComputeInvocationsPerWorkgroup,
  );
  if (fitting.length === 0) return TILES[arithmetic].slice(-1);
  return fitting.filter(({ stepK }) => arithmetic !== 'f16' || stepK === fitting[0]!.stepK);
}

/** Layout of the inputs of products in a variant. */
export const LAYOUT: Record<Variant, ActivationLayout> = {
  float32: 'f32',
  float16: 'f16',
  'subgroup-matrix': 'f16-packed',
  int8: 'f16',
};

/** The reason why a variant is refused for a requested precision, including {@link refusal}; null if it may be used. */
export function refusalFor(
  asked: EnginePrecision | 'auto',
  variant: Variant,
  config: DecoderConfig,
  quantization: Quantization,
  facts: DeviceFacts,
): Reason | null {
  // Weights that are not quantised are computed in float32 unless the user requests float16.
  if (PRECISION_OF[variant] === 'float16' && asked !== 'float16' && quantization === 'none') {
    return reasonFor('kernels/unquantised');
  }
  return refusal(variant, config, quantization, facts);
}

/** The reason why a variant cannot run this model on this device; null if it can. */
export function refusal(
  variant: Variant,
  config: DecoderConfig,
  quantization: Quantization,
  { features, languageFeatures, limits, subgroupSizes }: DeviceFacts,
): Reason | null {
  const shapes = LINEAR_NAMES.map((name) => linearShape(config, name));
  if (shapes.some(({ K, N }) => K % 8 !== 0 || N % 8 !== 0))
    return reasonFor('kernels/sizes', { of: 8 });
  if (attentionTiles(config.headDim, limits).length === 0)
    return reasonFor('kernels/heads', { size: config.headDim });
  if (limits.maxComputeInvocationsPerWorkgroup < 256) return reasonFor('kernels/workgroups');
  if (variant === 'float32') return null;
  if (variant === 'int8') {
    if (quantization === 'none') return reasonFor('kernels/unquantised');
    // A difference of two codes of 8 bits takes nine.
    if (isGptq(quantization)) return reasonFor('kernels/gptq-int8');
    if (shapes.some(({ K }) => K % INT8_BLOCK !== 0))
      return reasonFor('kernels/sizes', { of: INT8_BLOCK });
    return languageFeatures.has(PACKED_DOT_PRODUCT) ? null : reasonFor('kernels/no-int8-product');
  }
  if (!features.has('shader-f16')) return reasonFor('kernels/no-float16');
  if (variant === 'float16') return null;
  if (!features.has(SUBGROUP_MATRIX)) return reasonFor('kernels/no-subgroup-matrices');
  if (subgroupSizes[0] !== 32 || subgroupSizes[1] !== 32) return reasonFor('kernels/subgroup-size');
  if (quantization === 'none') return reasonFor('kernels/unquantised');
  if (shapes.some(({ K }) => K % 32 !== 0)) return reasonFor('kernels/sizes', { of: 32 });
  if (limits.maxComputeWorkgroupStorageSize < SUBGROUP_STORAGE)
    return reasonFor('kernels/workgroup-memory');
  return null;
}
