import { noteText } from '../../data/csv/notes.ts';
import { INCIDENT_ACTIONS } from '../../scoring/incidents.ts';
import { DEMO, DEMO_NOTICE } from '../models/demo-facts.ts';
import {
  count,
  counted,
  dateTime,
  duration,
  fileSize,
  magnitude,
  roughly,
  tokensRoughly,
} from './format.ts';
import { localised } from './language.ts';
import { japanese } from './strings-ja.ts';

/** The English texts. */
export const english = {
  name: 'Tiebreak',
  title: 'Tiebreak: which answer do people prefer?',
  tagline: 'Predicts which of two chatbot answers people prefer: test.csv in, submission.csv out.',
  description:
    'Predicts which of two chatbot answers people prefer, on your own computer: test.csv in, submission.csv out.',
  private: 'Everything stays on this computer',
  insecure: {
    title: 'Open this page over https or as localhost for full speed.',
    text: 'Browsers give WebGPU, threads and storage only over https or on localhost. Here the CPU scores with one thread, and runs and models are not saved.',
  },

  screens: {
    label: 'Screens',
    score: 'Score a file',
    report: 'Report',
    explore: 'Explore a pair',
    loading: 'Loading',
    failed: {
      missing: 'This screen could not be loaded.',
      missingHelp: 'The connection may be down, or a new version of the app was just published.',
      broken: 'This screen has crashed.',
      brokenHelp: 'Nothing else is affected.',
      running:
        'The run continues. Reloading interrupts it: finished rows are saved, and you can continue from there.',
      runningUnsaved: 'The run continues. Its rows are not saved: reloading loses them.',
      tryAgain: 'Try again',
      reload: 'Reload the page',
    },
  },

  model: {
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
    },
    softCap: 'Soft cap',
    noSoftCap: 'none',
    memory: 'In memory',
    streamed: (resident: number, layers: number, bytes: number) =>
      `Low-memory mode: ${count(resident)} of ${counted(layers, 'layer')} stay on the device; ${fileSize(bytes)} are read again for every batch, which takes longer.`,
    peak: 'At most, about',
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
      'On this first visit the CPU uses one thread. From the next load of the page on it can use several.',
    oneThread:
      'The CPU uses a single thread, because the server of this page does not send the headers for cross-origin isolation.',
    insecure: 'Not over https or as localhost, so this runs on the CPU with one thread.',
    adapter: 'Adapter',
    noAdapter: 'No adapter (base model alone)',
    meanOfAdapters: (count: number) =>
      count === 2
        ? 'Average of both adapters (slower)'
        : `Average of all ${count} adapters (slower)`,
    noUsableAdapter: 'This package has neither an adapter nor a score head, so it cannot score.',
    gpus: {
      label: 'GPUs',
      one: (name: string) => `One: ${name}`,
      all: (names: string[]) => `All ${count(names.length)}: ${names.join(', ')}`,
      auto: 'Automatic',
      split: (names: string[]) => `Two share the layers: ${names.join(', ')}`,
      help: 'With all of them each holds the model and takes the next rows as soon as it is free, so a slow one takes fewer. Two that share the layers hold a part each and hand results over through main memory. Automatic takes the fast one, and lets two share the layers where that one is too small. Last digits may differ.',
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
      staying: (layers: number) => `${counted(layers, 'layer')} stay, the others in turn`,
      weights: 'Weights',
      adapters: 'Adapters',
      activations: 'Activations',
      scores: 'Attention scores',
      noScores: 'none kept',
      sharedScores: 'in buffers of the MLP',
      groups: (bytes: number, groups: number) =>
        `${fileSize(bytes)}, heads in ${counted(groups, 'group')}`,
      sum: 'In all, about',
      allowed: 'May be used',
      unknown: 'not known',
      largest: 'Largest buffer, and what a shader may bind of it',
      executor: 'Executor',
      tokensAtOnce: 'Tokens at once',
      forRows: (maxLength: number, batch: number) =>
        `For rows of up to ${counted(maxLength, 'token')} in batches of ${counted(batch, 'token')}. The browser tells the limits of a GPU, not how much of its memory is free: where it turns out to be too little, fewer layers stay on it.`,
      split: (parts: number) =>
        `Two GPUs share the layers. A batch goes through them in parts of ${counted(parts, 'token')}; while the second has one, the first computes the next.`,
      splitInstead: (bytes: number) =>
        `One GPU alone would have to read ${fileSize(bytes)} again for every batch.`,
      streamed: (bytes: number, seconds: number) =>
        `Low-memory mode: ${fileSize(bytes)} are read again for every batch. From a disk that gives 1 GB a second that is at least ${counted(seconds, 'second')} a batch.`,
      cpuCaption: 'What the CPU will hold',
      layerAtATime: 'The layer that is computed',
      heap: 'In WebAssembly, about',
      heapOf: (bytes: number, limit: number) => `${fileSize(bytes)} of at most ${fileSize(limit)}`,
      onCpu: (maxLength: number, batch: number) =>
        `For rows of up to ${counted(maxLength, 'token')} in batches of ${counted(batch, 'token')}. Weights and adapters lie in main memory; a layer and its batch are in WebAssembly, which takes back no memory that it once had.`,
      budget: (name: string) => `GB that may be used of ${name}`,
      budgetHelp: 'Empty: no bound. With one, layers and batches are chosen to stay within it.',
      outdated: 'The model was loaded with another plan.',
      reload: 'Load with this plan',
    },
    kept: {
      choices: (choices: string[]) =>
        `Chosen by you, and kept for the next visit: ${choices.join(', ')}.`,
      lanes: { one: 'one GPU', all: 'all GPUs', split: 'two GPUs that share the layers' },
      budget: (name: string, bytes: number) => `at most ${fileSize(bytes)} of ${name}`,
      reset: 'Choose automatically',
    },
    advanced: 'Advanced',
    device: 'Run on',
    devices: { auto: 'Automatic', webgpu: 'GPU (WebGPU)', wasm: 'CPU' },
    deviceHelp: 'Automatic takes the GPU where the browser gives one.',
    precisions: {
      auto: 'Automatic',
      float32: 'float32',
      float16: 'float16',
      int8: 'int8 (less accurate)',
    },
    precisionHelp:
      'Automatic takes float16 where the GPU has it; float32 is more exact but slower. int8 rounds activations and weights to 8 bits: faster without subgroup matrices, but less accurate, so it runs only if you choose it.',
    executor: 'Executor',
    executors: { auto: 'Automatic', ort: 'ONNX Runtime', wgsl: 'Own kernels' },
    executorHelp:
      'What runs the layers. Automatic takes our own WebGPU kernels where they can run and pass the self-test: they are several times faster than ONNX Runtime.',
    executorNames: {
      ort: 'ONNX Runtime',
      float32: 'Own kernels, float32',
      float16: 'Own kernels, float16',
      'subgroup-matrix': 'Own kernels, subgroup matrices',
      int8: 'Own kernels, int8 (less accurate)',
    },
    kernels: {
      timed: (ms: number) =>
        `Tiles: the fastest of several, timed now (${count(ms)} ms). None of them changes a result.`,
      remembered:
        'Tiles: the fastest on this device, as timed before. None of them changes a result.',
      defaults: 'Tiles: the defaults.',
    },
    notTaken: (name: string, reason: string) => `Not taken: ${name} (${reason}).`,
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
    isCheckpoint: (name: string) =>
      `${name} is a Hugging Face checkpoint: import it to use it here.`,
    isAdapter: (name: string) =>
      `${name} is a LoRA adapter. Import it together with the checkpoint it was trained on.`,
    imports: { base: 'Import this checkpoint', adapter: 'Import with a checkpoint' },
    isEmpty: (name: string) => `${name} is empty.`,
    isOther: (name: string, files: string[], more: number) =>
      `${name} is neither a model package nor a checkpoint. It holds ${files.join(', ')}${more > 0 ? ` and ${counted(more, 'more file')}` : ''}.`,
    notLoaded: 'The current model stays loaded.',
    demoNotice: DEMO_NOTICE,
    threads: (runtime: string, threads: number) => ` (${runtime}, ${counted(threads, 'thread')})`,
    partOfLayers: (from: number, to: number, place: string, variant: string) =>
      `layers ${from} to ${to} on ${place}, ${variant}`,
    and: ' and ',
    meanOf: (names: string) => `mean of ${names}`,
    base: 'the base model',
    card: 'About the demo model',
    cardWhole: 'The whole model card',
    cardFacts: [
      `A Gemma-2 classifier of ${DEMO.layers} layers of width ${DEMO.width} in 4 bits, trained from scratch in ${DEMO.minutes} minutes on one GPU. Adapter “demo” follows people’s judgements, “demo-b” GPT-4’s.`,
      `Data: ${count(DEMO.pairs)} public pairs (${DEMO.sources.judged.join(', ')}; GPT-4-judged ${DEMO.sources.byGpt4.join(', ')} prompts; ${DEMO.licences.join(', ')}), split by prompt.`,
      `On ${count(DEMO.judgedRows)} human-judged rows of prompts that it never saw: log loss ${DEMO.logLoss} (95 % interval ${DEMO.logLossInterval.join(' to ')}), scored in both orders ${DEMO.bothOrders} (${DEMO.bothOrdersInterval.join(' to ')}). Label frequencies give ${DEMO.frequencies}, a regression on surface features ${DEMO.surface}. Accuracy ${DEMO.accuracy.join(' to ')} %.`,
      'It judges mostly by what shows on the surface: length, structure, refusals, whether an answer belongs to its prompt. It does not know facts and cannot check mathematics or code. It was trained almost only on English.',
    ],
  },

  own: {
    heading: 'Your own model',
    intro:
      'Builds a model from a Gemma-2 checkpoint and LoRA adapters in Hugging Face format, or downloads a finished one, and stores it in this browser. Nothing is uploaded.',
    aside: 'Import from Hugging Face or a folder',
    asideStored: (packages: number) => `${counted(packages, 'model')} stored`,
    asidePartial: {
      import: (name: string, percent: number | null) =>
        `An import of ${name} is waiting${percent === null ? '' : `: ${percent} % written`}`,
      download: (name: string, percent: number | null) =>
        `A download of ${name} is waiting${percent === null ? '' : `: ${percent} % written`}`,
    },
    asideSeveralPartial: (models: number) => `${counted(models, 'model')} not finished`,
    asideDamaged: 'a model is damaged',
    asideJob: (job: string, percent: number) => `${job}: ${percent} %`,

    lookingThrough: 'Looking through the folder…',
    dropFolder: 'Drop a folder, not a single file.',
    dropLabels: {
      base: 'Drop a checkpoint',
      adapter: 'Drop an adapter',
      tokenizer: 'Drop a tokenizer',
    },
    folderFailed: (why: string) => `The folder cannot be read: ${why}`,
    isPackage: (name: string) =>
      `${name} is a finished model package (it has a tiebreak.json), so it needs no import: it is being loaded.`,
    isPackageButRunning: (name: string) =>
      `${name} is a finished model package and needs no import. Load it when the run has ended.`,
    severalBases: (paths: string[]) =>
      `There are several checkpoints in this folder: ${paths.join(', ')}. Choose the folder of one.`,
    noBaseIn: (name: string) =>
      `${name} holds no checkpoint: there is no config.json beside safetensors files.`,
    onlyAdaptersIn: (name: string) =>
      `${name} holds adapters but no checkpoint. The checkpoint is still to be chosen.`,
    noAdapterIn: (name: string) => `${name} holds no adapter: there is no adapter_config.json.`,
    noTokenizerIn: (name: string) => `${name} holds no tokenizer.json.`,
    severalAdapters: (adapters: number) =>
      `${counted(adapters, 'adapter')} in this folder. Add the ones you want.`,

    importHeading: 'Import',
    base: 'Checkpoint',
    baseDrop: 'Drop the checkpoint’s folder here, or',
    baseHelp:
      'The folder with config.json and the safetensors files, whether bfloat16 or 4-bit from bitsandbytes. Adapters inside it are found too.',
    adapters: 'Adapters',
    adapter: 'Adapter',
    adapterNamed: (name: string) => `Adapter ${name}`,
    adapterDrop: 'Drop an adapter’s folder here, or',
    adapterHelp:
      'The folder with adapter_config.json and adapter_model.safetensors. There may be several, or none if the checkpoint has a score head of its own.',
    adapterAgain: (name: string) => `Choose the adapter ${name} again`,
    adapterAgainDrop: (name: string) => `Drop the folder of the adapter ${name} here, or`,
    tokenizer: 'Tokenizer',
    tokenizerDrop: 'Drop the folder of tokenizer.json here, or',
    tokenizerHelp: 'The checkpoint has none, and its vocabulary is not that of Gemma-2.',
    chooseFolder: 'Choose a folder',
    chooseSource: (what: string) => `Choose a folder: ${what}`,
    address: 'Or a Hugging Face repository or web address',
    addressPlaceholder: 'owner/name',
    addressHelps: {
      base: 'For example google/gemma-2-9b-it, or the https address of a folder. A finished package (with tiebreak.json) works too. Only the host you name is contacted.',
      adapter: 'For example your-name/gemma-2-9b-lora.',
      tokenizer: 'For example google/gemma-2-9b-it.',
    },
    take: 'Use',
    addAddress: 'Add',
    change: 'Choose another',
    again: 'Choose again',
    remove: 'Remove',
    removeAdapter: (name: string) => `Remove the adapter ${name}`,
    changeSource: (what: string) => `Choose another: ${what}`,
    mustChooseAgain: 'Its files must be chosen again: a page cannot keep them over a reload.',
    mustAllow: 'The browser asks before this folder is read again.',
    allow: 'Allow reading',
    adapterName: 'Name in the app',
    nameFaults: {
      empty: 'Give the adapter a name.',
      characters: 'Only letters, digits, dot, dash and underscore.',
      reserved: '“none” means no adapter. Take another name.',
      taken: 'Another adapter has this name. Capitals make no difference.',
    },
    offers: 'Found in the folder',
    addOffer: (name: string) => `Add ${name}`,
    token: 'Access token (optional)',
    tokenHelp:
      'Needed for gated models such as Google’s. It is used for this import only and never stored.',

    name: 'Name of the model',
    nameMissing: 'Give the model a name.',
    options: 'Advanced',
    quant: 'Weights',
    quants: {
      auto: {
        label: 'Automatic',
        help: 'Keeps the codes of a 4-bit checkpoint; makes NF4 of any other.',
      },
      keep: {
        label: 'Keep the 4-bit codes',
        help: 'For bitsandbytes checkpoints: every code bit for bit, so no second error is added.',
      },
      nf4: {
        label: 'NF4',
        help: 'Quantises exactly as bitsandbytes does: what the adapter met if it was trained with load_in_4bit.',
      },
      int4: {
        label: 'int4',
        help: 'In blocks of 32, for faster kernels. About the same size; its error is another one than NF4’s.',
      },
      none: {
        label: 'Not quantised',
        help: 'float32: no error, eight times the size. For small models.',
      },
    },
    embedding: 'Embedding',
    embeddings: {
      auto: {
        label: 'Automatic',
        help: 'float16, or float32 beside weights that are not quantised.',
      },
      float32: { label: 'float32', help: 'Every value as it is, at four bytes each.' },
      float16: {
        label: 'float16',
        help: 'Half of that. Nearly every bfloat16 value keeps all of its digits.',
      },
      int8: {
        label: 'int8',
        help: 'A quarter. Every token’s vector is rounded to 8 bits: a small error.',
      },
      int4: {
        label: 'int4',
        help: 'An eighth. A larger error: for when room or memory is short.',
      },
    },
    softCap: 'Soft cap of attention scores',
    softCaps: {
      config: { label: 'As configured', help: 'What config.json says: 50 for Gemma-2.' },
      none: {
        label: 'None',
        help: 'For adapters trained with Transformers 4.42 to 4.44 and SDPA attention, which left the soft cap out.',
      },
      number: { label: 'Another value', help: 'For a model that was trained with its own.' },
    },
    softCapValue: 'Soft cap',

    planHeading: 'What will be written',
    planStates: {
      none: 'When everything above is chosen, this says what the import will write.',
      asking: 'Reading configurations and headers…',
      ready: 'As configurations and headers say; weights are read when the import starts.',
    },
    planWantsAdapter:
      'This checkpoint is a language model without a score head. Add the adapter that was trained on it.',
    planAgain: 'Read again',
    facts: {
      architecture: 'Architecture',
      unnamed: 'not named',
      layers: 'Layers',
      hiddenSize: 'Hidden size',
      vocabSize: 'Vocabulary',
      storedAs: 'Stored as',
      written: 'Written as',
      kept: (name: string) => `${name}, codes kept`,
      embedding: 'Embedding',
      softCap: 'Soft cap',
      noSoftCap: 'none',
      bytes: 'Size',
      available: 'Free in this browser',
      unknown: 'not known',
    },
    shippedTokenizer:
      'The checkpoint has no tokenizer. The Gemma-2 tokenizer that ships with Tiebreak is used.',
    adapterFacts: (targets: string[], layers: number, [low, high]: [number, number]) =>
      [
        targets.join(', '),
        counted(layers, 'layer'),
        low === high ? `rank ${count(low)}` : `ranks ${count(low)} to ${count(high)}`,
      ].join(' · '),
    ownHead: 'own score head',
    noHead: 'no score head',
    lackTitle: 'Still missing',
    lackTokenizer: 'A tokenizer: the checkpoint’s folder has no tokenizer.json. Choose it above.',
    lackBytes: (bytes: number) =>
      `Room: ${fileSize(bytes)} more than this browser may store. Delete a stored model, free the disk, or choose smaller weights.`,

    offer: 'A finished package lies there. It needs no import, only to be downloaded.',
    download: 'Download',
    goOnDownload: 'Go on with the download',
    adaptersFact: 'Adapters',
    downloadAnew: 'Download anew as another model',

    start: 'Import',
    goOn: 'Go on with the import',
    resuming: (name: string, bytes: number) =>
      `Going on with ${name}: ${fileSize(bytes)} are written already.`,
    startAnew: 'Import anew with other choices',
    afterwards: 'The model is loaded when it is ready. You can score with another one meanwhile.',
    cancel: 'Cancel',
    cancelling: 'Cancelling…',
    starting: 'Starting…',
    jobs: {
      import: 'Import',
      download: 'Download',
      verify: 'Verification',
      repair: 'Repair',
      export: 'Export',
    },
    steps: {
      import: { weights: 'Writing', verify: 'Checking what was written' },
      download: { weights: 'Downloading', verify: 'Checking what was written' },
      verify: { weights: 'Checking', verify: 'Checking' },
      repair: { weights: 'Fetching', verify: 'Looking for damage' },
      export: { weights: 'Copying', verify: 'Copying' },
    },
    doneOf: (done: number, total: number) => `${fileSize(done)} of ${fileSize(total)}`,
    rate: (perSecond: number) => `${fileSize(perSecond)}/s`,
    left: (seconds: number) => `${roughly(seconds)} left`,
    unknown: '–',
    announceStart: (job: string) => `${job} has started.`,
    announceProgress: (step: string, percent: number) => `${step}: ${percent} percent done.`,
    importCancelled:
      'Cancelled. What was written is kept: it can go on, or be deleted under “Stored models”.',

    storedHeading: 'Stored models',
    reading: 'Reading the list…',
    noneStored: 'None in this browser yet.',
    readAgain: 'Read the list again',
    states: { partial: 'not finished', busy: 'being written', damaged: 'damaged' },
    missing: (files: string[]) =>
      `${files.slice(0, 3).join(', ')}${files.length > 3 ? ` and ${count(files.length - 3)} more` : ''} ${files.length === 1 ? 'is' : 'are'} not there any more, or not whole. Browsers clear files when the disk is short.`,
    missingImported: 'It was imported, so it must be deleted and imported again.',
    lost: (names: string[]) =>
      `The browser has deleted ${names.join(', ')}. Browsers do so when the disk is short, or after weeks without a visit.`,
    repair: 'Repair',
    repairNamed: (name: string) => `Repair ${name}`,
    inUse: 'in use',
    finished: (time: number) =>
      `added ${new Date(time).toLocaleString('en', { dateStyle: 'medium', timeStyle: 'short' })}`,
    adaptersOf: (names: string[]) =>
      names.length === 0
        ? 'no adapter'
        : `${names.length === 1 ? 'adapter' : 'adapters'} ${names.join(', ')}`,
    use: 'Use',
    chooseNamed: (name: string) => `Use ${name}`,
    verify: 'Verify',
    verifyNamed: (name: string) => `Verify ${name}`,
    export: 'Export',
    exportNamed: (name: string) => `Export ${name}`,
    delete: 'Delete',
    deleteNamed: (name: string) => `Delete ${name}`,
    continue: 'Continue',
    continueNamed: (name: string) => `Continue with ${name}`,
    cancelNamed: (job: string, name: string) => `Cancel: ${job} of ${name}`,
    deleteHeading: 'Delete this model?',
    deleteText: (name: string, bytes: number) =>
      `${name} (${fileSize(bytes)}) is removed from this browser. The original files are not touched.`,
    deleteInUse: 'It is in use: the demo model takes its place.',
    keep: 'Cancel',
    imported: 'Imported, and being loaded.',
    importedButRunning: 'Imported. Press Use when the run has ended.',
    downloaded: 'Downloaded and checked, and being loaded.',
    downloadedButRunning: 'Downloaded and checked. Press Use when the run has ended.',
    verified: 'Every file is as it was written.',
    repaired: 'Repaired: every file is as it should be.',
    exported: 'Exported, into a folder of its own.',
    cancelled: 'Cancelled.',
    deleting: 'Deleting…',
    saveHeading: 'Save these files into one folder, each under the path that is shown:',
    save: 'Save',
    saveNamed: (path: string) => `Save ${path}`,
    size: fileSize,
    count,
  },

  file: {
    heading: 'File',
    drop: 'Drop test.csv here',
    dropAnother: 'Drop another file here',
    dropLabel: 'Drop test.csv',
    dropOneFile: 'Drop one CSV file: not a folder, and not several files at once.',
    columns: 'Columns id, prompt, response_a, response_b, as in the Kaggle competition.',
    choose: 'Choose a file',
    chooseAnother: 'Choose another file',
    example: 'Try the example',
    exampleFailed: 'The example cannot be loaded.',
    exampleFailedAction: 'Check the connection, or choose a file of your own.',
    reading: (name: string) => `Reading ${name}`,
    readSoFar: (bytes: number, total: number, rows: number) =>
      `${counted(rows, 'row')}, ${fileSize(bytes)} of ${fileSize(total)}`,
    stopReading: 'Stop reading',
    rows: (rows: number) => counted(rows, 'row'),
    size: fileSize,
    note: noteText,
    allGood: 'Every row can be scored.',
    labelled: 'Labels found: the report will judge the predictions.',
    duplicates: (rows: number) =>
      `${counted(rows, 'row')} with the same texts as an earlier row: computed once.`,
    plainText: (rows: number) =>
      rows === 1
        ? '1 row has cells that are not lists of turns: taken as plain text.'
        : `${count(rows)} rows have cells that are not lists of turns: taken as plain text.`,
    problems: (rows: number) => `${counted(rows, 'row')} cannot be scored`,
    problemsShown: (shown: number, all: number) => `The first ${count(shown)} of ${count(all)}.`,
    allProblems: (problems: number) => `Show ${count(problems)}`,
    fewerProblems: 'Show fewer',
    nothingToScore: 'No row of this file can be scored.',
    readAgainAtStart: 'The file is read again in the new text mode when you start.',
    replaceHeading: 'Discard unsaved results?',
    replaceText: (name: string) =>
      `The results of ${name} are not saved in this browser. Opening another file discards them. Download them first if you need them.`,
    replace: 'Discard',
    keep: 'Cancel',
  },

  settings: {
    heading: 'Settings',
    reset: 'Reset to the notebook’s settings',
    isNotebook: 'as in the notebook',
    changed: (names: string[]) => `${names.length} changed: ${names.join(', ')}`,
    textMode: 'How cells are read',
    textModes: {
      faithful: {
        label: 'Faithful',
        help: 'As the notebook does, with Python’s eval: \\/ keeps its backslash, and emoji written as \\u escapes come out broken.',
      },
      clean: { label: 'Clean', help: 'As JSON: every character comes out as it was meant.' },
    },
    maxLength: 'Maximum tokens per row',
    maxLengthHelp:
      'max_length. Longer rows are cut. The notebook uses 2,048 and its adapter was trained at 1,024; the time for a row grows faster than its length.',
    increase: 'Longer',
    decrease: 'Shorter',
    truncation: 'How long rows are cut',
    truncations: {
      right: {
        label: 'The end',
        help: 'As the notebook does: a long answer A can leave nothing of answer B.',
      },
      turns: {
        label: 'Oldest turns first',
        help: 'Drops whole turns, then trims the last one.',
      },
      proportional: {
        label: 'Each part in proportion',
        help: 'The end of the prompt and of both answers, so that something of each is left.',
      },
    },
    truncationUnused: 'Not used with equal thirds.',
    spread: 'Equal thirds',
    spreadHelp:
      'spread_max_length. Prompt and answers are cut to a third of the limit each and joined with their own start and end marks.',
    tta: 'Score both orders',
    ttaHelp:
      'Test-time augmentation. Every row is also scored with A and B exchanged, and the two are averaged: twice the time, better predictions.',
  },

  run: {
    heading: 'Score',
    start: 'Start',
    again: 'Start again',
    cancel: 'Cancel',
    cancelling: 'Cancelling…',
    needsModel: 'Waiting for the model.',
    needsChoice: 'Choose a model first.',
    modelFailed: 'The model did not load, so nothing can be scored.',
    needsFile: 'Choose a file, or take the example.',
    readingFile: 'Waiting for the file to be read.',
    ready: (rows: number) => `${counted(rows, 'row')} to score.`,
    foreseen: (tokens: number, seconds: number) =>
      `${tokensRoughly(tokens)} tokens: ${roughly(seconds)}.`,
    foreseenTokens: (tokens: number) => `${tokensRoughly(tokens)} tokens, time not measured yet.`,
    preparing: 'Preparing…',
    progress: 'Progress in tokens',
    tokens: (done: number, total: number) => `${count(done)} of ${count(total)} tokens`,
    rows: (done: number, total: number) => `${count(done)} of ${counted(total, 'row')}`,
    rate: (perSecond: number) => `${count(perSecond)} tokens/s`,
    left: (seconds: number) => `${roughly(seconds)} left`,
    unknown: '–',
    lanes: {
      caption: 'What each GPU does',
      gpu: 'GPU',
      rate: 'Rate',
      share: 'Share',
      shareOf: (percent: number) => `${count(percent)} %`,
      ended: 'not used any more',
    },
    finished: (rows: number, seconds: number) =>
      `${counted(rows, 'row')} scored in ${duration(seconds)}.`,
    cancelled: (done: number, total: number) =>
      `Cancelled: ${count(done)} of ${counted(total, 'row')} scored.`,
    cancelledEmpty: 'Cancelled before any row was scored.',
    failed: (done: number, total: number) =>
      done === 0
        ? 'The run failed before any row was scored.'
        : `The run failed: ${count(done)} of ${counted(total, 'row')} scored.`,
    truncated: (rows: string) => `${rows} truncated`,
    olderResults: 'The results of the run before are still here.',
    differs: 'Settings differ from these results.',
    openReport: 'Open the report',
    more: 'More',
    less: 'Less',
    kept: (done: number, total: number) =>
      `${count(done)} of ${counted(total, 'row')} are saved. Continue picks up there.`,
    keptComplete: 'This file was scored with these settings. Continue shows the results.',
    continue: 'Continue',
    pause: 'Pause',
    pausing: 'Pausing…',
    resume: 'Resume',
    pausingHelp: 'The batch in flight is being finished.',
    paused: 'Paused. Nothing is computed.',
    noRoom: 'Paused: finished rows cannot be saved.',
    noRoomHelp:
      'Free some space, for example by deleting stored models, and try again. Or continue without saving: what is computed from here on is then lost when this tab is closed. Finished rows can be downloaded either way.',
    tryAgain: 'Try again',
    goOnWithout: 'Continue without saving',
    unjournaled: (why: string) =>
      `What is computed now is not saved, so it is lost when this tab is closed. ${why}`,
    notify: 'Notify me at the end',
    notifyHelp: 'When this page is not in view. The browser asks for permission.',
    notifyDenied: 'This browser does not allow notifications for this page.',
    notification: {
      complete: (rows: number) => `${counted(rows, 'row')} scored.`,
      failed: 'The run has failed.',
      stopped: 'The run is paused: finished rows cannot be saved.',
    },
    title: (percent: number, state: 'running' | 'paused') =>
      state === 'paused' ? `Paused, ${percent} %` : `${percent} %`,
    titleDone: 'Done',
    incidents: (incidents: number) =>
      `${counted(incidents, 'failure')} of the device in this run. What was not finished is computed again.`,
    incidentActions: INCIDENT_ACTIONS,
    incident: (time: Date, device: string, message: string) =>
      `${time.toLocaleTimeString()}, ${device}: ${message}`,
    announceStart: 'Scoring has started.',
    announcePaused: 'Paused.',
    announceProgress: (percent: number) => `${percent} percent done.`,
  },

  runs: {
    heading: 'Saved runs',
    help: 'Finished rows are saved in this browser as they are computed, until you delete them.',
    rows: (done: number, total: number) =>
      done === total ? counted(total, 'row') : `${count(done)} of ${counted(total, 'row')}`,
    settings: {
      text: (mode: string) => `text ${mode}`,
      maxLength: (tokens: number) => `max_length ${count(tokens)}`,
      tta: 'both orders',
      spread: 'equal thirds',
      truncation: (name: string) => `cut: ${name}`,
    },
    states: {
      waiting: 'unfinished',
      complete: 'complete',
      running: 'running in another tab',
      here: 'running',
      damaged: 'cannot be read',
    },
    logLoss: (value: number) => `log loss ${value.toFixed(4)}`,
    downloaded: (date: string) => `downloaded ${dateTime(date)}`,
    shortSpace: (left: number, taken: number) =>
      `This browser has only ${fileSize(left)} of storage left for this page. Saved runs take ${fileSize(taken)}: download and delete those that you no longer need, or delete stored models.`,
    showAll: (runs: number) => `Show all ${count(runs)} runs`,
    showFewer: 'Show the latest only',
    unfinished: 'Unfinished run',
    unfinishedRun: (name: string, done: number, total: number) =>
      `${name}: ${count(done)} of ${counted(total, 'row')} scored.`,
    showList: 'All saved runs',
    again: {
      heading: 'Score this file again?',
      text: (name: string, done: number, total: number) =>
        done === total
          ? `${name} was scored with these settings: ${counted(total, 'row')} are saved. Starting again computes all of them again.`
          : `${name} was scored in part with these settings: ${count(done)} of ${counted(total, 'row')} are saved, and Continue picks up there. Starting again computes all of them again.`,
      unsaved:
        'The results on this page are not saved. Starting again discards them. Download them first if you need them.',
      earlier: 'The earlier run',
      keep: 'Keep it',
      delete: 'Delete it once the new run is complete',
    },
    continue: 'Continue',
    show: 'Show results',
    report: 'Report',
    download: 'Download',
    rename: 'Rename',
    name: 'Name of this run',
    save: 'Save',
    continueNamed: (name: string) => `Continue the run of ${name}`,
    showNamed: (name: string) => `Show the results of ${name}`,
    reportNamed: (name: string) => `Open the report of ${name}`,
    downloadNamed: (name: string) => `Download the submission of ${name}`,
    renameNamed: (name: string) => `Rename the run of ${name}`,
    opening: 'Opening…',
    delete: 'Delete',
    deleteNamed: (name: string) => `Delete the run of ${name}`,
    deleteHeading: 'Delete this run?',
    deleteText: (done: number, name: string) =>
      `The results of ${counted(done, 'row')} of ${name} are lost. The file itself is not touched.`,
    cancel: 'Cancel',
    unknown: 'a run that cannot be read',
    chooseFile: (name: string) =>
      `Choose ${name} again: the browser does not keep access to a file across reloads.`,
    choose: (name: string) => `Choose ${name}`,
    otherFile: (chosen: string, name: string) =>
      chosen === name
        ? 'This file’s content differs from the one that was scored.'
        : `${chosen} is not the ${name} that was scored.`,
    otherModel: (name: string) => `This run used the model ${name}, which is not loaded.`,
    otherModelAction: 'Load that model, then continue.',
    otherEngine: 'Continue anyway',
  },

  results: {
    heading: 'Results',
    of: (name: string) => `of ${name}`,
    empty: 'Results appear here as they are computed.',
    facts: {
      computedOn: 'Computed on',
      earlier: 'Before that on',
      model: 'Model',
      adapter: 'Adapter',
      noAdapter: 'None',
      precision: 'Precision',
      executor: 'Executor',
      softCap: 'Soft cap',
      textMode: 'Text',
      truncation: 'Cut',
      truncationSpread: 'Equal thirds',
      maxLength: 'max_length',
      tta: 'Both orders',
      scored: 'Scored',
      truncated: 'Truncated',
      duplicates: 'Duplicates',
      unscorable: 'Cannot be scored',
    },
    yes: 'Yes',
    no: 'No',
    truncationNames: { right: 'The end', turns: 'Oldest turns', proportional: 'In proportion' },
    rowsOf: (some: number, all: number) => `${count(some)} of ${count(all)}`,
    table: 'Rows and their probabilities',
    finishedFirst: 'Finished rows first',
    tableHelp: 'Choose a row to see its texts. Arrow keys move between rows.',
    columns: {
      row: 'Row',
      id: 'Id',
      prompt: 'Prompt',
      a: 'A',
      b: 'B',
      tie: 'Tie',
      tokens: 'Tokens',
      marks: 'Marks',
    },
    short: { a: 'A', b: 'B', tie: 'Tie' },
    columnTitles: {
      a: 'Probability that people prefer answer A',
      b: 'Probability that people prefer answer B',
      tie: 'Probability of a tie',
      tokens: 'Tokens that the model saw',
    },
    marks: {
      problem: 'cannot be scored',
      truncated: 'truncated',
      duplicate: 'duplicate',
      plainText: 'plain text',
    },
    markTitles: {
      problem: 'This row has no result; the list under File says why.',
      truncated: 'Some of its text was cut to fit the limit.',
      duplicate: 'Same texts as an earlier row, whose result it shares.',
      plainText: 'A cell was not a list of turns and was taken as plain text.',
    },
    openRow: (row: number) => `Open row ${count(row)}`,
    emptyPrompt: '(empty)',
  },

  row: {
    title: (row: number, id: string) => `Row ${count(row)}, id ${id}`,
    close: 'Close',
    previous: 'Previous row',
    next: 'Next row',
    loading: 'Reading the row…',
    noResult: 'No result yet.',
    preferA: 'A is better',
    preferB: 'B is better',
    undecided: 'Undecided: no outcome is clearly the likeliest',
    tie: 'Tie',
    prompt: 'Prompt',
    answerA: 'Answer A',
    answerB: 'Answer B',
    turn: (turn: number, of: number) => `Turn ${turn} of ${of}`,
    empty: '(empty)',
    absent: '(no such turn)',
    cells: 'The cells as they stand in the file:',
    rendered: {
      label: 'Show as',
      views: { text: 'Text', rendered: 'Rendered Markdown' },
      code: 'Code',
      table: 'Table',
      image: (alt: string, address: string) =>
        alt === '' ? `[Image: ${address}]` : `[Image: ${alt} (${address})]`,
      tooLong: (most: number) =>
        `Texts of more than ${count(most)} characters are shown as text only.`,
      tooDeep: 'This text is nested too deeply to be rendered, so it is shown as text.',
    },
    showNext: (next: number, left: number) =>
      next === left
        ? `Show the other ${counted(left, 'character')}`
        : `Show the next ${count(next)} of ${count(left)} characters`,
    notShown: (shown: number, all: number) =>
      `Only the first ${count(shown)} of ${count(all)} characters are shown here. A run reads the whole text.`,
    tokens: (tokens: number) => `${counted(tokens, 'token')} seen by the model`,
  },

  downloads: {
    partial: 'Download finished rows',
    complete: 'Download submission.csv',
    partialName: 'submission.partial.csv',
    completeName: 'submission.csv',
    preparing: 'Preparing…',
    problemsLegend: (rows: number) =>
      `${counted(rows, 'row')} cannot be scored. In submission.csv:`,
    omit: (rows: number) =>
      rows === 1 ? 'leave this row out' : `leave these ${count(rows)} rows out`,
    uniform: (rows: number): string =>
      rows === 1 ? 'give it one third for A, B and tie' : 'give each one third for A, B and tie',
    kaggle: 'Kaggle accepts a submission only when it has every id of test.csv.',
    chooseFirst: 'Choose what happens to these rows first.',
  },

  errors: {
    original: 'In detail',
    place: {
      row: (row: number) => `row ${count(row)}`,
      column: (column: string) => `column ${column}`,
      byte: (byte: number) => `byte ${count(byte)}`,
    },
    workerDied: (reason: string) =>
      `The scoring worker has crashed${reason === '' ? '' : `: ${reason.replace(/\.$/, '')}`}.`,
    scriptMissing: 'A script of this page could not be loaded.',
    scriptMissingAction: 'Check the connection and try again. If that fails, reload the page.',
    workerDiedAction:
      'Load the model again. If it happens again, choose a smaller limit or the CPU.',
    fileLost: 'The file must be read again.',
    fileLostAction: 'Choose it again. Results that are on the page can still be downloaded.',
  },

  footer: {
    language: 'Language',
    automatic: 'Automatic',
    nextLoad: 'Used from the next load on.',
    theme: 'Theme',
    themes: { auto: 'Automatic', light: 'Light', dark: 'Dark' },
    readme: 'README',
    licence: 'Apache-2.0 licence',
    notice: 'Third-party notices',
    card: 'Demo model card',
    gemma: 'Gemma is provided under and subject to the Gemma Terms of Use',
    versions: (app: string, ort: string) => `Tiebreak ${app}, ONNX Runtime Web ${ort}`,
  },
};

/** Texts of the page in one language. */
export type Strings = typeof english;

/**
 * Every text that the page shows, except those of the report and the explorer. Texts of errors come with the errors, in Japanese
 * from `errors-ja.ts`.
 */
export const strings: Strings = localised(english, japanese);
