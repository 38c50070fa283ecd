import { coarsely, count, counted, fileSize } from './format.ts';

/** English texts of the card “This computer”. */
export const computer = {
  heading: 'This computer',
  looking: 'Looking at this browser…',
  onGpu: (name: string) => `Runs on the GPU: ${name}`,
  onCpu: (threads: number) =>
    `Runs on the CPU (${threads === 1 ? '1 thread' : `${threads} threads`})`,
  browser: 'Browser',
  browserName: (name: string, version: number | null) =>
    `${name || 'Unknown'}${version === null ? '' : ` ${version}`}`,
  webGpu: 'WebGPU',
  gpu: 'GPU',
  none: 'None',
  softwareGpu: (name: string) => `${name} (emulated in software)`,
  float16: 'float16',
  subgroups: 'Subgroups',
  matrices: 'Matrix units',
  secure: 'Secure connection',
  threads: 'CPU threads',
  threadsOf: (threads: number, isolated: boolean) =>
    isolated ? String(threads) : '1 (the server does not send the isolation headers)',
  storage: 'Saves models and runs',
  yes: 'Yes',
  no: 'No',
  howTo: 'How to use the GPU',
  howToFaster: 'How to make the GPU faster',
  reasons: {
    insecure: {
      why: 'This page was opened over plain http. Browsers offer the GPU only over https or on localhost.',
      steps: ['Open the page over https, or run “npm start” on this computer and open localhost.'],
    },
    'old-browser': {
      why: 'This version of the browser has no WebGPU.',
      steps: ['Update the browser: WebGPU needs Chrome or Edge 113, or Safari 26, or later.'],
    },
    firefox: {
      why: 'Firefox has no WebGPU on this system, or it is turned off.',
      steps: [
        'Use the current Firefox on Windows, or on a Mac with an Apple chip.',
        'Or open this page in Chrome or Edge.',
      ],
    },
    safari: {
      why: 'WebGPU is turned off in Safari.',
      steps: [
        'Turn on WebGPU in Safari’s settings under Feature Flags.',
        'Or open this page in Chrome.',
      ],
    },
    'linux-flag': {
      why: 'On Linux, Chrome offers the GPU without a flag only with some drivers (Intel Gen 12 or later, NVIDIA 535.183 or later).',
      steps: [
        'Update Chrome and the graphics driver.',
        'Or start Chrome with --enable-unsafe-webgpu --enable-features=Vulkan.',
      ],
    },
    'no-webgpu': {
      why: 'This browser has no WebGPU.',
      steps: ['Open this page in a current Chrome or Edge.'],
    },
    'no-adapter': {
      why: 'The browser has WebGPU but offers no GPU: hardware acceleration is off, or the browser does not trust the graphics driver.',
      steps: [
        'Open chrome://settings/system and turn on “Use graphics acceleration when available”.',
        'Open chrome://gpu: the line “WebGPU” says what is blocked.',
        'Update the graphics driver, then restart the browser.',
      ],
    },
    software: {
      why: 'The only GPU that this browser offers is emulated in software, which is slower than the CPU.',
      steps: [
        'Open chrome://settings/system and turn on “Use graphics acceleration when available”.',
        'Open chrome://gpu and look for “Disabled” or “Software only”.',
        'Update the graphics driver, then restart the browser.',
      ],
    },
    'nvidia-float16': {
      why: 'With this NVIDIA driver, Chrome on Linux does not offer float16, so the GPU computes in float32, which is slower.',
      steps: [
        'Install NVIDIA driver 615.71 or later.',
        'Or start Chrome with --enable-dawn-features=vulkan_enable_f16_on_nvidia.',
      ],
    },
    'matrices-flag': {
      why: 'Chrome does not offer the GPU’s matrix units unless it is started with a flag. With them, large models run several times as fast on some GPUs.',
      steps: ['Start Chrome with --enable-unsafe-webgpu.'],
    },
  },
  fits: 'Does a model fit?',
  fit: (model: string) => `Gemma-2 ${model} in 4 bits`,
  needs: (bytes: number) => `needs about ${fileSize(bytes)} of GPU memory`,
  tooLarge: 'does not fit: a buffer would be larger than this GPU allows',
  fitsNote:
    'Browsers do not say how much GPU memory is free. Compare these figures with your graphics card; loading shows whether there is room. With too little, layers are read again for every batch, which is slower.',
  fitsCpu:
    'Without a GPU, use the demo model or another small one. Gemma-2 2B, 9B and 27B take far too long on a CPU.',
  times: 'How long would it take?',
  size: 'Model',
  rows: (rows: number) => counted(rows, 'row'),
  yourFile: (rows: number) => `Your file (${counted(rows, 'row')})`,
  time: (seconds: number) => coarsely(seconds),
  notMeasured: 'Not measured yet.',
  measure: 'Measure',
  measureAgain: 'Measure again',
  measuring: 'Measuring…',
  measureLater: 'Wait until the run ends.',
  fromRun: (device: string) => `From the last run on this device: ${device}.`,
  fromMeasurement: (device: string) => `From a short measurement on this device: ${device}.`,
  rough:
    'A rough estimate from the speed of a small model such as the demo model. Small models use a device poorly, so a large one is usually faster than this.',
  fileTokens: (tokens: number) =>
    `Assumes rows as long as those of your file: ${count(tokens)} tokens on average.`,
  typicalTokens: (tokens: number) =>
    `Assumes about ${count(tokens)} tokens per row, the average of public preference data.`,
  where: 'Where to get a model',
  whereText: [
    'You need a classifier of pairs, trained on preference pairs: a whole checkpoint, or a base model and a LoRA adapter with a score head. Families: Gemma-2, Gemma-3 (text), Llama 3, Mistral, Qwen2, Qwen2.5 and Qwen3. Import it under “Your own model”, or run “npm run build-model”.',
    'The settings here follow emiz6413’s public Kaggle notebook for “LMSYS - Chatbot Arena Human Preference Predictions” (NF4 base, unmerged LoRA adapter, two GPUs). Its base, gemma-2-9b-it-4bit, and its adapter are published on Kaggle, which asks you to sign in. Tiebreak was tested with files in the same format, not with these files themselves.',
    'Or train an adapter yourself on google/gemma-2-9b-it, which requires accepting Google’s terms on Hugging Face. The demo model’s card describes how its adapters were trained.',
  ],
};
