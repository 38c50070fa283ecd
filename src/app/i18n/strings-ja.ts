import type { CsvNote } from '../../data/csv/notes.ts';
import { DEMO } from '../models/demo-facts.ts';
import {
  count,
  dateTime,
  duration,
  fileSize,
  magnitude,
  roughly,
  tokensRoughly,
} from './format.ts';
import type { Strings } from './strings.ts';

const rowsOf = (rows: number) => `${count(rows)} 行`;
const someRowsOf = (some: number, all: number) => `${rowsOf(all)}中 ${rowsOf(some)}`;

/** The Japanese texts. */
export const japanese: Strings = {
  name: 'Tiebreak',
  title: 'Tiebreak：人はどちらの回答を好むか',
  tagline:
    '2 つのチャットボットの回答のうち、人がどちらを好むかを予測します。test.csv から submission.csv を作ります。',
  description:
    '2 つのチャットボットの回答のうち、人がどちらを好むかを、お使いのコンピューター上で予測します。test.csv から submission.csv を作ります。',
  private: 'データはこのコンピューターの外に出ません',
  insecure: {
    title: '本来の速さで使うには、https か localhost でこのページを開いてください。',
    text: 'ブラウザーが WebGPU、複数スレッド、保存領域を使わせるのは、https か localhost で開いたページだけです。ここでは CPU の 1 スレッドで採点し、実行とモデルは保存されません。',
  },

  screens: {
    label: '画面',
    score: '採点',
    report: 'レポート',
    explore: '1 組を詳しく見る',
    loading: '読み込み中',
    failed: {
      missing: 'この画面を読み込めませんでした。',
      missingHelp: '接続が切れているか、アプリの新しい版が公開された可能性があります。',
      broken: 'この画面でエラーが発生しました。',
      brokenHelp: 'ほかの部分には影響ありません。',
      running:
        '実行は続いています。ページを読み込み直すと中断されますが、計算済みの行は保存されており、続きから再開できます。',
      runningUnsaved:
        '実行は続いています。計算済みの行は保存されていないため、ページを読み込み直すと失われます。',
      tryAgain: 'もう一度試す',
      reload: 'ページを読み込み直す',
    },
  },

  model: {
    heading: 'モデル',
    loading: {
      device: 'GPU を探しています',
      weights: '重みを読み込んでいます',
      tokenizer: 'トークナイザーを読み込んでいます',
    },
    starting: '開始しています',
    loadingLabel: 'モデルの読み込み',
    computesOn: '計算装置',
    details: '詳細',
    precision: '精度',
    quantization: '重み',
    quantizations: {
      none: '量子化なし',
      nf4: 'NF4（4bit）',
      fp4: 'FP4（4bit）',
      int4: 'int4（4bit）',
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
      'この GPU はソフトウェアによるエミュレーションです。結果は正しいものの、CPU のほうが高速です。CPU を使うには、「計算に使う装置」で「自動」を選んでください。',
    softwareOnly:
      'このブラウザーの GPU はソフトウェアによるエミュレーションです。CPU のほうが速いため、CPU で計算します。それでも使う場合は、「計算に使う装置」で「GPU (WebGPU)」を選んでください。',
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
      scores: '注意スコア',
      noScores: '保持しません',
      sharedScores: 'MLP のバッファーと共用',
      groups: (bytes, groups) => `${fileSize(bytes)}、ヘッドを ${count(groups)} 組に分割`,
      sum: '合計（概算）',
      allowed: '使用できる量',
      unknown: '不明',
      largest: '最大バッファーと、シェーダーが一度に使える量',
      executor: '実行方式',
      tokensAtOnce: '一度に計算するトークン',
      forRows: (maxLength, batch) =>
        `最大 ${count(maxLength)} トークンの行を、${count(batch)} トークンのバッチで計算する場合。ブラウザーから分かるのは GPU の上限だけで、空きメモリーは分かりません。足りないと分かった場合は、常駐する層を減らします。`,
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
    device: '計算に使う装置',
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
      remembered: 'タイル：以前の計測で、この装置で最速のもの。どれを選んでも結果は変わりません。',
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
    dropOneFolder:
      'モデルパッケージのフォルダー（tiebreak.json があるもの）をドロップしてください。',
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
    demoNotice: {
      whole: `デモモデル（21 MB）：判定済みの 10,669 組で ${DEMO.minutes} 分学習したものです。当て推量よりは良いものの、9B のモデルには遠く及びません。`,
      demo: 'このアダプターは人の判定に倣います。',
      'demo-b': 'このアダプターは GPT-4 の判定に倣います。',
    },
    threads: (runtime, threads) => `（${runtime}、${count(threads)} スレッド）`,
    partOfLayers: (from, to, place, variant) => `${from}～${to} 層は ${place}（${variant}）`,
    and: '、および ',
    meanOf: (names) => `${names} の平均`,
    base: 'ベースモデル',
    card: 'デモモデルについて',
    cardWhole: 'モデルカードの全文（英語）',
    cardFacts: [
      `幅 ${DEMO.width}・${DEMO.layers} 層の Gemma-2 分類器（4 ビット）で、1 台の GPU で ${DEMO.minutes} 分かけてゼロから学習しました。アダプター「demo」は人の判定、「demo-b」は GPT-4 の判定に倣います。`,
      `データ：公開されている ${count(DEMO.pairs)} 組（${DEMO.sources.judged.join('、')}、および GPT-4 が判定した ${DEMO.sources.byGpt4.join('・')} のプロンプト。${DEMO.licences.join('、')}）。プロンプト単位で分割しています。`,
      `学習に使っていないプロンプトの、人が判定した ${count(DEMO.judgedRows)} 行では、対数損失 ${DEMO.logLoss}（95 % 区間 ${DEMO.logLossInterval.join(' ～ ')}）、両方の順序で採点すると ${DEMO.bothOrders}（${DEMO.bothOrdersInterval.join(' ～ ')}）。ラベル頻度だけでは ${DEMO.frequencies}、表面的な特徴の回帰では ${DEMO.surface}。正解率は ${DEMO.accuracy.join(' ～ ')} %。`,
      '主に表面に現れるもの（長さ、構成、拒否、回答がプロンプトに合っているか）で判断します。事実の知識はなく、数学やコードの正しさは確かめられません。学習データはほぼ英語のみです。',
    ],
  },

  own: {
    heading: '自分のモデル',
    intro:
      'Hugging Face 形式の Gemma-2 チェックポイントと LoRA アダプターからモデルを作るか、完成済みのモデルをダウンロードして、このブラウザーに保存します。アップロードは一切ありません。',
    aside: 'Hugging Face やフォルダーから取り込む',
    asideStored: (packages) => `${count(packages)} 個のモデルを保存済み`,
    asidePartial: {
      import: (name, percent) =>
        `${name} の取り込みが中断中${percent === null ? '' : `（${percent}% 書き込み済み）`}`,
      download: (name, percent) =>
        `${name} のダウンロードが中断中${percent === null ? '' : `（${percent}% 書き込み済み）`}`,
    },
    asideSeveralPartial: (models) => `未完了のモデルが ${count(models)} 個あります`,
    asideDamaged: '破損したモデルあり',
    asideJob: (job, percent) => `${job}中：${percent} %`,

    lookingThrough: 'フォルダーを調べています…',
    dropFolder: 'ファイル単体ではなく、フォルダーをドロップしてください。',
    dropLabels: {
      base: 'チェックポイントをドロップ',
      adapter: 'アダプターをドロップ',
      tokenizer: 'トークナイザーをドロップ',
    },
    folderFailed: (why) => `フォルダーを読み取れません：${why}`,
    isPackage: (name) =>
      `${name} は完成済みのモデルパッケージ（tiebreak.json あり）です。取り込みは不要なので、そのまま読み込みます。`,
    isPackageButRunning: (name) =>
      `${name} は完成済みのモデルパッケージで、取り込みは不要です。採点が終わってから読み込んでください。`,
    severalBases: (paths) =>
      `このフォルダーには複数のチェックポイントがあります：${paths.join('、')}。いずれか 1 つのフォルダーを選んでください。`,
    noBaseIn: (name) =>
      `${name} にチェックポイントがありません。config.json と safetensors ファイルの組が見つかりません。`,
    onlyAdaptersIn: (name) =>
      `${name} にはアダプターだけがあり、チェックポイントがありません。チェックポイントを別に選んでください。`,
    noAdapterIn: (name) =>
      `${name} にアダプターがありません。adapter_config.json が見つかりません。`,
    noTokenizerIn: (name) => `${name} に tokenizer.json がありません。`,
    severalAdapters: (adapters) =>
      `このフォルダーには ${count(adapters)} 個のアダプターがあります。使うものを追加してください。`,

    importHeading: '取り込み',
    base: 'チェックポイント',
    baseDrop: 'チェックポイントのフォルダーをここにドロップするか、',
    baseHelp:
      'config.json と safetensors ファイルがあるフォルダーです。bfloat16 でも bitsandbytes の 4 ビットでもかまいません。中にあるアダプターも検出します。',
    adapters: 'アダプター',
    adapter: 'アダプター',
    adapterNamed: (name) => `アダプター ${name}`,
    adapterDrop: 'アダプターのフォルダーをここにドロップするか、',
    adapterHelp:
      'adapter_config.json と adapter_model.safetensors があるフォルダーです。複数でもかまいません。チェックポイント自体にスコアヘッドがあれば、なくてもかまいません。',
    adapterAgain: (name) => `アダプター ${name} を選び直す`,
    adapterAgainDrop: (name) => `アダプター ${name} のフォルダーをここにドロップするか、`,
    tokenizer: 'トークナイザー',
    tokenizerDrop: 'tokenizer.json のフォルダーをここにドロップするか、',
    tokenizerHelp:
      'このチェックポイントにはトークナイザーがなく、語彙も Gemma-2 のものと異なります。',
    chooseFolder: 'フォルダーを選ぶ',
    chooseSource: (what) => `フォルダーを選ぶ：${what}`,
    address: 'または Hugging Face のリポジトリか URL',
    addressPlaceholder: 'owner/name',
    addressHelps: {
      base: '例：google/gemma-2-9b-it、またはフォルダーの https アドレス。完成済みのパッケージ（tiebreak.json あり）も使えます。通信先は指定したホストだけです。',
      adapter: '例：your-name/gemma-2-9b-lora',
      tokenizer: '例：google/gemma-2-9b-it',
    },
    take: '使う',
    addAddress: '追加',
    change: '別のものを選ぶ',
    again: '選び直す',
    remove: '削除',
    removeAdapter: (name) => `アダプター ${name} を外す`,
    changeSource: (what) => `別のものを選ぶ：${what}`,
    mustChooseAgain:
      'ファイルを選び直してください。再読み込み後は、ページがファイルを保持できません。',
    mustAllow: 'このフォルダーを再び読むには、ブラウザーでの許可が必要です。',
    allow: '読み取りを許可',
    adapterName: 'アプリ内での名前',
    nameFaults: {
      empty: 'アダプターの名前を入力してください。',
      characters: '使えるのは英数字、ドット、ハイフン、アンダースコアだけです。',
      reserved: '「none」はアダプターなしを表します。別の名前にしてください。',
      taken: '同じ名前のアダプターがあります（大文字と小文字は区別されません）。',
    },
    offers: 'フォルダー内で検出',
    addOffer: (name) => `${name} を追加`,
    token: 'アクセストークン（任意）',
    tokenHelp:
      'Google のモデルなど、利用許諾が必要なモデルで使います。この取り込みだけに使い、保存しません。',

    name: 'モデルの名前',
    nameMissing: 'モデルの名前を入力してください。',
    options: '詳細設定',
    quant: '重み',
    quants: {
      auto: {
        label: '自動',
        help: '4 ビットのチェックポイントはコードをそのまま残し、それ以外は NF4 にします。',
      },
      keep: {
        label: '4 ビットのコードを残す',
        help: 'bitsandbytes のチェックポイント用です。すべてのコードをビット単位で残すので、誤差は増えません。',
      },
      nf4: {
        label: 'NF4',
        help: 'bitsandbytes とまったく同じように量子化します。load_in_4bit で学習したアダプターに合います。',
      },
      int4: {
        label: 'int4',
        help: '32 個ごとのブロックで量子化し、より速いカーネルを使えます。サイズはほぼ同じで、誤差は NF4 と異なります。',
      },
      none: {
        label: '量子化なし',
        help: 'float32 のままで誤差はありませんが、サイズは 8 倍です。小さなモデル向けです。',
      },
    },
    embedding: '埋め込み',
    embeddings: {
      auto: {
        label: '自動',
        help: 'float16 にします。重みを量子化しない場合は float32 です。',
      },
      float32: { label: 'float32', help: 'すべての値をそのまま、4 バイトずつで保存します。' },
      float16: {
        label: 'float16',
        help: 'その半分のサイズです。bfloat16 の値のほとんどは、桁を失いません。',
      },
      int8: {
        label: 'int8',
        help: '4 分の 1 のサイズです。各トークンのベクトルを 8 ビットに丸めます。誤差はわずかです。',
      },
      int4: {
        label: 'int4',
        help: '8 分の 1 のサイズです。誤差が大きいので、容量やメモリーが足りない場合に使います。',
      },
    },
    softCap: 'アテンションスコアのソフトキャップ',
    softCaps: {
      config: { label: '設定どおり', help: 'config.json の値です。Gemma-2 では 50 です。' },
      none: {
        label: 'なし',
        help: 'ソフトキャップが省かれていた Transformers 4.42 ～ 4.44 の SDPA アテンションで学習したアダプター用です。',
      },
      number: { label: '別の値', help: '独自の値で学習したモデル用です。' },
    },
    softCapValue: 'ソフトキャップ',

    planHeading: '書き込まれる内容',
    planStates: {
      none: '上の項目をすべて選ぶと、取り込みで何が書き込まれるかをここに表示します。',
      asking: '設定ファイルとヘッダーを読んでいます…',
      ready: '設定ファイルとヘッダーに基づく内容です。重みは取り込みの開始後に読みます。',
    },
    planWantsAdapter:
      'このチェックポイントはスコアヘッドのない言語モデルです。その上で学習したアダプターを追加してください。',
    planAgain: 'もう一度読む',
    facts: {
      architecture: 'アーキテクチャ',
      unnamed: '記載なし',
      layers: '層数',
      hiddenSize: '隠れ層の次元',
      vocabSize: '語彙数',
      storedAs: '元の形式',
      written: '書き込む形式',
      kept: (name) => `${name}、コードを維持`,
      embedding: '埋め込み',
      softCap: 'ソフトキャップ',
      noSoftCap: 'なし',
      bytes: 'サイズ',
      available: 'ブラウザーの空き容量',
      unknown: '不明',
    },
    shippedTokenizer:
      'チェックポイントにトークナイザーがないため、Tiebreak に付属の Gemma-2 のトークナイザーを使います。',
    adapterFacts: (targets, layers, [low, high]) =>
      [
        targets.join(', '),
        `${count(layers)} 層`,
        low === high ? `ランク ${count(low)}` : `ランク ${count(low)} ～ ${count(high)}`,
      ].join(' · '),
    ownHead: '独自のスコアヘッドあり',
    noHead: 'スコアヘッドなし',
    lackTitle: '不足しているもの',
    lackTokenizer:
      'トークナイザー：チェックポイントのフォルダーに tokenizer.json がありません。上で選んでください。',
    lackBytes: (bytes) =>
      `空き容量：このブラウザーに保存できる量を ${fileSize(bytes)} 超えています。保存したモデルを削除するか、ディスクの空きを増やすか、より小さな重みを選んでください。`,

    offer:
      'この場所には完成済みのパッケージがあります。取り込みは不要で、ダウンロードするだけです。',
    download: 'ダウンロード',
    goOnDownload: 'ダウンロードを再開',
    adaptersFact: 'アダプター',
    downloadAnew: '別のモデルとして最初からダウンロード',

    start: '取り込む',
    goOn: '取り込みを再開',
    resuming: (name, bytes) => `${name} を再開します。${fileSize(bytes)} は書き込み済みです。`,
    startAnew: '別の設定で最初から取り込む',
    afterwards: '準備ができるとモデルを読み込みます。それまでは別のモデルで採点できます。',
    cancel: '中止',
    cancelling: '中止しています…',
    starting: '開始しています…',
    jobs: {
      import: '取り込み',
      download: 'ダウンロード',
      verify: '検証',
      repair: '修復',
      export: '書き出し',
    },
    steps: {
      import: { weights: '書き込み中', verify: '書き込んだ内容を確認中' },
      download: { weights: 'ダウンロード中', verify: '書き込んだ内容を確認中' },
      verify: { weights: '確認中', verify: '確認中' },
      repair: { weights: '取得中', verify: '破損箇所を確認中' },
      export: { weights: 'コピー中', verify: 'コピー中' },
    },
    doneOf: (done, total) => `${fileSize(total)} 中 ${fileSize(done)}`,
    rate: (perSecond) => `${fileSize(perSecond)}/秒`,
    left: (seconds) => `残り${roughly(seconds)}`,
    unknown: '–',
    announceStart: (job) => `${job}を開始しました。`,
    announceProgress: (step, percent) => `${step}：${percent} パーセント完了。`,
    importCancelled:
      '中止しました。書き込んだ分は残っています。再開するか、「保存したモデル」から削除できます。',

    storedHeading: '保存したモデル',
    reading: '一覧を読んでいます…',
    noneStored: 'このブラウザーにはまだありません。',
    readAgain: '一覧をもう一度読む',
    states: { partial: '未完了', busy: '書き込み中', damaged: '破損' },
    missing: (files) =>
      `${files.slice(0, 3).join('、')}${files.length > 3 ? ` ほか ${count(files.length - 3)} 件` : ''} が失われたか、欠けています。ディスクの空きが少なくなると、ブラウザーがファイルを削除することがあります。`,
    missingImported: '取り込んだモデルなので、削除してもう一度取り込む必要があります。',
    lost: (names) =>
      `ブラウザーが ${names.join('、')} を削除しました。ディスクの空きが少ないときや、数週間アクセスがないときに起こります。`,
    repair: '修復',
    repairNamed: (name) => `${name} を修復`,
    inUse: '使用中',
    finished: (time) =>
      `${new Date(time).toLocaleString('ja', { dateStyle: 'medium', timeStyle: 'short' })} 追加`,
    adaptersOf: (names) =>
      names.length === 0 ? 'アダプターなし' : `アダプター ${names.join('、')}`,
    use: '使う',
    chooseNamed: (name) => `${name} を使う`,
    verify: '検証',
    verifyNamed: (name) => `${name} を検証`,
    export: '書き出し',
    exportNamed: (name) => `${name} を書き出す`,
    delete: '削除',
    deleteNamed: (name) => `${name} を削除`,
    continue: '再開',
    continueNamed: (name) => `${name} を再開`,
    cancelNamed: (job, name) => `${name} の${job}を中止`,
    deleteHeading: 'このモデルを削除しますか？',
    deleteText: (name, bytes) =>
      `${name}（${fileSize(bytes)}）をこのブラウザーから削除します。元のファイルはそのまま残ります。`,
    deleteInUse: '現在使用中のため、デモモデルに切り替わります。',
    keep: 'キャンセル',
    imported: '取り込みました。モデルを読み込んでいます。',
    importedButRunning: '取り込みました。採点が終わったら「使う」を押してください。',
    downloaded: 'ダウンロードと確認が終わりました。モデルを読み込んでいます。',
    downloadedButRunning:
      'ダウンロードと確認が終わりました。採点が終わったら「使う」を押してください。',
    verified: 'すべてのファイルが書き込んだときのままです。',
    repaired: '修復しました。すべてのファイルが正常です。',
    exported: '専用のフォルダーに書き出しました。',
    cancelled: '中止しました。',
    deleting: '削除しています…',
    saveHeading: '次のファイルを 1 つのフォルダーに、表示されたパスのとおりに保存してください：',
    save: '保存',
    saveNamed: (path) => `${path} を保存`,
    size: fileSize,
    count,
  },

  file: {
    heading: 'ファイル',
    drop: 'test.csv をここにドロップ',
    dropAnother: '別のファイルをここにドロップ',
    dropLabel: 'test.csv をドロップ',
    dropOneFile:
      'CSV ファイルを 1 つだけドロップしてください。フォルダーや複数のファイルは使えません。',
    columns: 'Kaggle コンペと同じ id、prompt、response_a、response_b の列が必要です。',
    choose: 'ファイルを選ぶ',
    chooseAnother: '別のファイルを選ぶ',
    example: '例を試す',
    exampleFailed: '例を読み込めません。',
    exampleFailedAction: '接続を確認するか、手元のファイルを選んでください。',
    reading: (name) => `${name} を読み込んでいます`,
    readSoFar: (bytes, total, rows) => `${rowsOf(rows)}、${fileSize(total)} 中 ${fileSize(bytes)}`,
    stopReading: '読み込みを中止',
    rows: rowsOf,
    size: fileSize,
    note: noteJa,
    allGood: 'すべての行を採点できます。',
    labelled: '正解ラベルがあります。レポートで予測を評価します。',
    duplicates: (rows) => `${rowsOf(rows)}は前の行と同じ文章です。計算は 1 回で済ませます。`,
    plainText: (rows) =>
      `${rowsOf(rows)}にターンのリストではないセルがあり、プレーンテキストとして扱います。`,
    problems: (rows) => `${rowsOf(rows)}は採点できません`,
    problemsShown: (shown, all) => `${count(all)} 件中、最初の ${count(shown)} 件です。`,
    allProblems: (problems) => `${count(problems)} 件を表示`,
    fewerProblems: '表示を減らす',
    nothingToScore: 'このファイルには採点できる行がありません。',
    readAgainAtStart: '開始すると、新しい読み方でファイルを読み直します。',
    replaceHeading: '保存されていない結果を破棄しますか？',
    replaceText: (name) =>
      `${name} の結果はこのブラウザーに保存されていません。別のファイルを開くと失われます。必要な場合は、先にダウンロードしてください。`,
    replace: '破棄する',
    keep: 'キャンセル',
  },

  settings: {
    heading: '設定',
    reset: 'ノートブックの設定に戻す',
    isNotebook: 'ノートブックと同じ',
    changed: (names) => `${names.length} 件変更：${names.join('、')}`,
    textMode: 'セルの読み方',
    textModes: {
      faithful: {
        label: '忠実',
        help: 'ノートブックと同じく Python の eval に従います。\\/ のバックスラッシュは残り、\\u で書かれた絵文字は壊れます。',
      },
      clean: { label: 'クリーン', help: 'JSON として読みます。すべての文字が本来の形になります。' },
    },
    maxLength: '1 行の最大トークン数',
    maxLengthHelp:
      'max_length です。これより長い行は切り詰めます。ノートブックは 2,048 で、そのアダプターは 1,024 で学習されています。行が長いほど、所要時間は長さの比以上に増えます。',
    increase: '長くする',
    decrease: '短くする',
    truncation: '長い行の切り詰め方',
    truncations: {
      right: {
        label: '末尾',
        help: 'ノートブックと同じです。回答 A が長いと、回答 B がまったく残らないことがあります。',
      },
      turns: {
        label: '古いターンから',
        help: '先頭からターン単位で除き、それでも長ければ最後のターンの末尾を切ります。',
      },
      proportional: {
        label: '長さに比例',
        help: 'プロンプトと両方の回答の末尾を切り、どれも一部が残るようにします。',
      },
    },
    truncationUnused: '3 等分のときは使われません。',
    spread: '上限を 3 等分する',
    spreadHelp:
      'spread_max_length です。プロンプトと両方の回答を、それぞれ上限の 3 分の 1 に切り詰め、個別の開始・終了の印を付けて連結します。',
    tta: '両方の順序で採点',
    ttaHelp:
      'TTA（test-time augmentation）です。A と B を入れ替えた採点も行い、2 つを平均します。時間は 2 倍ですが、予測が良くなります。',
  },

  run: {
    heading: '採点',
    start: '開始',
    again: 'もう一度開始',
    cancel: '中止',
    cancelling: '中止しています…',
    needsModel: 'モデルの準備を待っています。',
    needsChoice: 'モデルを選んでください。',
    modelFailed: 'モデルを読み込めなかったため、採点できません。',
    needsFile: 'ファイルを選ぶか、例を使ってください。',
    readingFile: 'ファイルの読み込みを待っています。',
    ready: (rows) => `${rowsOf(rows)}を採点できます。`,
    foreseen: (tokens, seconds) => `${tokensRoughly(tokens)} トークン：${roughly(seconds)}。`,
    foreseenTokens: (tokens) =>
      `${tokensRoughly(tokens)} トークン。所要時間はまだ測定していません。`,
    preparing: '準備しています…',
    progress: '進み具合（トークン）',
    tokens: (done, total) => `${count(total)} トークン中 ${count(done)}`,
    rows: someRowsOf,
    rate: (perSecond) => `${count(perSecond)} トークン/秒`,
    left: (seconds) => `残り${roughly(seconds)}`,
    unknown: '–',
    lanes: {
      caption: '各 GPU の状況',
      gpu: 'GPU',
      rate: '速度',
      share: '分担',
      shareOf: (percent) => `${count(percent)} %`,
      ended: '使用終了',
    },
    finished: (rows, seconds) => `${rowsOf(rows)}を ${duration(seconds)}で採点しました。`,
    cancelled: (done, total) => `中止しました（${someRowsOf(done, total)}を採点済み）。`,
    cancelledEmpty: '採点済みの行がないうちに中止しました。',
    failed: (done, total) =>
      done === 0
        ? '採点済みの行がないうちに、採点が失敗しました。'
        : `採点が失敗しました（${someRowsOf(done, total)}を採点済み）。`,
    truncated: (rows) => `切り詰め ${rows} 行`,
    olderResults: '前回の結果はそのまま残っています。',
    differs: '現在の設定は、この結果を計算したときの設定と異なります。',
    openReport: 'レポートを開く',
    more: 'その他',
    less: '閉じる',
    kept: (done, total) =>
      `${someRowsOf(done, total)}が保存されています。「再開」で続きから計算します。`,
    keptComplete: 'このファイルはこの設定で採点済みです。「再開」で結果を表示します。',
    continue: '再開',
    pause: '一時停止',
    pausing: '一時停止しています…',
    resume: '続ける',
    pausingHelp: '計算中のバッチを終えるところです。',
    paused: '一時停止中です。計算していません。',
    noRoom: '完了した行を保存できないため、一時停止しました。',
    noRoomHelp:
      '保存したモデルを削除するなどして空き容量を増やし、もう一度試してください。保存せずに続けることもできますが、その場合、この先の計算結果はタブを閉じると失われます。どちらの場合も、完了した行はダウンロードできます。',
    tryAgain: 'もう一度試す',
    goOnWithout: '保存せずに続ける',
    unjournaled: (why) => `現在の計算結果は保存されていないため、タブを閉じると失われます。${why}`,
    notify: '終わったら通知する',
    notifyHelp: 'このページが表示されていないときに通知します。ブラウザーが許可を求めます。',
    notifyDenied: 'このブラウザーでは、このページの通知が許可されていません。',
    notification: {
      complete: (rows) => `${rowsOf(rows)}を採点しました。`,
      failed: '採点が失敗しました。',
      stopped: '一時停止しました。完了した行を保存できません。',
    },
    title: (percent, state) => (state === 'paused' ? `一時停止中 ${percent} %` : `${percent} %`),
    titleDone: '完了',
    incidents: (incidents) =>
      `この実行でデバイスの障害が ${count(incidents)} 回ありました。完了していない分は計算し直します。`,
    incidentActions: {
      again: 'モデルを読み込み直し、このバッチをもう一度試します。',
      halve: 'モデルを読み込み直し、このバッチを半分ずつ試します。',
      reload: 'モデルの読み込みをもう一度試します。',
      end: 'この実行では、このデバイスはもう使いません。',
      stop: '実行を停止します。',
    },
    incident: (time, device, message) => `${time.toLocaleTimeString('ja')} ${device}：${message}`,
    announceStart: '採点を開始しました。',
    announcePaused: '一時停止しました。',
    announceProgress: (percent) => `${percent} パーセント完了しました。`,
  },

  runs: {
    heading: '保存された実行',
    help: '完了した行は、計算のたびにこのブラウザーに保存され、削除するまで残ります。',
    rows: (done, total) => (done === total ? rowsOf(total) : someRowsOf(done, total)),
    settings: {
      text: (mode) => `読み方：${mode}`,
      maxLength: (tokens) => `max_length ${count(tokens)}`,
      tta: '両順序',
      spread: '3 等分',
      truncation: (name) => `切り詰め：${name}`,
    },
    states: {
      waiting: '未完了',
      complete: '完了',
      running: '別のタブで実行中',
      here: '実行中',
      damaged: '読み取れません',
    },
    logLoss: (value) => `対数損失 ${value.toFixed(4)}`,
    downloaded: (date) => `${dateTime(date)} にダウンロード済み`,
    shortSpace: (left, taken) =>
      `このページで使える保存領域は、残り ${fileSize(left)} です。保存された実行は ${fileSize(taken)} を使っています。不要になった実行は、ダウンロードしてから削除してください。保存したモデルを削除しても空きが増えます。`,
    showAll: (runs) => `${count(runs)} 件すべてを表示`,
    showFewer: '最近のものだけを表示',
    unfinished: '未完了の実行',
    unfinishedRun: (name, done, total) => `${name}：${someRowsOf(done, total)}を採点済みです。`,
    showList: '保存された実行の一覧',
    again: {
      heading: 'このファイルをもう一度採点しますか？',
      text: (name, done, total) =>
        done === total
          ? `${name} はこの設定で採点済みで、${rowsOf(total)}が保存されています。もう一度開始すると、すべての行を計算し直します。`
          : `${name} はこの設定で一部が採点済みで、${someRowsOf(done, total)}が保存されています。「再開」では続きから計算します。もう一度開始すると、すべての行を計算し直します。`,
      unsaved:
        'このページの結果は保存されていません。もう一度開始すると失われます。必要な場合は、先にダウンロードしてください。',
      earlier: '以前の実行',
      keep: '残す',
      delete: '新しい実行が完了したら削除する',
    },
    continue: '再開',
    show: '結果を表示',
    report: 'レポート',
    download: 'ダウンロード',
    rename: '名前を変更',
    name: 'この実行の名前',
    save: '保存',
    continueNamed: (name) => `${name} の実行を再開`,
    showNamed: (name) => `${name} の結果を表示`,
    reportNamed: (name) => `${name} のレポートを開く`,
    downloadNamed: (name) => `${name} の提出ファイルをダウンロード`,
    renameNamed: (name) => `${name} の実行の名前を変更`,
    opening: '開いています…',
    delete: '削除',
    deleteNamed: (name) => `${name} の実行を削除`,
    deleteHeading: 'この実行を削除しますか？',
    deleteText: (done, name) =>
      `${name} の ${rowsOf(done)}の結果が失われます。ファイル自体はそのまま残ります。`,
    cancel: 'キャンセル',
    unknown: '読み取れない実行',
    chooseFile: (name) =>
      `${name} を選び直してください。再読み込み後は、ブラウザーがファイルへのアクセスを保持しません。`,
    choose: (name) => `${name} を選ぶ`,
    otherFile: (chosen, name) =>
      chosen === name
        ? 'このファイルの内容は、採点したときのものと異なります。'
        : `${chosen} は、採点した ${name} ではありません。`,
    otherModel: (name) =>
      `この実行ではモデル ${name} を使いましたが、そのモデルは読み込まれていません。`,
    otherModelAction: 'そのモデルを読み込んでから再開してください。',
    otherEngine: 'それでも再開する',
  },

  results: {
    heading: '結果',
    of: (name) => name,
    empty: '計算が進むと、ここに結果が表示されます。',
    facts: {
      computedOn: '計算装置',
      earlier: 'それ以前の計算装置',
      model: 'モデル',
      adapter: 'アダプター',
      noAdapter: 'なし',
      precision: '精度',
      executor: '実行エンジン',
      softCap: 'ソフトキャップ',
      textMode: 'テキスト',
      truncation: '切り詰め',
      truncationSpread: '3 等分',
      maxLength: 'max_length',
      tta: '両順序',
      scored: '採点済み',
      truncated: '切り詰めあり',
      duplicates: '重複',
      unscorable: '採点不可',
    },
    yes: 'はい',
    no: 'いいえ',
    truncationNames: { right: '末尾', turns: '古いターンから', proportional: '長さに比例' },
    rowsOf: someRowsOf,
    table: '行とその確率',
    finishedFirst: '完了した行を先に表示',
    tableHelp: '行を選ぶと文章を表示します。矢印キーで行を移動できます。',
    columns: {
      row: '行',
      id: 'id',
      prompt: 'プロンプト',
      a: 'A',
      b: 'B',
      tie: '引き分け',
      tokens: 'トークン',
      marks: '備考',
    },
    short: { a: 'A', b: 'B', tie: '引分' },
    columnTitles: {
      a: '回答 A が好まれる確率',
      b: '回答 B が好まれる確率',
      tie: '引き分けの確率',
      tokens: 'モデルが読んだトークン数',
    },
    marks: {
      problem: '採点不可',
      truncated: '切り詰め',
      duplicate: '重複',
      plainText: 'プレーンテキスト',
    },
    markTitles: {
      problem: 'この行には結果がありません。理由は「ファイル」の一覧にあります。',
      truncated: '上限に収めるため、文章の一部を切り詰めました。',
      duplicate: '前の行と同じ文章なので、その結果を共有します。',
      plainText: 'ターンのリストではないセルを、プレーンテキストとして扱いました。',
    },
    openRow: (row) => `${count(row)} 行目を開く`,
    emptyPrompt: '（空）',
  },

  row: {
    title: (row, id) => `${count(row)} 行目、id ${id}`,
    close: '閉じる',
    previous: '前の行',
    next: '次の行',
    loading: '行を読み込んでいます…',
    noResult: 'まだ結果がありません。',
    preferA: 'A が良い',
    preferB: 'B が良い',
    undecided: '決められません（最も確率の高い結果がはっきりしません）',
    tie: '引き分け',
    prompt: 'プロンプト',
    answerA: '回答 A',
    answerB: '回答 B',
    turn: (turn, of) => `ターン ${turn} / ${of}`,
    empty: '（空）',
    absent: '（このターンはありません）',
    cells: 'ファイルに書かれているセルの内容：',
    rendered: {
      label: '表示',
      views: { text: 'テキスト', rendered: 'Markdown を整形' },
      code: 'コード',
      table: '表',
      image: (alt, address) => (alt === '' ? `[画像：${address}]` : `[画像：${alt}（${address}）]`),
      tooLong: (most) => `${count(most)} 文字を超える文は、テキストとしてのみ表示します。`,
      tooDeep: '入れ子が深すぎて整形できないため、テキストとして表示しています。',
    },
    showNext: (next, left) =>
      next === left
        ? `残りの ${count(left)} 文字を表示`
        : `残り ${count(left)} 文字のうち、次の ${count(next)} 文字を表示`,
    notShown: (shown, all) =>
      `ここに表示しているのは、全 ${count(all)} 文字のうち最初の ${count(shown)} 文字だけです。採点では全体を読み込みます。`,
    tokens: (tokens) => `モデルが読んだのは ${count(tokens)} トークン`,
  },

  downloads: {
    partial: '完了した行をダウンロード',
    complete: 'submission.csv をダウンロード',
    partialName: 'submission.partial.csv',
    completeName: 'submission.csv',
    preparing: '準備しています…',
    problemsLegend: (rows) => `${rowsOf(rows)}は採点できません。submission.csv での扱い：`,
    omit: (rows) => (rows === 1 ? 'この行を除く' : `この ${rowsOf(rows)}を除く`),
    uniform: (rows) =>
      rows === 1
        ? 'A・B・引き分けを 3 分の 1 ずつにする'
        : '各行とも A・B・引き分けを 3 分の 1 ずつにする',
    kaggle: 'Kaggle は、test.csv のすべての id がある submission だけを受け付けます。',
    chooseFirst: '先に、これらの行の扱いを選んでください。',
  },

  errors: {
    original: '詳細（英語）',
    place: {
      row: (row) => `${count(row)} 行目`,
      column: (column) => `列 ${column}`,
      byte: (byte) => `${count(byte)} バイト目`,
    },
    workerDied: (reason) =>
      `採点の処理が異常終了しました${reason === '' ? '' : `（${reason.replace(/\.$/, '')}）`}。`,
    scriptMissing: 'このページのスクリプトを読み込めませんでした。',
    scriptMissingAction:
      '接続を確認して、もう一度お試しください。それでも失敗する場合は、ページを読み込み直してください。',
    workerDiedAction:
      'モデルを読み込み直してください。繰り返し起こる場合は、最大トークン数を減らすか、CPU を選んでください。',
    fileLost: 'ファイルをもう一度読み込む必要があります。',
    fileLostAction:
      'ファイルを選び直してください。ページにある結果は引き続きダウンロードできます。',
  },

  footer: {
    language: '言語',
    automatic: '自動',
    nextLoad: '次の読み込みから使われます。',
    theme: 'テーマ',
    themes: { auto: '自動', light: 'ライト', dark: 'ダーク' },
    readme: 'README（英語）',
    licence: 'Apache-2.0 ライセンス',
    notice: 'サードパーティーの表示',
    card: 'デモモデルのモデルカード',
    gemma: 'Gemma は Gemma 利用規約に従って提供されます',
    versions: (app, ort) => `Tiebreak ${app}、ONNX Runtime Web ${ort}`,
  },
};

function noteJa(note: CsvNote): string {
  switch (note.kind) {
    case 'byteOrderMark':
      return 'ファイルの先頭にバイト順マークがあります。読み飛ばしました。';
    case 'utf16':
      return 'UTF-16 のファイルです。メモリー内で UTF-8 に変換しました。';
    case 'noIds':
      return 'id 列がないため、1 からの行番号を id とします。';
    case 'unusedColumns': {
      const { columns, named } = note;
      return columns > 10
        ? `使わない列：${count(columns)} 列（最初の列：${named}）。`
        : `使わない列：${named}。`;
    }
    case 'blankLines':
      return `行の間の空行を読み飛ばしました。最初の空行は ${note.row} 行目の前です。`;
    case 'repeatedIds': {
      const { ids, named } = note;
      const more = ids > named.length ? ` ほか ${count(ids - named.length)} 件` : '';
      return `${count(ids)} 件の id が複数の行にあります（${named.join('、')}${more}）。すべての行を順に採点して書き出しますが、Kaggle は id が重複した提出を受け付けません。`;
    }
  }
}
