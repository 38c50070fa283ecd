import { TiebreakError } from '../domain/errors.ts';
import type { DecoderConfig } from './decoder.ts';
import { decodeFloats, encodeFloat16 } from './dtype.ts';
import { quantizeInt4 } from './formats/int4.ts';
import { BLOCK_SIZE } from './formats/quantization.ts';
import { tensorName } from './layer.ts';
import type { Manifest } from './manifest.ts';
import { bytesOf, type TensorHeader } from './safetensors.ts';

/** Format in which a package stores the token embedding. */
export type EmbeddingType = Manifest['embedding'];

/** Bytes of encoded rows, one entry for each tensor of {@link embeddingTensors}. */
type EncodedRows = Uint8Array[];

/**
 * The tensors that hold an embedding [vocab_size, hidden_size]: its codes and, for the quantised types, scales.
 * - int8: a float32 scale per row; value = code * scale, and the largest magnitude of a row has the code ±127.
 * - int4: two codes per byte, the first in the low half, zero point 8, and a float16 scale per 32 values.
 * @throws TiebreakError `model/quantization` if the hidden size is no multiple of int4's block.
 */
export function embeddingTensors(config: DecoderConfig, type: EmbeddingType): TensorHeader[] {
  const { vocabSize, hiddenSize } = config;
  const name = tensorName.embedding;
  const scales = tensorName.embeddingScales;
  switch (type) {
    case 'float32':
      return [{ name, dtype: 'F32', shape: [vocabSize, hiddenSize] }];
    case 'float16':
      return [{ name, dtype: 'F16', shape: [vocabSize, hiddenSize] }];
    case 'int8':
      return [
        { name, dtype: 'I8', shape: [vocabSize, hiddenSize] },
        { name: scales, dtype: 'F32', shape: [vocabSize] },
      ];
    case 'int4':
      if (hiddenSize % BLOCK_SIZE.int4 !== 0) {
        throw new TiebreakError('model/quantization:embedding', { params: { hiddenSize } });
      }
      return [
        { name, dtype: 'U8', shape: [vocabSize, hiddenSize / 2] },
        { name: scales, dtype: 'F16', shape: [vocabSize, hiddenSize / BLOCK_SIZE.int4] },
      ];
  }
}

/** Encodes rows [n, hidden_size] of an embedding. */
export function encodeRows(
  type: EmbeddingType,
  values: Float32Array<ArrayBuffer>,
  hiddenSize: number,
): EncodedRows {
  switch (type) {
    case 'float32':
      return [bytesOf(values)];
    case 'float16':
      return [bytesOf(encodeFloat16(values))];
    case 'int8':
      return encodeInt8(values, hiddenSize);
    case 'int4': {
      const { codes, scales } = quantizeInt4(values);
      return [codes, bytesOf(encodeFloat16(scales))];
    }
  }
}

/**
 * Decodes one row into `out` from index `at` on, each value times `factor`.
 * @param row bytes of the row, one entry for each tensor of {@link embeddingTensors}.
 */
export function decodeRow(
  type: EmbeddingType,
  row: readonly Uint8Array<ArrayBuffer>[],
  out: Float32Array,
  at: number,
  factor: number,
): void {
  const [codes, scales] = row as [Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>];
  if (type === 'int4') {
    const blocks = decodeFloats(scales, 'F16');
    for (let i = 0; i < codes.length; i += 1) {
      const scale = factor * blocks[((i * 2) / BLOCK_SIZE.int4) | 0]!;
      out[at + 2 * i] = ((codes[i]! & 15) - 8) * scale;
      out[at + 2 * i + 1] = ((codes[i]! >> 4) - 8) * scale;
    }
    return;
  }
  if (type === 'int8') {
    const scale = factor * decodeFloats(scales, 'F32')[0]!;
    const values = new Int8Array(codes.buffer, codes.byteOffset, codes.byteLength);
    for (let i = 0; i < values.length; i += 1) out[at + i] = values[i]! * scale;
    return;
  }
  const values = decodeFloats(codes, type === 'float32' ? 'F32' : 'F16');
  for (let i = 0; i < values.length; i += 1) out[at + i] = values[i]! * factor;
}

function encodeInt8(values: Float32Array, width: number): EncodedRows {
  const codes = new Int8Array(values.length);
  const scales = new Float32Array(values.length / width);
  for (let r = 0; r < scales.length; r += 1) {
    const row = values.subarray(r * width, (r + 1) * width);
    let max = 0;
    for (const value of row) max = Math.max(max, Math.abs(value));
    scales[r] = max / 127;
    if (max === 0) continue;
    for (let i = 0; i < width; i += 1) codes[r * width + i] = Math.round(row[i]! / scales[r]!);
  }
  return [bytesOf(codes), bytesOf(scales)];
}
