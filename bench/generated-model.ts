import { config9b, writeSyntheticPackage } from '../testing/synthetic.ts';
import { addSyntheticAdapter } from './synthetic-adapter.ts';

/** The real vocabulary, so that it contains a tokenizer's ids. */
export const VOCABULARY = 256_000;
export const LORA = { name: 'bench', rank: 16, targets: ['q_proj', 'k_proj', 'v_proj'] } as const;

/**
 * Writes a model of Gemma-2-9B's shape with random weights and a LoRA on the upper layers.
 * @param small a narrow one, for trying a bench without a GPU.
 */
export async function writeGeneratedModel(
  directory: string,
  layers: number,
  small: boolean,
): Promise<void> {
  const config = config9b(layers, VOCABULARY);
  await writeSyntheticPackage(directory, small ? thin(config) : config, 7);
  await addSyntheticAdapter(directory, { ...LORA, firstLayer: Math.floor((layers * 16) / 42) });
}

function thin(config: string): string {
  return config
    .replace('"hidden_size":3584', '"hidden_size":128')
    .replace('"intermediate_size":14336', '"intermediate_size":256')
    .replace('"num_attention_heads":16', '"num_attention_heads":2')
    .replace('"num_key_value_heads":8', '"num_key_value_heads":1')
    .replace('"head_dim":256', '"head_dim":64');
}

/** The first `rows` rows of a CSV file. */
export function firstRows(file: Buffer, rows: number): Uint8Array<ArrayBuffer> {
  let quoted = false;
  let lines = 0;
  let end = 0;
  for (; end < file.length && lines <= rows; end += 1) {
    if (file[end] === 0x22) quoted = !quoted;
    else if (file[end] === 0x0a && !quoted) lines += 1;
  }
  return new Uint8Array(file.subarray(0, end));
}
