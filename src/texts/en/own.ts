import { count, counted, dateTime, fileSize, roughly } from './format.ts';

/** English texts of models of one’s own. */
export const own = {
  heading: 'Your own model',
  intro:
    'Builds a model from a checkpoint and LoRA adapters in Hugging Face format, or downloads a finished one, and stores it in this browser. Families: Gemma-2, Gemma-3 (text), Llama 3, Mistral, Qwen2, Qwen2.5 and Qwen3. Nothing is uploaded.',
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
    `${name} is a finished model package (it contains tiebreak.json). It needs no import and is loading now.`,
  isPackageButRunning: (name: string) =>
    `${name} is a finished model package and needs no import. Load it when the run has ended.`,
  severalBases: (paths: string[]) =>
    `This folder contains several checkpoints: ${paths.join(', ')}. Choose the folder of one of them.`,
  noBaseIn: (name: string) =>
    `${name} contains no checkpoint: there is no config.json next to safetensors files.`,
  onlyAdaptersIn: (name: string) =>
    `${name} contains adapters but no checkpoint. Choose the checkpoint as well.`,
  noAdapterIn: (name: string) => `${name} contains no adapter: there is no adapter_config.json.`,
  noTokenizerIn: (name: string) => `${name} contains no tokenizer.json.`,
  severalAdapters: (adapters: number) =>
    `This folder contains ${counted(adapters, 'adapter')}. Add the ones you want.`,

  importHeading: 'Import',
  base: 'Checkpoint',
  baseDrop: 'Drop the checkpoint’s folder here, or',
  baseHelp:
    'The folder with config.json and the safetensors files, in bfloat16, bitsandbytes 4-bit or GPTQ. Adapters in it are found too.',
  adapters: 'Adapters',
  adapter: 'Adapter',
  adapterNamed: (name: string) => `Adapter ${name}`,
  adapterDrop: 'Drop an adapter’s folder here, or',
  adapterHelp:
    'The folder with adapter_config.json and adapter_model.safetensors. You can add several, or none if the checkpoint has its own score head.',
  adapterAgain: (name: string) => `Choose the adapter ${name} again`,
  adapterAgainDrop: (name: string) => `Drop the folder of the adapter ${name} here, or`,
  tokenizer: 'Tokenizer',
  tokenizerDrop: 'Drop the folder with tokenizer.json here, or',
  tokenizerHelp: 'The checkpoint has no tokenizer, and its vocabulary differs from Gemma-2’s.',
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
  mustChooseAgain: 'Choose its files again: a page loses access to them when it is reloaded.',
  mustAllow: 'The browser asks for permission to read this folder again.',
  allow: 'Allow reading',
  adapterName: 'Name in the app',
  nameFaults: {
    empty: 'Give the adapter a name.',
    characters: 'Only letters, digits, dot, dash and underscore.',
    reserved: '“none” means no adapter. Choose another name.',
    taken: 'Another adapter has this name. Upper and lower case count as equal.',
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
      help: 'Keeps the codes of a bitsandbytes or GPTQ checkpoint and quantises any other to NF4.',
    },
    keep: {
      label: 'Keep the codes',
      help: 'For checkpoints of bitsandbytes (4 bits) and GPTQ (4 or 8 bits). Takes over every code, so no further error is added.',
    },
    nf4: {
      label: 'NF4',
      help: 'Quantises exactly as bitsandbytes does. Matches adapters trained with load_in_4bit.',
    },
    int4: {
      label: 'int4',
      help: 'Uses blocks of 32, for faster kernels. About the size of NF4, with a different error.',
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
    float32: { label: 'float32', help: 'Keeps every value unchanged, at four bytes each.' },
    float16: {
      label: 'float16',
      help: 'Half the size. Nearly every bfloat16 value keeps all its digits.',
    },
    int8: {
      label: 'int8',
      help: 'A quarter of the size. Rounds each token’s vector to 8 bits: a small error.',
    },
    int4: {
      label: 'int4',
      help: 'An eighth of the size. A larger error: for when storage or memory is short.',
    },
  },
  softCap: 'Soft cap of attention scores',
  softCaps: {
    config: { label: 'As configured', help: 'The value in config.json: 50 for Gemma-2.' },
    none: {
      label: 'None',
      help: 'For adapters trained with Transformers 4.42 to 4.44 and SDPA attention, which left the soft cap out.',
    },
    number: { label: 'Another value', help: 'For a model that was trained with its own.' },
  },
  softCapValue: 'Soft cap',

  planHeading: 'What will be written',
  planStates: {
    none: 'Once everything above is chosen, this shows what the import will write.',
    asking: 'Reading configurations and headers…',
    ready: 'From the configurations and headers. Weights are read when the import starts.',
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
    unknown: 'unknown',
  },
  shippedTokenizer:
    'The checkpoint has no tokenizer. The Gemma-2 tokenizer that ships with Tiebreak is used.',
  olderPooling: (version: string) =>
    `The checkpoint was saved by Transformers ${version}. Versions before 4.49 read another token where a text holds the padding token; Tiebreak reads the one that later versions read.`,
  chatTemplate: (date: string) =>
    `A reward model: it reads a conversation with each answer, in its chat template. Today is ${date} for the template.`,
  noChatTemplate:
    'A reward model without a chat template: it cannot score pairs. Put chat_template.jinja of its authors into its folder.',
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
    `Space: ${fileSize(bytes)} more than this browser may store. Delete a stored model, free disk space, or choose smaller weights.`,

  offer: 'This address has a finished package. It needs no import, only a download.',
  download: 'Download',
  goOnDownload: 'Continue the download',
  adaptersFact: 'Adapters',
  downloadAnew: 'Download again as another model',

  start: 'Import',
  goOn: 'Continue the import',
  resuming: (name: string, bytes: number) =>
    `Continuing ${name}: ${fileSize(bytes)} already written.`,
  startAnew: 'Start over with other choices',
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
    'Cancelled. What was written is kept: continue the import, or delete it under “Stored models”.',

  storedHeading: 'Stored models',
  reading: 'Reading the list…',
  noneStored: 'None in this browser yet.',
  readAgain: 'Read the list again',
  states: { partial: 'not finished', busy: 'being written', damaged: 'damaged' },
  missing: (files: string[]) =>
    `${files.slice(0, 3).join(', ')}${files.length > 3 ? ` and ${count(files.length - 3)} more` : ''} ${files.length === 1 ? 'is' : 'are'} missing or incomplete. Browsers delete files when disk space is low.`,
  missingImported: 'This model was imported: delete it and import it again.',
  lost: (names: string[]) =>
    `The browser has deleted ${names.join(', ')}. Browsers do this when disk space is low or after weeks without a visit.`,
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
  deleteInUse: 'It is in use. The demo model will be loaded instead.',
  keep: 'Cancel',
  imported: 'Imported. Loading it now.',
  importedButRunning: 'Imported. Press Use when the run has ended.',
  downloaded: 'Downloaded and checked. Loading it now.',
  downloadedButRunning: 'Downloaded and checked. Press Use when the run has ended.',
  verified: 'Every file is intact.',
  repaired: 'Repaired: all files are intact now.',
  exported: 'Exported to a folder of its own.',
  cancelled: 'Cancelled.',
  deleting: 'Deleting…',
  saveHeading: 'Save these files in one folder, each under the path shown:',
  save: 'Save',
  saveNamed: (path: string) => `Save ${path}`,
};
