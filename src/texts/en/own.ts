import { count, counted, dateTime, fileSize, roughly } from './format.ts';

/** English texts of models of one’s own. */
export const own = {
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
  finished: (time: number) => `added ${dateTime(time)}`,
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
};
