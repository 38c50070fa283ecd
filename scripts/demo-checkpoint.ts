import { copyFile, mkdir, open, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseConfig } from '../src/model/config.ts';
import { LINEAR_NAMES } from '../src/model/layer.ts';
import {
  readSafetensors,
  safetensorsHeader,
  type TensorEntry,
  type TensorHeader,
  tensorBytes,
} from '../src/model/safetensors.ts';
import { NodeDirectory } from '../src/storage/node-file.ts';
import { readText } from '../src/storage/package-files.ts';

// Turns the files of a training run (training/run, see training/export.py) into a Hugging Face checkpoint folder and
// PEFT adapter folders, as training/assemble.py does, for machines without Python.

/** Rows of the embedding written at once. */
const PIECE_ROWS = 4096;
/** Row of the compact vocabulary shared by all tokens that the training texts lack. */
const OTHER = 3;

/**
 * Writes the checkpoint folder of a run: config.json and model.safetensors (float16). The run stores only the
 * embedding's rows of tokens in its texts.
 */
export async function writeDemoBase(run: string, directory: string): Promise<void> {
  const files = new NodeDirectory(run);
  const { vocabSize, hiddenSize } = parseConfig(await readText(files, 'config.json'));
  const stored = await readSafetensors(await files.open('embedding.safetensors'));
  const ids = new Int32Array((await tensorBytes(stored.get('ids')!)).buffer);
  const rows = new Uint16Array((await tensorBytes(stored.get('rows')!)).buffer);
  const base = await readSafetensors(await files.open('base.safetensors'));
  const embedding: TensorHeader = {
    name: 'model.embed_tokens.weight',
    dtype: 'F16',
    shape: [vocabSize, hiddenSize],
  };
  await mkdir(directory, { recursive: true });
  await copyFile(join(run, 'config.json'), join(directory, 'config.json'));

  const compact = new Int32Array(vocabSize).fill(OTHER);
  for (const [row, id] of ids.entries()) compact[id] = row;
  await writeTensors(join(directory, 'model.safetensors'), [embedding, ...base.values()], {
    async *[embedding.name]() {
      for (let first = 0; first < vocabSize; first += PIECE_ROWS) {
        const last = Math.min(vocabSize, first + PIECE_ROWS);
        const piece = new Uint16Array((last - first) * hiddenSize);
        for (let id = first; id < last; id += 1) {
          const at = compact[id]! * hiddenSize;
          piece.set(rows.subarray(at, at + hiddenSize), (id - first) * hiddenSize);
        }
        yield new Uint8Array(piece.buffer);
      }
    },
  });
}

/** Writes the PEFT folder of one of a run's adapters. */
export async function writeDemoAdapter(
  run: string,
  name: string,
  directory: string,
): Promise<void> {
  const file = `adapter-${name}.safetensors`;
  const tensors = await readSafetensors(await new NodeDirectory(run).open(file));
  const A = [...tensors.values()].find((tensor) => tensor.name.endsWith('lora_A.weight'))!;
  const rank = A.shape[0]!;
  await mkdir(directory, { recursive: true });
  await copyFile(join(run, file), join(directory, 'adapter_model.safetensors'));
  const settings = {
    alpha_pattern: {},
    base_model_name_or_path: null,
    bias: 'none',
    fan_in_fan_out: false,
    inference_mode: true,
    init_lora_weights: true,
    layers_pattern: null,
    layers_to_transform: null,
    lora_alpha: 2 * rank,
    lora_bias: false,
    lora_dropout: 0,
    modules_to_save: ['score'],
    peft_type: 'LORA',
    r: rank,
    rank_pattern: {},
    revision: null,
    target_modules: LINEAR_NAMES,
    task_type: 'SEQ_CLS',
    use_dora: false,
    use_rslora: false,
  };
  await writeFile(join(directory, 'adapter_config.json'), `${JSON.stringify(settings, null, 2)}\n`);
}

/** Writes a safetensors file: the tensors in `made` piece by piece, the others unchanged from their file. */
async function writeTensors(
  path: string,
  tensors: (TensorHeader | TensorEntry)[],
  made: Record<string, () => AsyncIterable<Uint8Array>>,
): Promise<void> {
  const headers = tensors.map(({ name, dtype, shape }) => ({ name, dtype, shape }));
  const file = await open(path, 'w');
  try {
    await file.writeFile(safetensorsHeader(headers).bytes);
    for (const tensor of tensors) {
      if ('source' in tensor) await file.writeFile(await tensorBytes(tensor));
      else for await (const piece of made[tensor.name]!()) await file.writeFile(piece);
    }
  } finally {
    await file.close();
  }
}
