import { DEMO } from '../demo-facts.ts';
import { magnitude } from '../format.ts';
import type { Texts } from '../texts.ts';
import { count, fileSize } from './format.ts';

/** Japanese texts of the model. */
export const model: Texts['model'] = {
  heading: 'モデル',
  loading: {
    device: 'GPU を探しています',
    weights: '重みを読み込んでいます',
    tokenizer: 'トークナイザーを読み込んでいます',
  },
  starting: '開始しています',
  loadingLabel: 'モデルの読み込み',
  computesOn: '実行デバイス',
  details: '詳細',
  precision: '精度',
  quantization: '重み',
  quantizations: {
    none: '量子化なし',
    nf4: 'NF4（4ビット）',
    fp4: 'FP4（4ビット）',
    int4: 'int4（4ビット）',
    gptq4: 'GPTQ（4ビット）',
    gptq8: 'GPTQ（8ビット）',
  },
  softCap: 'ソフトキャップ',
  noSoftCap: 'なし',
  memory: 'メモリー使用量',
  streamed: (resident, layers, bytes) =>
    `省メモリーモード：${count(layers)} 層中 ${count(resident)} 層をデバイスに置き、残りの ${fileSize(bytes)} はバッチごとに読み直します。そのため時間がかかります。`,
  peak: '最大メモリー（概算）',
  selfTest: '自己テスト',
  selfTestPassed: (difference) => `合格（${magnitude(difference)}）`,
  selfTestNone: 'このパッケージにはなし',
  layers: '層数',
  noWebGpu:
    'このブラウザーでは WebGPU を使えないため、CPU で計算します。結果は丸め誤差を除いて同じですが、はるかに遅くなります。小さなモデルなら十分ですが、数十億の重みを持つモデルには向きません。',
  chosenCpu:
    'CPU が選ばれています。結果は丸め誤差を除いて GPU と同じですが、大きなモデルでははるかに遅くなります。',
  softwareGpu:
    'この GPU はソフトウェアによるエミュレーションです。結果は正しいものの、CPU のほうが高速です。CPU を使うには、「使用するデバイス」で「自動」を選んでください。',
  softwareOnly:
    'このブラウザーの GPU はソフトウェアによるエミュレーションです。CPU のほうが速いため、CPU で計算します。それでも使う場合は、「使用するデバイス」で「GPU (WebGPU)」を選んでください。',
  oneThreadYet:
    '初回の表示では CPU は 1 スレッドで計算します。次にページを読み込むと、複数のスレッドを使えるようになります。',
  oneThread:
    'このページのサーバーがクロスオリジン分離のヘッダーを送らないため、CPU は 1 スレッドで計算します。',
  insecure: 'https か localhost で開かれていないため、CPU の 1 スレッドで計算します。',
  adapter: 'アダプター',
  noAdapter: 'アダプターなし（ベースモデルのみ）',
  meanOfAdapters: (adapters) =>
    adapters === 2
      ? '2 つのアダプターの平均（時間がかかります）'
      : `全 ${adapters} アダプターの平均（時間がかかります）`,
  noUsableAdapter: 'このパッケージにはアダプターもスコアヘッドもないため、採点できません。',
  gpus: {
    label: 'GPU',
    one: (name) => `1 台：${name}`,
    all: (names) => `${count(names.length)} 台すべて：${names.join('、')}`,
    auto: '自動',
    split: (names) => `2 台で層を分担：${names.join('、')}`,
    help: 'すべて使う場合は、各 GPU がモデルを保持し、空き次第、次の行を受け取ります。遅い GPU が受け取る行は少なくなります。2 台で層を分担する場合は、それぞれが一部の層を保持し、途中の結果をメインメモリー経由で受け渡します。自動では速い GPU を使い、メモリーが足りなければ 2 台で分担します。末尾の桁が異なることがあります。',
    unusable: (name, why) => `${name} は使われません：${why}`,
  },
  plan: {
    heading: 'メモリー計画',
    total: (bytes) => `約 ${fileSize(bytes)}`,
    refused: '収まりません',
    caption: '各 GPU が保持するもの',
    layers: '層',
    layersOf: (from, to, all) => `${count(all)} 層中 ${count(from)}～${count(to)}`,
    staying: (layers) => `${count(layers)} 層を常駐、残りは順に読み込み`,
    weights: '重み',
    adapters: 'アダプター',
    activations: '中間結果',
    scores: 'アテンションスコア',
    noScores: '保持しません',
    sharedScores: 'MLP のバッファーと共用',
    groups: (bytes, groups) => `${fileSize(bytes)}、ヘッドを ${count(groups)} 組に分割`,
    sum: '合計（概算）',
    allowed: '使用できる量',
    unknown: '不明',
    largest: '最大バッファーと、シェーダーが一度に使える量',
    executor: '実行エンジン',
    tokensAtOnce: '一度に計算するトークン数',
    forRows: (maxLength, batch) =>
      `最大 ${count(maxLength)} トークンの行を、${count(batch)} トークンのバッチで計算する場合。ブラウザーからわかるのは GPU の上限だけで、空きメモリーはわかりません。足りないとわかった場合は、常駐する層を減らします。`,
    split: (parts) =>
      `2 台の GPU が層を分担します。バッチは ${count(parts)} トークンずつに分けて流れ、2 台目が計算する間に 1 台目は次の部分を計算します。`,
    splitInstead: (bytes) =>
      `1 台だけでは、バッチごとに ${fileSize(bytes)} を読み直すことになります。`,
    streamed: (bytes, seconds) =>
      `省メモリーモード：バッチごとに ${fileSize(bytes)} を読み直します。毎秒 1 GB のディスクで、1 バッチあたり少なくとも ${count(seconds)} 秒かかります。`,
    cpuCaption: 'CPU が保持するもの',
    layerAtATime: '計算中の層',
    heap: 'WebAssembly 内の合計（概算）',
    heapOf: (bytes, limit) => `${fileSize(bytes)}（上限 ${fileSize(limit)}）`,
    onCpu: (maxLength, batch) =>
      `最大 ${count(maxLength)} トークンの行を ${count(batch)} トークンのバッチで計算する場合です。重みとアダプターはメインメモリーに、計算中の層とバッチは WebAssembly に置かれます。WebAssembly が一度確保したメモリーは減りません。`,
    budget: (name) => `${name} で使ってよい GB`,
    budgetHelp: '空欄なら制限なし。指定すると、その範囲に収まるように層とバッチを選びます。',
    outdated: 'モデルは別の計画で読み込まれています。',
    reload: 'この計画で読み込む',
  },
  kept: {
    choices: (choices) => `手動で選択し、次回も使う設定：${choices.join('、')}。`,
    lanes: { one: 'GPU 1 台', all: 'すべての GPU', split: 'GPU 2 台で層を分担' },
    budget: (name, bytes) => `${name} は ${fileSize(bytes)} まで`,
    reset: '自動に戻す',
  },
  advanced: '詳細設定',
  device: '使用するデバイス',
  devices: { auto: '自動', webgpu: 'GPU (WebGPU)', wasm: 'CPU' },
  deviceHelp: '自動では、ブラウザーが GPU を提供していれば GPU を使います。',
  precisions: { auto: '自動', float32: 'float32', float16: 'float16', int8: 'int8（精度低下）' },
  precisionHelp:
    '自動では、GPU が対応していれば float16 を使います。float32 はより正確ですが、遅くなります。int8 は活性値と重みを 8 ビットに丸めます。サブグループ行列のない GPU では速くなりますが精度が下がるため、選択した場合にのみ使われます。',
  executor: '実行エンジン',
  executors: { auto: '自動', ort: 'ONNX Runtime', wgsl: '独自カーネル' },
  executorHelp:
    '各層を計算するエンジンです。自動では、独自の WebGPU カーネルが動作し自己テストに合格すれば、それを使います。ONNX Runtime の数倍高速です。',
  executorNames: {
    ort: 'ONNX Runtime',
    float32: '独自カーネル、float32',
    float16: '独自カーネル、float16',
    'subgroup-matrix': '独自カーネル、サブグループ行列',
    int8: '独自カーネル、int8（精度低下）',
  },
  kernels: {
    timed: (ms) =>
      `タイル：今回の計測（${count(ms)} ms）で最速のもの。どれを選んでも結果は変わりません。`,
    remembered:
      'タイル：以前の計測で、このデバイスで最速だったもの。どれを選んでも結果は変わりません。',
    defaults: 'タイル：既定のもの。',
  },
  notTaken: (name, reason) => `不採用：${name}（${reason}）。`,
  choose: 'パッケージのフォルダーを選ぶ',
  dropHere: '別のモデルを使うには、パッケージのフォルダーをここにドロップするか、',
  dropLabel: 'モデルパッケージをドロップ',
  backToEmbedded: '内蔵モデルに戻す',
  retry: 'もう一度読み込む',
  last: {
    asked: (name, bytes) => `前回は ${name}（${fileSize(bytes)}）を使いました。`,
    load: (name) => `${name} を読み込む`,
    demo: 'デモモデルを使う',
    folder: (name) =>
      `前回は ${name} をフォルダーから読み込みました。ページからは開き直せないため、使うにはフォルダーを選び直してください。`,
    lost: (name) =>
      `前回使ったモデル ${name} を読み込めませんでした。代わりにデモモデルを使います。`,
  },
  readingFolder: 'フォルダーを調べています',
  dropOneFolder: 'モデルパッケージのフォルダー（tiebreak.json があるもの）をドロップしてください。',
  isCheckpoint: (name) =>
    `${name} は Hugging Face のチェックポイントです。取り込むと、ここで使えるようになります。`,
  isAdapter: (name) =>
    `${name} は LoRA アダプターです。学習元のチェックポイントと一緒に取り込んでください。`,
  imports: {
    base: 'このチェックポイントを取り込む',
    adapter: 'チェックポイントと一緒に取り込む',
  },
  isEmpty: (name) => `${name} は空です。`,
  isOther: (name, files, more) =>
    `${name} はモデルパッケージでもチェックポイントでもありません。中にあるファイル：${files.join('、')}${more > 0 ? `、ほか ${count(more)} 個` : ''}`,
  notLoaded: '現在のモデルは読み込まれたままです。',
  meanOf: (names) => `${names.join('、')}の平均`,
  base: 'ベースモデル',
  card: 'デモモデルについて',
  cardWhole: 'モデルカードの全文（英語）',
  cardFacts: [
    `幅 ${DEMO.width}・${DEMO.layers} 層の Gemma-2 分類器（4 ビット）で、1 台の GPU で ${DEMO.minutes} 分かけてゼロから学習しました。アダプター「demo」は人の判定、「demo-b」は GPT-4 の判定に倣います。`,
    `データ：公開されている ${count(DEMO.pairs)} 組（${DEMO.sources.judged.join('、')}、および GPT-4 が判定した ${DEMO.sources.byGpt4.join('・')} のプロンプト。${DEMO.licences.join('、')}）。プロンプト単位で分割しています。`,
    `学習に使っていないプロンプトの、人が判定した ${count(DEMO.judgedRows)} 行では、対数損失 ${DEMO.logLoss}（95 % 区間 ${DEMO.logLossInterval.join(' ～ ')}）、両方の順序で採点すると ${DEMO.bothOrders}（${DEMO.bothOrdersInterval.join(' ～ ')}）。ラベル頻度だけでは ${DEMO.frequencies}、表面的な特徴の回帰では ${DEMO.surface}。正解率は ${DEMO.accuracy.join(' ～ ')} %。`,
    '主に表面に現れるもの（長さ、構成、拒否、回答がプロンプトに合っているか）で判断します。事実の知識はなく、数学やコードの正しさは確かめられません。学習データはほぼ英語のみです。',
  ],
};
/** Japanese names of places. */
export const place: Texts['place'] = {
  gpu: (name) => `${name} (WebGPU)`,
  cpu: (runtime, threads) => `CPU（${runtime}、${count(threads)} スレッド）`,
  part: (from, to, place, variant) => `${from}～${to} 層は ${place}（${variant}）`,
  parts: (parts) => parts.join('、および '),
};

/** Japanese texts of notices of models. */
export const notice: Texts['notice'] = {
  space: '',
  by: (name, text) => `${name}：${text}`,
  demo: {
    whole: `デモモデル（21 MB）：判定済みの 10,669 組で ${DEMO.minutes} 分学習したものです。当て推量よりは良いものの、9B のモデルには遠く及びません。`,
    demo: 'このアダプターは人の判定に倣います。',
    'demo-b': 'このアダプターは GPT-4 の判定に倣います。',
  },
};
