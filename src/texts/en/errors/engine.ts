import { type Place, placeIn } from '../../place.ts';
import type { Reason, Tell } from '../../reason.ts';
import { megabytes } from '../format.ts';
import { place as places } from '../model.ts';

const OTHER_TOKENIZER =
  'Choose a model with a byte-pair tokenizer like those of Gemma, Llama 3 or Qwen.';
const OWN_TOKENIZER =
  'Use tokenizer.json and tokenizer_config.json as the model’s authors publish them.';

/** An executor, with the variant if it is our kernels. */
interface NamedExecutor {
  executor: 'wgsl' | 'ort';
  variant: string | null;
}

/** An executor that was refused, with the reason. */
interface RefusedExecutor extends NamedExecutor {
  reason: Reason;
}

/** A failed self-test: the device, its executor and precision, and the largest difference. */
interface FailedTest extends NamedExecutor {
  place: Place;
  precision: string;
  /** Largest relative difference; null if values were not numbers. */
  worst: number | null;
  allowed: number;
}

/** English name of an executor: `ONNX Runtime`, `own kernels (float32)`. */
export function executorText({ executor, variant }: NamedExecutor): string {
  return executor === 'wgsl' ? `own kernels (${variant})` : 'ONNX Runtime';
}

/** A share in per cent, with two digits. */
const inPercent = (share: number) => (100 * share).toPrecision(2);

const shorterRows = ({ fits }: { fits: number }) =>
  `Set max_length to ${fits} or less, or use another device.`;

/** English texts of errors, by their ids. */
export const engineErrors = {
  'engine/stuck': {
    message: 'ONNX Runtime is not responding.',
    action: 'Run the same command again. Finished rows are kept.',
  },
  'gpu/insecure': {
    message: 'Browsers offer WebGPU only over https or on localhost.',
    action: 'Open this page over https or as localhost, or choose the CPU.',
  },
  'gpu/none': {
    message: 'This browser offers no GPU through WebGPU.',
    action: 'Update the browser and the graphics driver, or choose the CPU.',
  },
  'gpu/none:node': {
    message: 'No GPU was found through WebGPU (Dawn).',
    action: 'Install a Vulkan driver, or use --device wasm.',
  },
  'gpu/none:gone': {
    message: ({ name }: { name: string }) => `The GPU ${name} is no longer available.`,
    action: 'Connect it again, or load the model again.',
  },
  'gpu/device': {
    message: ({ reason }: { reason: string }) => `The GPU could not be opened: ${reason}.`,
    action: 'Close other programs that use the GPU, or choose the CPU.',
  },
  'gpu/no-float16': {
    message: 'This device does not compute in float16 (no shader-f16).',
    action: 'Use float32.',
  },
  'gpu/out-of-memory': {
    message: 'The GPU has too little free memory.',
    action: 'Close other programs that use the GPU, or choose a smaller max_length.',
  },
  'gpu/error': {
    message: ({ reason }: { reason: string }) => `The GPU reported an error: ${reason}`,
    action: 'Update the graphics driver, or choose the CPU.',
  },
  'gpu/lost': {
    message: ({ why }: { why: string | null }) =>
      `The GPU was lost: ${why ?? 'no reason was given'}.`,
    action: 'Update the graphics driver, or choose the CPU or a smaller max_length.',
  },
  'gpu/lost:given-back': { message: 'The GPU was released.', action: 'Load the model again.' },
  'engine/not-finite': {
    message: 'The device returned values that are not numbers.',
    action: 'Try float32 precision, another device or an updated driver.',
  },
  'gpu/kernels': {
    message: ({ refusals }: { refusals: readonly RefusedExecutor[] }, tell: Tell) => {
      const said = refusals.map(({ reason, ...of }) => `${executorText(of)}: ${tell(reason)}`);
      return `Our kernels cannot be used: ${said.join('; ')}.`;
    },
    action: 'Set executor and precision to automatic.',
  },
  'engine/failed:ort': {
    message: ({ reason }: { reason: string }) => `ONNX Runtime failed: ${reason}`,
    action: 'Choose a smaller max_length or another device.',
  },
  'gpu/binding-size:tensor': {
    message: ({ name, bytes, most }: { name: string; bytes: number; most: number }) =>
      `${name} takes ${bytes} bytes; this GPU binds at most ${most} at once.`,
    action: 'Use another GPU or a smaller model.',
  },
  'plan/too-long': {
    message: ({ length, needed, allowed }: { length: number; needed: number; allowed: number }) =>
      `A row of ${length} tokens needs ${needed} bytes for its attention scores; this device allows ${allowed} in one buffer.`,
    action: shorterRows,
  },
  'plan/cpu': {
    message: ({
      maxLength,
      needed,
      layer,
      activations,
      scores,
      allowed,
    }: {
      maxLength: number;
      needed: number;
      layer: number;
      activations: number;
      scores: number;
      allowed: number;
    }) =>
      `This model does not fit on the CPU: for a single row of ${maxLength} tokens WebAssembly would need about ${megabytes(needed)} (a layer ${megabytes(layer)}, activations ${megabytes(activations)}, attention scores ${megabytes(scores)}), but only ${megabytes(allowed)} of its 4 GiB may be used.`,
    action: 'Set a smaller max_length, or use a GPU.',
  },
  'plan/too-large:row': {
    message: ({ length, needed, allowed }: { length: number; needed: number; allowed: number }) =>
      `A row of ${length} tokens would take ${megabytes(needed)} in one buffer; this device allows ${megabytes(allowed)}.`,
    action: shorterRows,
  },
  'plan/too-large:scores': {
    message: ({ length, needed, allowed }: { length: number; needed: number; allowed: number }) =>
      `The attention scores of ${length} tokens would take ${megabytes(needed)} in one buffer; this device allows ${megabytes(allowed)}.`,
    action: shorterRows,
  },
  'plan/too-large:weights': {
    message: ({ name, needed, allowed }: { name: string; needed: number; allowed: number }) =>
      `The weights of ${name} would take ${megabytes(needed)} in one buffer; this device allows ${megabytes(allowed)}.`,
    action: 'Use another device or a smaller model.',
  },
  'gpu/none:plan': { message: 'There is no GPU to plan for.', action: 'Choose the CPU.' },
  'plan/no-room': {
    message: ({
      maxLength,
      gpu,
      needed,
      weights,
      adapters,
      batch,
      allowed,
    }: {
      maxLength: number;
      gpu: string;
      needed: number;
      weights: number;
      adapters: number;
      batch: number;
      allowed: number;
    }) =>
      `This model does not fit: with its layers read one by one and a single row of ${maxLength} tokens it takes ${megabytes(needed)} of ${gpu} (weights ${megabytes(weights)}, adapters ${megabytes(adapters)}, a batch ${megabytes(batch)}), but only ${megabytes(allowed)} may be used.`,
    action: 'Set a smaller max_length, allow more memory, or choose a smaller model.',
  },
  'plan/split:one-gpu': {
    message: 'Layers cannot be split over two GPUs: this browser offers only one GPU.',
    action: 'Choose one GPU, or connect another one.',
  },
  'plan/split:one-layer': {
    message: 'Layers cannot be split over two GPUs: the model has only one layer.',
    action: 'Choose one GPU.',
  },
  'plan/split:executor': {
    message: ({ gpu }: { gpu: string }) =>
      `Layers cannot be split over two GPUs: only our own kernels can, and ${gpu} would use ONNX Runtime.`,
    action: 'Let the executor be chosen automatically, or use one GPU.',
  },
  'gpu/out-of-memory:layers': {
    message: ({ reason }: { reason: Reason }, tell: Tell) =>
      `There is too little memory for this model, even with its layers read one by one (${tell(reason)}).`,
    action: 'Close other programs, or choose a smaller model.',
  },
  'engine/self-test': {
    message: ({ place, precision, worst, allowed, ...executor }: FailedTest) =>
      `${placeIn(place, places)} with ${executorText(executor)} computes this model wrongly in ${precision}: its self-test is off ${
        worst === null
          ? 'with values that are not numbers'
          : `by ${inPercent(worst)} %, where ${100 * allowed} % are allowed`
      }.`,
    action: ({ precision }: FailedTest) =>
      precision !== 'float32'
        ? 'Choose float32, or the CPU. An updated graphics driver may help.'
        : 'Choose the CPU. An updated graphics driver may help.',
  },
  'engine/tokens:no-rows': {
    message: 'There are no rows.',
    action: 'Choose a file with rows.',
  },
  'engine/tokens:empty': {
    message: 'The row has no tokens.',
    action: 'Leave the row out.',
  },
  'engine/tokens:long': {
    message: ({ length, most }: { length: number; most: number }) =>
      `The row has ${length} tokens; the model takes ${most}.`,
    action: ({ most }: { most: number }) => `Set max_length to ${most} or less.`,
  },
  'engine/tokens:id': {
    message: ({ id, vocabSize }: { id: number; vocabSize: number }) =>
      `Token id ${id} is outside the vocabulary of ${vocabSize}.`,
    action: 'Use the tokenizer that was saved with this model.',
  },
  'gpu/binding-size:batch': {
    message: ({ name, bytes, most }: { name: string; bytes: number; most: number }) =>
      `A buffer (${name}) of this batch takes ${bytes} bytes; this GPU binds at most ${most} at once.`,
    action: 'Choose a smaller batch.',
  },
  'engine/failed:wgsl': {
    message: ({ reason }: { reason: string }) => `Our kernels failed: ${reason}`,
    action: 'Choose ONNX Runtime, or another device.',
  },
  'gpu/kernels:variant': {
    message: ({ variant, reason }: { variant: string; reason: Reason }, tell: Tell) =>
      `The ${variant} kernels cannot run: ${tell(reason)}.`,
    action: 'Set executor and precision to automatic.',
  },
  'engine/worker-died': {
    message: ({ reason }: { reason: string | undefined }) =>
      `The worker that runs the model stopped: ${reason ?? 'its script did not arrive'}.`,
    action: 'Start again. If it happens again, choose a smaller max_length or another device.',
  },
  'engine/not-loaded': { message: 'No model is loaded.', action: 'Choose a model.' },
  'engine/hung': {
    message: ({ seconds }: { seconds: number }) =>
      `The device did not respond for ${seconds} seconds.`,
    action: 'Update the graphics driver, or choose the CPU or a smaller max_length.',
  },
  'plan/reload': {
    message: ({
      maxLength,
      gpu,
      room,
      there,
    }: {
      maxLength: number;
      gpu: string;
      room: number;
      there: number;
    }) =>
      `With a max_length of ${maxLength}, ${gpu} has room for ${room} layers; it now holds ${there}.`,
    action: 'Load the model again, or set a smaller max_length.',
  },
  'tokens/worker-failed': {
    message: ({ reason }: { reason: string | undefined }) =>
      `A tokenizer worker could not start or stopped: ${reason ?? 'its script did not arrive'}.`,
    action: 'Reload the page and try again. Close other tabs if memory is short.',
  },
  'tokens/vocabulary': {
    message: ({ needed, rows }: { needed: number; rows: number }) =>
      `The tokenizer does not fit the model: it has ${needed} tokens, and the model’s vocabulary has ${rows}.`,
    action:
      'Use the tokenizer.json that was saved with this checkpoint. A finished package must be imported again with it.',
  },
  'tokens/bad-tokenizer:json': {
    message: ({ file }: { file: string }) => `The tokenizer cannot be used: ${file} is not JSON.`,
    action: OWN_TOKENIZER,
  },
  'tokens/bad-tokenizer:object': {
    message: ({ file }: { file: string }) =>
      `The tokenizer cannot be used: ${file} is not a JSON object.`,
    action: OWN_TOKENIZER,
  },
  'tokens/bad-tokenizer:model': {
    message:
      'The tokenizer cannot be used: it has no byte-pair model with a vocabulary and merge rules.',
    action: OWN_TOKENIZER,
  },
  'tokens/bad-tokenizer:field': {
    message: ({ field }: { field: string }) =>
      `The tokenizer cannot be used: its model uses ${field}.`,
    action: OWN_TOKENIZER,
  },
  'tokens/bad-tokenizer:part': {
    message: ({ part }: { part: string }) =>
      `The tokenizer cannot be used: Tiebreak does not support its ${part}.`,
    action: OTHER_TOKENIZER,
  },
  'tokens/bad-tokenizer:pattern': {
    message: ({ pattern }: { pattern: string }) =>
      `The tokenizer cannot be used: Tiebreak does not support ${pattern} in the pattern of its words.`,
    action: OTHER_TOKENIZER,
  },
  'tokens/bad-tokenizer:id': {
    message: ({ id }: { id: string }) => `The tokenizer cannot be used: ${id} is not a token’s id.`,
    action: OWN_TOKENIZER,
  },
  'tokens/bad-tokenizer:byte': {
    message: ({ byte }: { byte: number }) =>
      `The tokenizer cannot be used: its vocabulary has no token for byte ${byte}.`,
    action: OWN_TOKENIZER,
  },
  'tokens/bad-tokenizer:unknown': {
    message: ({ key, token }: { key: string; token: string }) =>
      `The tokenizer cannot be used: its ${key}, ${token}, is not in the vocabulary.`,
    action: OWN_TOKENIZER,
  },
  'tokens/bad-tokenizer:special': {
    message:
      'The tokenizer cannot be used for pairs in one text: tokenizer_config.json does not name both a bos_token and an eos_token.',
    action: 'Use a reward model with a chat template, or a tokenizer that has both.',
  },
  'tokens/bad-tokenizer': {
    message: ({ reason }: { reason: string }) => `The tokenizer cannot be used: ${reason}.`,
    action: OWN_TOKENIZER,
  },
  'tokens/worker-failed:no-tokenizer': {
    message: 'The worker has no tokenizer.',
    action: 'Reload the page and try again.',
  },
  'engine/runtime': {
    message: ({ reason }: { reason: string }) => `ONNX Runtime could not be loaded: ${reason}`,
    action: 'Reload the page while you are online, or use a GPU with our own kernels.',
  },
  // Reasons why kernels are refused, as parts of a sentence.
  'kernels/no-gpu': { message: 'they need a GPU' },
  'kernels/no-int8': { message: 'it does not compute in int8' },
  'kernels/all-layers': { message: 'it runs all layers or none' },
  'kernels/unquantised': { message: 'the weights are not quantised' },
  'kernels/gptq-int8': { message: 'GPTQ weights are not computed in int8' },
  'kernels/sizes': { message: ({ of }: { of: number }) => `sizes are not multiples of ${of}` },
  'kernels/heads': { message: ({ size }: { size: number }) => `heads of ${size} do not fit` },
  'kernels/workgroups': { message: 'workgroups of 256 are too large' },
  'kernels/no-int8-product': { message: 'the device has no int8 dot product' },
  'kernels/no-float16': { message: 'the device has no shader-f16' },
  'kernels/no-subgroup-matrices': { message: 'the device has no subgroup matrices' },
  'kernels/subgroup-size': { message: 'the subgroup size is not 32' },
  'kernels/workgroup-memory': { message: 'there is too little workgroup memory' },
};
