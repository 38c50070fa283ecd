import type { Texts } from '../texts.ts';
import { coarsely, count, fileSize } from './format.ts';

/** Japanese texts of the card “This computer”. */
export const computer: Texts['computer'] = {
  heading: 'このコンピューター',
  looking: 'ブラウザーを確認しています…',
  onGpu: (name) => `GPU で実行：${name}`,
  onCpu: (threads) => `CPU で実行（${threads} スレッド）`,
  browser: 'ブラウザー',
  browserName: (name, version) => `${name || '不明'}${version === null ? '' : ` ${version}`}`,
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
  reasons: {
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
  },
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
  fromRun: (device) => `このデバイスでの前回の実行に基づく見積もりです（${device}）。`,
  fromMeasurement: (device) => `このデバイスでの短い測定に基づく見積もりです（${device}）。`,
  rough:
    'デモモデルなどの小さなモデルの速度から計算した、大まかな目安です。小さなモデルはデバイスの性能を生かしきれないため、大きなモデルは通常、この目安より速く終わります。',
  fileTokens: (tokens) =>
    `1 行の長さは、開いているファイルの平均（${count(tokens)} トークン）と仮定しています。`,
  typicalTokens: (tokens) =>
    `1 行の長さは、公開されている選好データの平均（約 ${count(tokens)} トークン）と仮定しています。`,
  where: 'モデルの入手方法',
  whereText: [
    '必要なのは、選好データで学習した、組の分類モデルです。チェックポイント全体でも、ベースモデルとスコアヘッド付きの LoRA アダプターの組み合わせでもかまいません。対応するのは Gemma-2、Gemma-3（テキスト）、Llama 3、Mistral、Qwen2、Qwen2.5、Qwen3 です。「自分のモデル」で取り込むか、「npm run build-model」を実行してください。',
    'このアプリの設定は、Kaggle の「LMSYS - Chatbot Arena Human Preference Predictions」で公開された emiz6413 のノートブック（NF4 のベース、マージしない LoRA、GPU 2 基）に合わせています。そのベース gemma-2-9b-it-4bit とアダプターは Kaggle で公開されており、入手にはログインが必要です。同じ形式のファイルで動作を確認していますが、そのファイル自体では確認していません。',
    '自分で学習する場合は、google/gemma-2-9b-it を使います（Hugging Face で Google の規約への同意が必要です）。デモモデルのアダプターの学習方法は、モデルカードに記載しています。',
  ],
};
