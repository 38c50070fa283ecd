import { DEMO, DEMO_NOTICE } from '../demo-facts.ts';
import { magnitude } from '../format.ts';
import { count, counted, fileSize } from './format.ts';

/** English texts of the model. */
export const model = {
  heading: 'Model',
  loading: {
    device: 'Looking for a GPU',
    weights: 'Loading weights',
    tokenizer: 'Loading tokenizer',
  },
  starting: 'Starting',
  loadingLabel: 'Loading the model',
  computesOn: 'Runs on',
  details: 'Details',
  precision: 'Precision',
  quantization: 'Weights',
  quantizations: {
    none: 'not quantised',
    nf4: 'NF4 (4 bit)',
    fp4: 'FP4 (4 bit)',
    int4: 'int4 (4 bit)',
    gptq4: 'GPTQ (4 bit)',
    gptq8: 'GPTQ (8 bit)',
  },
  softCap: 'Soft cap',
  noSoftCap: 'none',
  memory: 'In memory',
  streamed: (resident: number, layers: number, bytes: number) =>
    `Low-memory mode: ${count(resident)} of ${counted(layers, 'layer')} stay on the device; ${fileSize(bytes)} are read again for every batch, which is slower.`,
  peak: 'Peak, about',
  selfTest: 'Self-test',
  selfTestPassed: (difference: number) => `passed (${magnitude(difference)})`,
  selfTestNone: 'none in this package',
  layers: 'Layers',
  noWebGpu:
    'WebGPU is not available here, so this runs on the CPU. Results are the same up to rounding. That is fast enough for a small model, not for one with billions of weights.',
  chosenCpu:
    'You chose the CPU. Results are the same as on a GPU up to rounding, but a large model is much slower.',
  softwareGpu:
    'This GPU is emulated in software: results are right, but the CPU alone would be faster. Choose “Automatic” under “Run on” to use the CPU.',
  softwareOnly:
    'The only GPU in this browser is emulated in software, which is slower than the CPU, so this runs on the CPU. Choose “GPU (WebGPU)” under “Run on” to use it anyway.',
  oneThreadYet:
    'On this first visit the CPU uses one thread. It can use several from the next page load on.',
  oneThread:
    'The CPU uses a single thread, because the server of this page does not send the headers for cross-origin isolation.',
  insecure:
    'This page is not open over https or as localhost, so it runs on the CPU with one thread.',
  adapter: 'Adapter',
  noAdapter: 'No adapter (base model only)',
  meanOfAdapters: (count: number) =>
    count === 2 ? 'Average of both adapters (slower)' : `Average of all ${count} adapters (slower)`,
  noUsableAdapter: 'This package has neither an adapter nor a score head, so it cannot score.',
  gpus: {
    label: 'GPUs',
    one: (name: string) => `One: ${name}`,
    all: (names: string[]) => `All ${count(names.length)}: ${names.join(', ')}`,
    auto: 'Automatic',
    split: (names: string[]) => `Two share the layers: ${names.join(', ')}`,
    help: 'With all GPUs, each holds the model and takes the next rows as soon as it is free, so a slow one takes fewer. Two that share the layers hold a part each and pass results through main memory. Automatic uses the fastest GPU, and lets two share the layers if that one is too small. The last digits may differ.',
    unusable: (name: string, why: string) => `${name} is not used: ${why}`,
  },
  plan: {
    heading: 'Memory plan',
    total: (bytes: number) => `about ${fileSize(bytes)}`,
    refused: 'does not fit',
    caption: 'What each GPU will hold',
    layers: 'Layers',
    layersOf: (from: number, to: number, all: number) =>
      `${count(from)} to ${count(to)} of ${count(all)}`,
    staying: (layers: number) => `${counted(layers, 'layer')} stay, the rest are read in turn`,
    weights: 'Weights',
    adapters: 'Adapters',
    activations: 'Activations',
    scores: 'Attention scores',
    noScores: 'none kept',
    sharedScores: 'in buffers of the MLP',
    groups: (bytes: number, groups: number) =>
      `${fileSize(bytes)}, heads in ${counted(groups, 'group')}`,
    sum: 'Total, about',
    allowed: 'Allowed',
    unknown: 'unknown',
    largest: 'Largest buffer, and how much of it a shader may bind',
    executor: 'Executor',
    tokensAtOnce: 'Tokens at once',
    forRows: (maxLength: number, batch: number) =>
      `For rows of up to ${counted(maxLength, 'token')} in batches of ${counted(batch, 'token')}. Browsers report a GPU’s limits, not its free memory: if that turns out to be too little, fewer layers stay on the GPU.`,
    split: (parts: number) =>
      `Two GPUs share the layers. A batch goes through them in parts of ${counted(parts, 'token')}; while the second GPU computes one, the first computes the next.`,
    splitInstead: (bytes: number) =>
      `One GPU alone would have to read ${fileSize(bytes)} again for every batch.`,
    streamed: (bytes: number, seconds: number) =>
      `Low-memory mode: ${fileSize(bytes)} are read again for every batch. With a disk that reads 1 GB per second, that takes at least ${counted(seconds, 'second')} per batch.`,
    cpuCaption: 'What the CPU will hold',
    layerAtATime: 'The current layer',
    heap: 'In WebAssembly, about',
    heapOf: (bytes: number, limit: number) => `${fileSize(bytes)} of at most ${fileSize(limit)}`,
    onCpu: (maxLength: number, batch: number) =>
      `For rows of up to ${counted(maxLength, 'token')} in batches of ${counted(batch, 'token')}. Weights and adapters stay in main memory. A layer and its batch are in WebAssembly, whose memory never shrinks.`,
    budget: (name: string) => `Memory limit of ${name}, in GB`,
    budgetHelp:
      'Empty means no limit. With a limit, layers and batches are chosen to stay within it.',
    outdated: 'The model was loaded with another plan.',
    reload: 'Load with this plan',
  },
  kept: {
    choices: (choices: string[]) => `Your choices, kept for the next visit: ${choices.join(', ')}.`,
    lanes: { one: 'one GPU', all: 'all GPUs', split: 'two GPUs that share the layers' },
    budget: (name: string, bytes: number) => `at most ${fileSize(bytes)} of ${name}`,
    reset: 'Choose automatically',
  },
  advanced: 'Advanced',
  device: 'Run on',
  devices: { auto: 'Automatic', webgpu: 'GPU (WebGPU)', wasm: 'CPU' },
  deviceHelp: 'Automatic uses the GPU if the browser offers one.',
  precisions: {
    auto: 'Automatic',
    float32: 'float32',
    float16: 'float16',
    int8: 'int8 (less accurate)',
  },
  precisionHelp:
    'Automatic uses float16 if the GPU supports it. float32 is more exact but slower. int8 rounds activations and weights to 8 bits: faster without subgroup matrices, but less accurate, so it runs only if you choose it.',
  executor: 'Executor',
  executors: { auto: 'Automatic', ort: 'ONNX Runtime', wgsl: 'Own kernels' },
  executorHelp:
    'The code that runs the layers. Automatic uses our own WebGPU kernels if they can run and pass the self-test: they are several times faster than ONNX Runtime.',
  executorNames: {
    ort: 'ONNX Runtime',
    float32: 'Own kernels, float32',
    float16: 'Own kernels, float16',
    'subgroup-matrix': 'Own kernels, subgroup matrices',
    int8: 'Own kernels, int8 (less accurate)',
  },
  kernels: {
    timed: (ms: number) =>
      `Tiles: the fastest of several, just timed (${count(ms)} ms). Tiles do not change results.`,
    remembered: 'Tiles: the fastest on this device, timed earlier. Tiles do not change results.',
    defaults: 'Tiles: the defaults.',
  },
  notTaken: (name: string, reason: string) => `Not used: ${name} (${reason}).`,
  choose: 'Choose a package folder',
  dropHere: 'Another model: drop its package folder here, or',
  dropLabel: 'Drop a model package',
  backToEmbedded: 'Back to the embedded model',
  retry: 'Load again',
  last: {
    asked: (name: string, bytes: number) => `You last used ${name} (${fileSize(bytes)}).`,
    load: (name: string) => `Load ${name}`,
    demo: 'Use the demo model',
    folder: (name: string) =>
      `You last used ${name} from a folder. Choose that folder again to use it: a page cannot reopen it by itself.`,
    lost: (name: string) =>
      `${name}, the model you last used, could not be loaded. The demo model is used instead.`,
  },
  readingFolder: 'Looking through the folder',
  dropOneFolder: 'Drop the folder of a model package: the one with tiebreak.json in it.',
  isCheckpoint: (name: string) => `${name} is a Hugging Face checkpoint: import it to use it here.`,
  isAdapter: (name: string) =>
    `${name} is a LoRA adapter. Import it together with the checkpoint it was trained on.`,
  imports: { base: 'Import this checkpoint', adapter: 'Import with a checkpoint' },
  isEmpty: (name: string) => `${name} is empty.`,
  isOther: (name: string, files: string[], more: number) =>
    `${name} is neither a model package nor a checkpoint. It holds ${files.join(', ')}${more > 0 ? ` and ${counted(more, 'more file')}` : ''}.`,
  notLoaded: 'The current model stays loaded.',
  meanOf: (names: readonly string[]) => `mean of ${names.join(', ')}`,
  base: 'the base model',
  card: 'About the demo model',
  cardWhole: 'Full model card',
  cardFacts: [
    `A Gemma-2 classifier of ${DEMO.layers} layers of width ${DEMO.width} in 4 bits, trained from scratch in ${DEMO.minutes} minutes on one GPU. Adapter “demo” follows people’s judgements, “demo-b” GPT-4’s.`,
    `Data: ${count(DEMO.pairs)} public pairs (${DEMO.sources.judged.join(', ')}; GPT-4-judged ${DEMO.sources.byGpt4.join(', ')} prompts; ${DEMO.licences.join(', ')}), split by prompt.`,
    `On ${count(DEMO.judgedRows)} human-judged rows of prompts that it never saw: log loss ${DEMO.logLoss} (95 % interval ${DEMO.logLossInterval.join(' to ')}), scored in both orders ${DEMO.bothOrders} (${DEMO.bothOrdersInterval.join(' to ')}). Label frequencies give ${DEMO.frequencies}, a regression on surface features ${DEMO.surface}. Accuracy ${DEMO.accuracy.join(' to ')} %.`,
    'It judges mostly by surface features: length, structure, refusals, and whether an answer fits its prompt. It does not know facts and cannot check mathematics or code. It was trained almost only on English.',
  ],
};
/** English names of places. */
export const place = {
  gpu: (name: string) => `${name} (WebGPU)`,
  cpu: (runtime: string, threads: number) => `CPU (${runtime}, ${counted(threads, 'thread')})`,
  part: (from: number, to: number, place: string, variant: string) =>
    `layers ${from} to ${to} on ${place}, ${variant}`,
  parts: (parts: readonly string[]) => parts.join(' and '),
};

/** Notices of models, in English. The packages of the demo model have them with typewriter apostrophes. */
export const notice = {
  /** Separator between two sentences. */
  space: ' ',
  by: (name: string, text: string) => `${name}: ${text}`,
  demo: {
    whole: DEMO_NOTICE.whole,
    demo: 'This adapter follows people’s judgements.',
    'demo-b': 'This adapter follows GPT-4’s judgements.',
  },
};
