const FORMATS = {
  gguf: {
    what: 'a GGUF file, the format of llama.cpp',
    action:
      'Use the checkpoint it was converted from: the folder with config.json and model.safetensors.',
  },
  pytorch: {
    what: 'a PyTorch file, which can run code when it is opened',
    action:
      'Use the safetensors version, or load the model with Transformers or PEFT and call save_pretrained("new-folder"), which writes safetensors.',
  },
  consolidated: {
    what: 'a checkpoint in its publisher’s own layout',
    action:
      'Use the version for Transformers: config.json with model.safetensors, or with its numbered shards and their index.',
  },
  onnx: {
    what: 'an ONNX export',
    action:
      'Use the checkpoint it was exported from: the folder with config.json and model.safetensors.',
  },
};

/** English texts of errors, by their ids. */
export const modelErrors = {
  'model/no-score:adapter': {
    message: ({ model, adapter }: { model: string; adapter: string | null }) =>
      `${model} has no score head of its own${adapter === null ? '' : `, and neither has the adapter ${adapter}`}.`,
    action: 'Choose an adapter that has one.',
  },
  'model/quantization': {
    message: ({ why }: { why: string }) => why,
    action: ({ action }: { action: string }) => action,
  },
  'model/no-score': {
    message: ({ adapter }: { adapter: string | null }) =>
      `Neither the checkpoint nor ${adapter === null ? 'an adapter' : `the adapter ${adapter}`} has a score head (score.weight).`,
    action: 'Give an adapter that was trained with modules_to_save=["score"].',
  },
  'adapter/unsupported': {
    message: ({ name, what }: { name: string; what: string }) =>
      `The adapter ${name} uses ${what}, which Tiebreak does not support.`,
    action: 'Train or export the adapter as plain LoRA with its score head.',
  },
  'adapter/nan': {
    message: ({ tensor, value }: { tensor: string; value: string }) =>
      `${tensor} contains ${value}.`,
    action: 'The adapter is damaged, or its training diverged.',
  },
  'adapter/mismatch': {
    message: ({ what }: { what: string }) => `The adapter does not fit the base model: ${what}.`,
    action: 'Choose the base model that the adapter was trained on.',
  },
  'model/missing-tensor:state': {
    message: ({ name }: { name: string }) => `The checkpoint lacks the tensor ${name}.`,
    action: 'A shard is missing or the checkpoint was not saved completely.',
  },
  'model/bnb-state': {
    message: ({ tensor, bytes }: { tensor: string; bytes: number }) =>
      `${tensor} has ${bytes} bytes, far more than a quantisation state takes.`,
    action: 'The checkpoint is damaged.',
  },
  'model/unsupported:blocks': {
    message: ({ weight, type, blocksize }: { weight: string; type: string; blocksize: number }) =>
      `${weight} is ${type} in blocks of ${blocksize}; only nf4 and fp4 in blocks of 64 are supported.`,
    action: 'Save the checkpoint with bnb_4bit_quant_type="nf4".',
  },
  'model/shape:codes': {
    message: ({
      tensor,
      shape,
      bytes,
      dtype,
      expected,
    }: {
      tensor: string;
      shape: readonly number[];
      bytes: number;
      dtype: string;
      expected: readonly number[];
    }) =>
      `${tensor} holds [${shape.join(', ')}] in ${bytes} bytes of ${dtype}; config.json asks for [${expected.join(', ')}].`,
  },
  'model/shape:state': {
    message: ({
      tensor,
      dtype,
      shape,
      length,
      expected,
    }: {
      tensor: string;
      dtype: string;
      shape: readonly number[];
      length: number;
      expected: string;
    }) => `${tensor} is ${dtype} [${shape.join(', ')}], expected ${length} of ${expected}.`,
  },
  'model/nan:scale': {
    message: ({ name, bad }: { name: string; bad: string }) => `${name} gives a scale of ${bad}.`,
    action: 'The checkpoint is damaged.',
  },
  'model/index': {
    message: ({ name, other, shard }: { name: string; other: string; shard: string }) =>
      `${name} is in ${other} and in ${shard}.`,
    action: 'Shards of two checkpoints were mixed. Fetch them again.',
  },
  'model/missing-tensor:shard': {
    message: ({ name, shard }: { name: string; shard: string }) =>
      `model.safetensors.index.json places ${name} in ${shard}, which lacks it.`,
    action: 'Fetch the shard again.',
  },
  'model/missing-tensor': {
    message: ({ name }: { name: string }) => `The checkpoint lacks the tensor ${name}.`,
    action: 'A shard is missing, or this is not a Gemma-2 checkpoint.',
  },
  'model/shape': {
    message: ({
      tensor,
      dtype,
      shape,
      expected,
    }: {
      tensor: string;
      dtype: string;
      shape: readonly number[];
      expected: readonly number[];
    }) =>
      `${tensor} is ${dtype} [${shape.join(', ')}]; config.json asks for real numbers [${expected.join(', ')}].`,
  },
  'model/nan': {
    message: ({ tensor, value }: { tensor: string; value: string }) =>
      `${tensor} contains ${value}.`,
    action: 'The checkpoint is damaged.',
  },
  'model/unsupported': {
    message: ({ what }: { what: string }) => `This model cannot be run: ${what}.`,
    action: 'Tiebreak runs Gemma-2 sequence classifiers (2B, 9B, 27B and smaller shapes).',
  },
  'model/unsupported:architecture': {
    message: ({ name }: { name: string }) => `This model cannot be run: it is a ${name}.`,
    action: ({ known }: { known: readonly string[] }) =>
      `Tiebreak reads checkpoints saved as ${known.join(' or ')}.`,
  },
  'model/quantization:embedding': {
    message: ({ hiddenSize }: { hiddenSize: number }) =>
      `hidden_size ${hiddenSize} is not a multiple of 32, so the embedding cannot be int4.`,
    action: 'Use int8 or float16 for the embedding.',
  },
  'model/format': {
    message: ({ file, format }: { file: string; format: keyof typeof FORMATS }) =>
      `${file} is ${FORMATS[format].what}. Tiebreak reads safetensors.`,
    action: ({ format }: { format: keyof typeof FORMATS }) => FORMATS[format].action,
  },
  'safetensors/bad': {
    message: ({ what }: { what: string }) => `Not a usable safetensors file: ${what}.`,
    action: 'The file is damaged or cut off. Fetch it again.',
  },
};
