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

const PLAIN_LORA = 'Train or export the adapter as plain LoRA with its score head.';
const OTHER_BASE = 'Choose the base model that the adapter was trained on.';
const SUPPORTED =
  'Tiebreak runs sequence classifiers of the families Gemma-2, Gemma-3 (text), Llama, Mistral, Qwen2, Qwen2.5 and Qwen3.';
const SAME_MODEL = 'Use config.json and shards of the same model.';
const DAMAGED = 'The checkpoint is damaged. Fetch it again.';
const FETCH_AGAIN = 'The file is damaged or cut off. Fetch it again.';

/** A tensor's shape, and the one that it must have. */
export interface TensorShapes {
  tensor: string;
  shape: readonly number[];
  expected: readonly number[];
}

/** English texts of errors, by their ids. */
export const modelErrors = {
  'model/no-score:adapter': {
    message: ({ model, adapter }: { model: string; adapter: string | null }) =>
      `${model} has no score head of its own${adapter === null ? '' : `, and neither has the adapter ${adapter}`}.`,
    action: 'Choose an adapter that has one.',
  },
  'model/quantization:double': {
    message: 'Double quantisation is for NF4 that is made from wider weights.',
    action: 'Leave it out, or use --quant nf4 with a checkpoint that is not quantised.',
  },
  'model/quantization:keep': {
    message:
      'The checkpoint is neither bitsandbytes 4-bit nor GPTQ, so there are no codes to keep.',
    action: 'Quantise the weights to NF4 or int4, or leave them unquantised.',
  },
  'model/quantization:again': {
    message: ({ stored, wanted }: { stored: string; wanted: string }) =>
      `The checkpoint is ${stored} already; a second quantisation to ${wanted} would add its error to the first.`,
    action: ({ wanted }: { wanted: string }) =>
      `Keep the 4-bit codes, or build ${wanted} from the bfloat16 checkpoint.`,
  },
  'model/quantization:features': {
    message: ({ name, features, block }: { name: string; features: number; block: number }) =>
      `${name} has ${features} input features, not a multiple of ${block}.`,
    action: 'Leave the weights unquantised.',
  },
  'model/no-score': {
    message: ({ adapter }: { adapter: string | null }) =>
      `Neither the checkpoint nor ${adapter === null ? 'an adapter' : `the adapter ${adapter}`} has a score head (score.weight).`,
    action: 'Give an adapter that was trained with modules_to_save=["score"].',
  },
  'adapter/unsupported': {
    message: ({ name, feature }: { name: string; feature: string }) =>
      `The adapter ${name} uses ${feature}, which Tiebreak does not support.`,
    action: PLAIN_LORA,
  },
  'adapter/unsupported:module': {
    message: ({ name, module }: { name: string; module: string }) =>
      `The adapter ${name} replaces the module "${module}" (modules_to_save); Tiebreak supports this only for the score head.`,
    action: PLAIN_LORA,
  },
  'adapter/unsupported:tensor': {
    message: ({ name, tensor }: { name: string; tensor: string }) =>
      `The adapter ${name} has the tensor ${tensor}, which belongs neither to LoRA nor to a score head.`,
    action: PLAIN_LORA,
  },
  'adapter/unsupported:pattern': {
    message: ({ name, field, key }: { name: string; field: string; key: string }) =>
      `The adapter ${name} has too involved an expression in ${field}: "${key}".`,
    action: 'Write it without nested groups, or name each module of its own.',
  },
  'adapter/nan': {
    message: ({ tensor, value }: { tensor: string; value: string }) =>
      `${tensor} contains ${value}.`,
    action: 'The adapter is damaged, or its training diverged.',
  },
  'adapter/mismatch:twice': {
    message: ({ half, module }: { half: string; module: string }) =>
      `The adapter holds lora_${half} of ${module} twice.`,
    action: 'Save the adapter again with PEFT.',
  },
  'adapter/mismatch:two-heads': {
    message: 'The adapter holds a score head twice.',
    action: 'Save the adapter again with PEFT.',
  },
  'adapter/mismatch:layer-twice': {
    message: ({ linear, layer }: { linear: string; layer: number }) =>
      `The adapter holds ${linear} of layer ${layer} twice.`,
    action: 'Save the adapter again with PEFT.',
  },
  'adapter/mismatch:half': {
    message: ({ module }: { module: string }) =>
      `The adapter has only one of lora_A and lora_B for ${module}.`,
    action: 'The file is incomplete. Fetch it again.',
  },
  'adapter/mismatch:rank': {
    message: ({ module, rank, expected }: { module: string; rank: number; expected: number }) =>
      `In the adapter ${module} has rank ${rank}, its configuration says ${expected}.`,
    action: 'Use adapter_config.json and adapter_model.safetensors of the same adapter.',
  },
  'adapter/mismatch:labels': {
    message: ({ labels }: { labels: readonly number[] }) =>
      `The score heads that are used together have different numbers of labels: ${labels.join(', ')}.`,
    action: 'Build a package of its own for each number of labels.',
  },
  'model/labels': {
    message: ({ model }: { model: string }) =>
      `${model} gives one score for an answer (a reward model), and its package holds no chat template in which it reads answers.`,
    action:
      'Put chat_template.jinja of its authors into the checkpoint’s folder and import it again.',
  },
  'model/labels:mixed': {
    message: ({ model, first, other }: { model: string; first: number; other: number }) =>
      `The adapters of ${model} cannot be used together: their score heads have ${first} and ${other} labels.`,
    action:
      'Choose adapters with the same number of labels, or put them into packages of their own.',
  },
  'adapter/mismatch:module': {
    message: ({ module }: { module: string }) =>
      `The adapter does not fit the base model: it has matrices for ${module}, which its layers do not have.`,
    action: OTHER_BASE,
  },
  'adapter/mismatch:layer': {
    message: ({ layer, layers }: { layer: number; layers: number }) =>
      `The adapter does not fit the base model: it has matrices for layer ${layer} of a model with ${layers} layers.`,
    action: OTHER_BASE,
  },
  'adapter/mismatch:shape': {
    message: ({ tensor, shape, expected }: TensorShapes) =>
      `The adapter does not fit the base model: ${tensor} is [${shape.join(', ')}], expected [${expected.join(', ')}].`,
    action: OTHER_BASE,
  },
  'adapter/mismatch:dtype': {
    message: ({ tensor, dtype }: { tensor: string; dtype: string }) =>
      `In the adapter ${tensor} is ${dtype}, expected F32, F16 or BF16.`,
    action: 'Save the adapter in float32, float16 or bfloat16.',
  },
  'model/missing-tensor:state': {
    message: ({ name }: { name: string }) => `The checkpoint lacks the tensor ${name}.`,
    action: 'A shard is missing or the checkpoint was not saved completely.',
  },
  'model/bnb-state': {
    message: ({ tensor, bytes }: { tensor: string; bytes: number }) =>
      `${tensor} has ${bytes} bytes, far more than a quantisation state takes.`,
    action: DAMAGED,
  },
  'model/gptq:keep': {
    message: ({ wanted }: { wanted: string }) =>
      `The checkpoint has GPTQ codes of 4 bits; a second quantisation to ${wanted} would add its error to the first.`,
    action: 'Keep the codes, which is exact. Those of 8 bits may also become NF4 or int4.',
  },
  'model/gptq:block': {
    message: ({ size, of }: { size: number; of: number }) =>
      `The codes cannot be kept: their groups have ${size} inputs, which is not a multiple of ${of}.`,
    action: 'Leave the weights unquantised (none), which is exact too.',
  },
  'model/gptq:method': {
    message: ({ method }: { method: string }) =>
      `The checkpoint is quantised with ${method}, which Tiebreak does not read.`,
    action:
      'Use the unquantised checkpoint, or one in GPTQ (4 or 8 bits) or bitsandbytes (4 bits).',
  },
  'model/gptq:format': {
    message: ({ format }: { format: string }) =>
      `checkpoint_format is ${format}. Of GPTQ, Tiebreak reads gptq and gptq_v2.`,
    action: 'Save the checkpoint as gptq or gptq_v2, or use the unquantised one.',
  },
  'model/gptq:bits': {
    message: ({ bits }: { bits: number }) =>
      `The GPTQ codes have ${bits} bits. Tiebreak reads those of 4 and 8 bits.`,
    action: 'Use a GPTQ checkpoint of 4 or 8 bits, or the unquantised one.',
  },
  'model/gptq:group': {
    message: ({ group }: { group: number }) =>
      `group_size is ${group}; it must be a positive number, or -1 for one group.`,
    action: DAMAGED,
  },
  'model/gptq:divides': {
    message: ({
      module,
      N,
      K,
      size,
      perWord,
    }: {
      module: string;
      N: number;
      K: number;
      size: number;
      perWord: number;
    }) =>
      `${module} has ${K} inputs and ${N} outputs. Inputs must be a multiple of the group_size ${size}, and both of ${perWord}.`,
    action: 'Use the quantize_config.json or config.json that belongs to the weights.',
  },
  'model/gptq:index': {
    message: ({
      module,
      feature,
      group,
      last,
    }: {
      module: string;
      feature: number;
      group: number;
      last: number;
    }) =>
      `${module}.g_idx puts input ${feature} into group ${group}, but the groups are 0 to ${last}.`,
    action: DAMAGED,
  },
  'model/gptq:uneven': {
    message: ({ module, size }: { module: string; size: number }) =>
      `${module}.g_idx has groups of different sizes; each must have ${size} inputs.`,
    action: DAMAGED,
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
    action: SAME_MODEL,
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
    action: DAMAGED,
  },
  'model/nan:scale': {
    message: ({ name, bad }: { name: string; bad: string }) => `${name} gives a scale of ${bad}.`,
    action: DAMAGED,
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
    action: 'A shard is missing, or config.json is of another model.',
  },
  'model/shape': {
    message: ({ tensor, dtype, shape, expected }: TensorShapes & { dtype: string }) =>
      `${tensor} is ${dtype} [${shape.join(', ')}]; config.json asks for real numbers [${expected.join(', ')}].`,
    action: SAME_MODEL,
  },
  'model/nan': {
    message: ({ tensor, value }: { tensor: string; value: string }) =>
      `${tensor} contains ${value}.`,
    action: DAMAGED,
  },
  'model/unsupported:type': {
    message: ({ type, known }: { type: string; known: readonly string[] }) =>
      `This model cannot be run: its model_type is ${type}, expected ${known.join(' or ')}.`,
    action: SUPPORTED,
  },
  'model/unsupported:field': {
    message: ({ field, value }: { field: string; value: string }) =>
      `This model cannot be run: ${field} is ${value}.`,
    action: SUPPORTED,
  },
  'model/unsupported:set': {
    message: ({ field }: { field: string }) => `This model cannot be run: ${field} is set.`,
    action: SUPPORTED,
  },
  'model/unsupported:heads': {
    message: ({ heads, keyValueHeads }: { heads: number; keyValueHeads: number }) =>
      `This model cannot be run: ${heads} attention heads cannot share ${keyValueHeads} key/value heads.`,
    action: SUPPORTED,
  },
  'model/unsupported:odd-head': {
    message: ({ headDim }: { headDim: number }) =>
      `This model cannot be run: head_dim ${headDim} is odd.`,
    action: SUPPORTED,
  },
  'model/unsupported:head-size': {
    message: ({ heads, headDim }: { heads: number; headDim: number }) =>
      `This model cannot be run: ${heads} attention heads of ${headDim} are too large.`,
    action: SUPPORTED,
  },
  'model/unsupported:labels': {
    message: ({ tensor, shape }: { tensor: string; shape: readonly number[] }) =>
      `This model cannot be run: its score head ${tensor} is [${shape.join(', ')}], and only heads of 1, 2 or 3 labels are supported.`,
    action: 'Use a reward model of one label, or a classifier of two or three.',
  },
  'model/unsupported:layer-types': {
    message: ({ entries, layers }: { entries: number; layers: number }) =>
      `This model cannot be run: layer_types has ${entries} entries for ${layers} layers.`,
    action: 'Use the config.json that was saved with this checkpoint.',
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
  'safetensors/bad:size': {
    message: ({ size }: { size: number }) => `Not a usable safetensors file: it has ${size} bytes.`,
    action: FETCH_AGAIN,
  },
  'safetensors/bad:header-length': {
    message: ({ length, size }: { length: number; size: number }) =>
      `Not a usable safetensors file: its header claims ${length} bytes in a file of ${size}.`,
    action: FETCH_AGAIN,
  },
  'safetensors/bad:header': {
    message: 'Not a usable safetensors file: its header is not a JSON object.',
    action: FETCH_AGAIN,
  },
  'safetensors/bad:overlap': {
    message: ({ first, second }: { first: string; second: string }) =>
      `Not a usable safetensors file: tensors ${first} and ${second} overlap.`,
    action: FETCH_AGAIN,
  },
  'safetensors/bad:dtype': {
    message: ({ name, dtype }: { name: string; dtype: string }) =>
      `Not a usable safetensors file: tensor ${name} has the unknown dtype ${dtype}.`,
    action: 'Save the file with dtypes that safetensors defines, or fetch it again.',
  },
  'safetensors/bad:shape': {
    message: ({ name }: { name: string }) =>
      `Not a usable safetensors file: tensor ${name} has no valid shape.`,
    action: FETCH_AGAIN,
  },
  'safetensors/bad:offsets': {
    message: ({ name }: { name: string }) =>
      `Not a usable safetensors file: tensor ${name} has no valid data_offsets.`,
    action: FETCH_AGAIN,
  },
  'safetensors/bad:bytes': {
    message: ({
      name,
      shape,
      dtype,
      needed,
      bytes,
    }: {
      name: string;
      shape: readonly number[];
      dtype: string;
      needed: number;
      bytes: number;
    }) =>
      `Not a usable safetensors file: tensor ${name} of shape [${shape.join(', ')}] ${dtype} needs ${needed} bytes and has ${bytes}.`,
    action: FETCH_AGAIN,
  },
  'safetensors/bad:end': {
    message: ({ name, end, size }: { name: string; end: number; size: number }) =>
      `Not a usable safetensors file: tensor ${name} ends at byte ${end} of a file of ${size} (cut off?).`,
    action: FETCH_AGAIN,
  },
};
