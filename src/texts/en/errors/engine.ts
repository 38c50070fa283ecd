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
    message: ({ why }: { why: string }) => `The GPU was lost: ${why}.`,
    action: 'Update the graphics driver, or choose the CPU or a smaller max_length.',
  },
  'gpu/lost:given-back': { message: 'The GPU was released.' },
  'engine/not-finite': {
    message: 'The device returned values that are not numbers.',
    action: 'Try float32 precision, another device or an updated driver.',
  },
  'gpu/kernels': {
    message: ({ refusals }: { refusals: string }) => `Our kernels cannot be used: ${refusals}.`,
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
    action: ({ fits }: { fits: number }) =>
      `Set max_length to ${fits} or less, or use another device.`,
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
      needed: string;
      layer: string;
      activations: string;
      scores: string;
      allowed: string;
    }) =>
      `This model does not fit on the CPU: for a single row of ${maxLength} tokens WebAssembly would need about ${needed} (a layer ${layer}, activations ${activations}, attention scores ${scores}), but only ${allowed} of its 4 GiB may be used.`,
    action: 'Set a smaller max_length, or use a GPU.',
  },
  'plan/too-large': {
    message: ({ what, needed, allowed }: { what: string; needed: string; allowed: string }) =>
      `${what} would take ${needed} in one buffer; this device allows ${allowed}.`,
    action: ({ fits }: { fits: number | null }) =>
      fits === null
        ? 'Use another device or a smaller model.'
        : `Set max_length to ${fits} or less, or use another device.`,
  },
  'gpu/none:plan': { message: 'There is no GPU to plan for.' },
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
      needed: string;
      weights: string;
      adapters: string;
      batch: string;
      allowed: string;
    }) =>
      `This model does not fit: with its layers read one by one and a single row of ${maxLength} tokens it takes ${needed} of ${gpu} (weights ${weights}, adapters ${adapters}, a batch ${batch}), but only ${allowed} may be used.`,
    action: 'Set a smaller max_length, allow more memory, or choose a smaller model.',
  },
  'plan/split': {
    message: ({ why }: { why: string }) => `Layers cannot be split over two GPUs: ${why}.`,
    action: ({ action }: { action: string }) => action,
  },
  'gpu/out-of-memory:layers': {
    message: ({ reason }: { reason: string }) =>
      `There is too little memory for this model, even with its layers read one by one (${reason})`,
    action: 'Close other programs, or choose a smaller model.',
  },
  'engine/self-test': {
    message: ({ device, precision, off }: { device: string; precision: string; off: string }) =>
      `${device} computes this model wrongly in ${precision}: its self-test is off ${off}.`,
    action: ({ precision }: { precision: string }) =>
      precision !== 'float32'
        ? 'Choose float32, or the CPU. An updated graphics driver may help.'
        : 'Choose the CPU. An updated graphics driver may help.',
  },
  'engine/tokens': { message: ({ what }: { what: string }) => what },
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
    message: ({ variant, reason }: { variant: string; reason: string }) =>
      `The ${variant} kernels cannot run: ${reason}.`,
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
  'tokens/bad-tokenizer': {
    message: ({ why }: { why: string }) => `The tokenizer cannot be used: ${why}.`,
    action: 'Use tokenizer.json and tokenizer_config.json of the Gemma-2 model.',
  },
  'tokens/worker-failed:no-tokenizer': { message: 'The worker has no tokenizer.' },
  'engine/runtime': {
    message: ({ reason }: { reason: string }) => `ONNX Runtime could not be loaded: ${reason}`,
    action: 'Reload the page while you are online, or use a GPU with our own kernels.',
  },
  // Why kernels are not taken: parts of a sentence.
  'kernels/no-gpu': { message: 'they need a GPU' },
  'kernels/no-int8': { message: 'it does not compute in int8' },
  'kernels/all-layers': { message: 'it runs all layers or none' },
  'kernels/unquantised': { message: 'the weights are not quantised' },
  'kernels/sizes': { message: ({ of }: { of: number }) => `sizes are not multiples of ${of}` },
  'kernels/heads': { message: ({ size }: { size: number }) => `heads of ${size} do not fit` },
  'kernels/workgroups': { message: 'workgroups of 256 are too large' },
  'kernels/no-int8-product': { message: 'the device has no int8 dot product' },
  'kernels/no-float16': { message: 'the device has no shader-f16' },
  'kernels/no-subgroup-matrices': { message: 'the device has no subgroup matrices' },
  'kernels/subgroup-size': { message: 'the subgroup size is not 32' },
  'kernels/workgroup-memory': { message: 'there is too little workgroup memory' },
};
