import { coarsely, count, counted, fileSize } from '../i18n/format.ts';
import { localised } from '../i18n/language.ts';
import type { BrowserName, GpuReason } from './computer-facts.ts';

const NAMES: Record<BrowserName, string> = {
  chrome: 'Chrome',
  edge: 'Edge',
  firefox: 'Firefox',
  safari: 'Safari',
  other: '',
};

type Reasons = Record<GpuReason, { why: string; steps: string[] }>;

const reasons: Reasons = {
  insecure: {
    why: 'This page was opened over plain http. Browsers offer the GPU only over https or on localhost.',
    steps: ['Open the page over https, or run “npm start” on this computer and open localhost.'],
  },
  'old-browser': {
    why: 'This version of the browser has no WebGPU.',
    steps: ['Update the browser: Chrome or Edge 113, Safari 26 or later has it.'],
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
    why: 'On Linux, Chrome offers the GPU by itself only with some drivers (Intel from Gen 12; NVIDIA from 535.183 on).',
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
};

const english = {
  heading: 'This computer',
  looking: 'Looking at this browser…',
  onGpu: (name: string) => `Runs on the GPU: ${name}`,
  onCpu: (threads: number) =>
    `Runs on the CPU (${threads === 1 ? '1 thread' : `${threads} threads`})`,
  browser: 'Browser',
  browserName: (name: BrowserName, version: number | null) =>
    `${NAMES[name] || 'Unknown'}${version === null ? '' : ` ${version}`}`,
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
  reasons,
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
  measureLater: 'Wait for the end of the run.',
  fromRun: (device: string) => `From the last run on this device: ${device}.`,
  fromMeasurement: (device: string) => `From a short measurement on this device: ${device}.`,
  rough:
    'Rough estimate from the speed of a small model such as the demo model: small models use a device badly, so a large one is usually faster than this says.',
  fileTokens: (tokens: number) =>
    `Assumes rows as long as those of your file: ${count(tokens)} tokens on average.`,
  typicalTokens: (tokens: number) =>
    `Assumes about ${count(tokens)} tokens per row, the average of public preference data.`,
  where: 'Where to get a model',
  whereText: [
    'You need two parts: a Gemma-2 base model and a LoRA adapter with a score head, trained on preference pairs. Import both under “Your own model”, or run “npm run build-model”.',
    'The settings here follow emiz6413’s public Kaggle notebook for “LMSYS - Chatbot Arena Human Preference Predictions” (NF4 base, unmerged LoRA adapter, two GPUs). Its base, gemma-2-9b-it-4bit, and its adapter are published on Kaggle, which asks you to sign in. Tiebreak was tested with files in the same format, not with these very files.',
    'Or train an adapter yourself on google/gemma-2-9b-it, for which you accept Google’s terms on Hugging Face. The demo model’s card says how its adapters were trained.',
  ],
};

const japaneseReasons: Reasons = {
  insecure: {
    why: 'このページは http で開かれています。ブラウザーが GPU を提供するのは、https または localhost のページだけです。',
    steps: [
      'https で開くか、このコンピューターで「npm start」を実行して localhost を開いてください。',
    ],
  },
  'old-browser': {
    why: 'このバージョンのブラウザーは WebGPU に対応していません。',
    steps: [
      'ブラウザーを更新してください。Chrome と Edge は 113、Safari は 26 から対応しています。',
    ],
  },
  firefox: {
    why: 'このシステムの Firefox は WebGPU に対応していないか、WebGPU が無効です。',
    steps: [
      'Windows または Apple チップの Mac で最新の Firefox を使ってください。',
      'または、Chrome か Edge でこのページを開いてください。',
    ],
  },
  safari: {
    why: 'Safari の WebGPU が無効です。',
    steps: [
      'Safari の設定の「機能フラグ」で WebGPU を有効にしてください。',
      'または、Chrome でこのページを開いてください。',
    ],
  },
  'linux-flag': {
    why: 'Linux の Chrome が標準で GPU を提供するのは、一部のドライバー（Intel は Gen 12 以降、NVIDIA は 535.183 以降）に限られます。',
    steps: [
      'Chrome とグラフィックスドライバーを更新してください。',
      'または、--enable-unsafe-webgpu --enable-features=Vulkan を付けて Chrome を起動してください。',
    ],
  },
  'no-webgpu': {
    why: 'このブラウザーは WebGPU に対応していません。',
    steps: ['最新の Chrome か Edge でこのページを開いてください。'],
  },
  'no-adapter': {
    why: 'WebGPU はありますが、GPU が提供されていません。ハードウェアアクセラレーションが無効か、ブラウザーがグラフィックスドライバーを許可していません。',
    steps: [
      'chrome://settings/system を開き、「グラフィック アクセラレーションが使用可能な場合は使用する」を有効にしてください。',
      'chrome://gpu を開き、「WebGPU」の行で制限の理由を確認してください。',
      'グラフィックスドライバーを更新し、ブラウザーを再起動してください。',
    ],
  },
  software: {
    why: 'ブラウザーが提供する GPU は、ソフトウェアによるエミュレーションだけです。CPU のほうが高速です。',
    steps: [
      'chrome://settings/system を開き、「グラフィック アクセラレーションが使用可能な場合は使用する」を有効にしてください。',
      'chrome://gpu を開き、「Disabled」または「Software only」の項目を確認してください。',
      'グラフィックスドライバーを更新し、ブラウザーを再起動してください。',
    ],
  },
  'nvidia-float16': {
    why: 'この NVIDIA ドライバーでは、Linux の Chrome が float16 を提供しません。そのため、より遅い float32 で計算します。',
    steps: [
      'NVIDIA ドライバー 615.71 以降をインストールしてください。',
      'または、--enable-dawn-features=vulkan_enable_f16_on_nvidia を付けて Chrome を起動してください。',
    ],
  },
  'matrices-flag': {
    why: 'Chrome が GPU の行列演算ユニットを提供するのは、フラグを付けて起動したときだけです。使えると、GPU によっては大きなモデルが数倍速くなります。',
    steps: ['--enable-unsafe-webgpu を付けて Chrome を起動してください。'],
  },
};

const japanese: typeof english = {
  heading: 'このコンピューター',
  looking: 'ブラウザーを確認しています…',
  onGpu: (name) => `GPU で実行：${name}`,
  onCpu: (threads) => `CPU で実行（${threads} スレッド）`,
  browser: 'ブラウザー',
  browserName: (name, version) =>
    `${NAMES[name] || '不明'}${version === null ? '' : ` ${version}`}`,
  webGpu: 'WebGPU',
  gpu: 'GPU',
  none: 'なし',
  softwareGpu: (name) => `${name}（ソフトウェアによるエミュレーション）`,
  float16: 'float16',
  subgroups: 'サブグループ',
  matrices: '行列演算ユニット',
  secure: '安全な接続',
  threads: 'CPU スレッド',
  threadsOf: (threads, isolated) =>
    isolated ? String(threads) : '1（サーバーが分離用のヘッダーを送っていません）',
  storage: 'モデルと実行の保存',
  yes: 'あり',
  no: 'なし',
  howTo: 'GPU を使うには',
  howToFaster: 'GPU をさらに速くするには',
  reasons: japaneseReasons,
  fits: 'モデルは収まるか',
  fit: (model) => `Gemma-2 ${model}（4 ビット）`,
  needs: (bytes) => `GPU メモリーが約 ${fileSize(bytes)} 必要`,
  tooLarge: '収まりません（この GPU の上限より大きなバッファーが必要です）',
  fitsNote:
    'GPU メモリーの空き容量は、ブラウザーからはわかりません。グラフィックスカードの容量と比べてください。実際に足りるかどうかは、読み込むとわかります。足りない場合はバッチごとに層を読み直すため、遅くなります。',
  fitsCpu:
    'GPU がない場合は、デモモデルなどの小さなモデルを使ってください。Gemma-2 の 2B、9B、27B は、CPU では時間がかかりすぎます。',
  times: '所要時間の目安',
  size: 'モデル',
  rows: (rows) => `${count(rows)} 行`,
  yourFile: (rows) => `開いているファイル（${count(rows)} 行）`,
  time: (seconds) => coarsely(seconds),
  notMeasured: 'まだ測定していません。',
  measure: '測定',
  measureAgain: '再測定',
  measuring: '測定しています…',
  measureLater: '実行が終わるまでお待ちください。',
  fromRun: (device) => `この装置での前回の実行に基づく見積もりです（${device}）。`,
  fromMeasurement: (device) => `この装置での短い測定に基づく見積もりです（${device}）。`,
  rough:
    'デモモデルなどの小さなモデルの速度から計算した、大まかな目安です。小さなモデルは装置の性能を生かしきれないため、大きなモデルは通常、この目安より速く終わります。',
  fileTokens: (tokens) =>
    `1 行の長さは、開いているファイルの平均（${count(tokens)} トークン）と仮定しています。`,
  typicalTokens: (tokens) =>
    `1 行の長さは、公開されている選好データの平均（約 ${count(tokens)} トークン）と仮定しています。`,
  where: 'モデルの入手方法',
  whereText: [
    '必要なものは 2 つです。Gemma-2 のベースモデルと、選好データで学習したスコアヘッド付きの LoRA アダプターです。両方を「自分のモデル」で取り込むか、「npm run build-model」を実行してください。',
    'このアプリの設定は、Kaggle の「LMSYS - Chatbot Arena Human Preference Predictions」で公開された emiz6413 のノートブック（NF4 のベース、マージしない LoRA、GPU 2 基）に合わせています。そのベース gemma-2-9b-it-4bit とアダプターは Kaggle で公開されており、入手にはログインが必要です。同じ形式のファイルで動作を確認していますが、そのファイル自体では確認していません。',
    '自分で学習する場合は、google/gemma-2-9b-it を使います（Hugging Face で Google の規約への同意が必要です）。デモモデルのアダプターの学習方法は、モデルカードに記載しています。',
  ],
};

/** Every text of the card “This computer”, in the page's language. */
export const words = localised(english, japanese);
