import { encodeFloat16 } from '../../src/model/dtype.ts';
import { dynamicMap, quantizeScales } from '../../src/model/formats/double-quant.ts';
import { NF4_VALUES, quantizeNf4 } from '../../src/model/formats/nf4.ts';
import { bytesOf } from '../../src/model/safetensors.ts';
import { random } from '../../testing/synthetic.ts';

const POOL_VALUES = 2 ** 21;
const SMALL_POOL_VALUES = 2 ** 16;

/** Normal values of the given standard deviation (Box-Muller), since quantisation errors depend on the tails. */
export function normalValues(
  count: number,
  deviation: number,
  next: () => number,
): Float32Array<ArrayBuffer> {
  const values = new Float32Array(count);
  for (let i = 0; i < count; i += 2) {
    const radius = deviation * Math.sqrt(-2 * Math.log(1 - next()));
    const angle = 2 * Math.PI * next();
    values[i] = radius * Math.cos(angle);
    values[i + 1] = radius * Math.sin(angle);
  }
  return values;
}

/** Rounds float32 values to bfloat16 in place, to nearest, ties to even, and returns them as bits too. */
export function roundToBfloat16(values: Float32Array<ArrayBuffer>): Uint16Array<ArrayBuffer> {
  const words = new Uint32Array(values.buffer, values.byteOffset, values.length);
  const bits = new Uint16Array(values.length);
  for (let i = 0; i < words.length; i += 1) {
    const word = words[i]!;
    bits[i] = (word + 0x7fff + ((word >>> 16) & 1)) >>> 16;
    words[i] = bits[i]! << 16;
  }
  return bits;
}

/** Values from which the tensors of a checkpoint are drawn. */
export interface Pools {
  /** bfloat16 weights. */
  weights: Uint8Array;
  /** bfloat16 weights of norms, stored minus one. */
  norms: Uint8Array;
  /** The weights as bitsandbytes stores them in NF4. */
  nf4: {
    codes: Uint8Array;
    absmax: Uint8Array;
    nestedAbsmax: Uint8Array;
    nestedMap: Uint8Array;
    map: Uint8Array;
    offset: number;
  };
  /** The weights in GPTQ of 8 bits, symmetric, in AutoGPTQ's first format. */
  gptq: { qweight: Uint8Array; qzeros: Uint8Array; scales: Uint8Array };
}

/**
 * Makes pools for a hidden size. A linear layer's output gets a standard deviation of about 1.2, and so does the
 * embedding after its multiplier: activations stay ordinary through all layers, and attention scores far below the soft
 * cap.
 */
export function makePools(hiddenSize: number, next: () => number): Pools {
  const deviation = 1.2 / Math.sqrt(hiddenSize);
  const values = normalValues(POOL_VALUES, deviation, next);
  const weights = bytesOf(roundToBfloat16(values));
  const { codes, absmax } = quantizeNf4(values);
  const nested = quantizeScales(absmax);
  return {
    weights,
    norms: bytesOf(roundToBfloat16(normalValues(SMALL_POOL_VALUES, 0.17, next))),
    nf4: {
      codes,
      absmax: nested.codes,
      nestedAbsmax: bytesOf(nested.absmax),
      nestedMap: bytesOf(dynamicMap()),
      map: bytesOf(NF4_VALUES),
      offset: nested.offset,
    },
    gptq: gptqPool(deviation),
  };
}

/** Draws by a generator of its own, so that the other pools of a seed stay the same. */
function gptqPool(deviation: number): Pools['gptq'] {
  const next = random(8);
  // Around the zero point 128, with four deviations on either side.
  const codes = normalValues(POOL_VALUES, 32, next).map((value) => Math.round(value) + 128);
  const scales = Float32Array.from(
    { length: SMALL_POOL_VALUES },
    () => (deviation / 32) * (0.8 + 0.4 * next()),
  );
  return {
    qweight: Uint8Array.from(codes, (code) => Math.min(255, Math.max(0, code))),
    qzeros: new Uint8Array(SMALL_POOL_VALUES).fill(127),
    scales: bytesOf(encodeFloat16(scales)),
  };
}
