import { needTensor, openCheckpoint, readValues } from '../src/model/checkpoint.ts';
import { decodeFloats } from '../src/model/dtype.ts';
import { EmbeddingTable } from '../src/model/embedding-table.ts';
import { dequantizeInt4 } from '../src/model/formats/int4.ts';
import { dequantizeBnb4 } from '../src/model/formats/nf4.ts';
import {
  LINEAR_NAMES,
  linearShape,
  linearTensors,
  modulePath,
  tensorName,
} from '../src/model/layer.ts';
import type { ModelPackage } from '../src/model/package.ts';
import { tensorBytes } from '../src/model/safetensors.ts';
import type { PackageFiles } from '../src/storage/package-files.ts';

const ROWS_AT_ONCE = 256;

/** Sums of the squares of differences and of values. */
class SquareSums {
  private error = 0;
  private norm = 0;

  add(values: Float32Array, exact: Float32Array): void {
    for (let i = 0; i < exact.length; i += 1) {
      this.error += (values[i]! - exact[i]!) ** 2;
      this.norm += exact[i]! ** 2;
    }
  }

  /** Frobenius norm of the differences divided by that of the values. */
  get ratio(): number {
    return Math.sqrt(this.error / this.norm);
  }
}

/**
 * Relative errors of a quantised package's linear layers, over all decoder layers; `all linear` is that of all
 * together.
 */
export async function linearErrors(
  pkg: ModelPackage,
  base: PackageFiles,
): Promise<Map<string, number>> {
  const checkpoint = await openCheckpoint(base);
  const all = new SquareSums();
  const errors = new Map<string, number>();
  for (const name of LINEAR_NAMES) {
    const { K, N } = linearShape(pkg.config, name);
    const sums = new SquareSums();
    for (let layer = 0; layer < pkg.config.numLayers; layer += 1) {
      const weight = tensorName.layer(layer, `${modulePath(name)}.weight`);
      const exact = await readValues(needTensor(checkpoint, weight, [N, K]));
      const values = await storedValues(pkg, name, weight);
      sums.add(values, exact);
      all.add(values, exact);
    }
    errors.set(name, sums.ratio);
  }
  return errors.set('all linear', all.ratio);
}

/** Dequantises a linear layer of a package to values [N, K]. */
async function storedValues(
  pkg: ModelPackage,
  name: (typeof LINEAR_NAMES)[number],
  weight: string,
): Promise<Float32Array> {
  const { quantization } = pkg.manifest;
  if (quantization !== 'nf4' && quantization !== 'int4') throw new Error(`${quantization} weights`);
  const specs = linearTensors(pkg.config, name, quantization);
  const codes = await tensorBytes(pkg.tensor(weight, 'U8', specs.weight.shape));
  const entry = pkg.tensor(tensorName.scales(weight, quantization), 'F32', specs.scales!.shape);
  const scales = decodeFloats(await tensorBytes(entry), 'F32');
  if (quantization === 'int4') return dequantizeInt4({ codes, scales });
  return dequantizeBnb4({ codes, absmax: scales });
}

/** Relative error of a package's embedding, in any format. */
export async function embeddingError(pkg: ModelPackage, base: PackageFiles): Promise<number> {
  const { vocabSize, hiddenSize } = pkg.config;
  const checkpoint = await openCheckpoint(base);
  const shape = [vocabSize, hiddenSize];
  const exact = await readValues(needTensor(checkpoint, tensorName.embedding, shape));
  const table = EmbeddingTable.open(pkg);
  const multiplier = Math.sqrt(hiddenSize);
  const sums = new SquareSums();
  for (let from = 0; from < vocabSize; from += ROWS_AT_ONCE) {
    const length = Math.min(ROWS_AT_ONCE, vocabSize - from);
    const ids = Int32Array.from({ length }, (_, i) => from + i);
    const rows = await table.gather([ids], length);
    const values = rows.map((value) => value / multiplier);
    sums.add(values, exact.subarray(from * hiddenSize, (from + length) * hiddenSize));
  }
  return sums.ratio;
}
