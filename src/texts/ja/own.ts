import type { Texts } from '../texts.ts';
import { count, fileSize, roughly } from './format.ts';

/** Japanese texts of models of one’s own. */
export const own: Texts['own'] = {
  heading: '自分のモデル',
  intro:
    'Hugging Face 形式のチェックポイントと LoRA アダプターからモデルを作るか、完成済みのモデルをダウンロードして、このブラウザーに保存します。対応するモデルは Gemma-2、Gemma-3（テキスト）、Llama 3、Mistral、Qwen2、Qwen2.5、Qwen3 です。アップロードは一切ありません。',
  aside: 'Hugging Face やフォルダーから取り込む',
  asideStored: (packages) => `${count(packages)} 個のモデルを保存済み`,
  asidePartial: {
    import: (name, percent) =>
      `${name} の取り込みが中断中${percent === null ? '' : `（${percent} % 書き込み済み）`}`,
    download: (name, percent) =>
      `${name} のダウンロードが中断中${percent === null ? '' : `（${percent} % 書き込み済み）`}`,
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
  noAdapterIn: (name) => `${name} にアダプターがありません。adapter_config.json が見つかりません。`,
  noTokenizerIn: (name) => `${name} に tokenizer.json がありません。`,
  severalAdapters: (adapters) =>
    `このフォルダーには ${count(adapters)} 個のアダプターがあります。使うものを追加してください。`,

  importHeading: '取り込み',
  base: 'チェックポイント',
  baseDrop: 'チェックポイントのフォルダーをここにドロップするか、',
  baseHelp:
    'config.json と safetensors ファイルがあるフォルダーです。bfloat16 でも、bitsandbytes の 4 ビットでも、GPTQ でもかまいません。中にあるアダプターも検出します。',
  adapters: 'アダプター',
  adapter: 'アダプター',
  adapterNamed: (name) => `アダプター ${name}`,
  adapterDrop: 'アダプターのフォルダーをここにドロップするか、',
  adapterHelp:
    'adapter_config.json と adapter_model.safetensors があるフォルダーです。複数でもかまいません。チェックポイント自体にスコアヘッドがある場合は不要です。',
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
    'ファイルを選び直してください。ページを再読み込みすると、ファイルにアクセスできなくなります。',
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
      help: 'bitsandbytes と GPTQ のチェックポイントはコードをそのまま残し、それ以外は NF4 にします。',
    },
    keep: {
      label: 'コードを残す',
      help: 'bitsandbytes（4 ビット）と GPTQ（4 または 8 ビット）のチェックポイント用です。すべてのコードをそのまま残すので、誤差は増えません。',
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
      help: 'サイズは半分です。bfloat16 の値のほとんどは、桁を失いません。',
    },
    int8: {
      label: 'int8',
      help: 'サイズは 4 分の 1 です。各トークンのベクトルを 8 ビットに丸めます。誤差はわずかです。',
    },
    int4: {
      label: 'int4',
      help: 'サイズは 8 分の 1 です。誤差が大きいので、容量やメモリーが足りない場合に使います。',
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
  olderPooling: (version) =>
    `チェックポイントは Transformers ${version} で保存されています。4.49 より前のバージョンは、テキストの中にパディングトークンがあると別のトークンを読みます。Tiebreak が読むのは、4.49 以降と同じトークンです。`,
  chatTemplate: (date) =>
    `報酬モデルです。プロンプトと各回答の会話を、モデルのチャットテンプレートで読みます。テンプレートの中の「今日」は ${date} です。`,
  noChatTemplate:
    '報酬モデルですが、チャットテンプレートがないため、組を採点できません。作者が公開している chat_template.jinja を、モデルのフォルダーに置いてください。',
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
    'このアドレスには完成済みのパッケージがあります。取り込みは不要で、ダウンロードするだけで使えます。',
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
  adaptersOf: (names) => (names.length === 0 ? 'アダプターなし' : `アダプター ${names.join('、')}`),
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
  verified: 'すべてのファイルに問題はありません。',
  repaired: '修復しました。すべてのファイルが正常です。',
  exported: '専用のフォルダーに書き出しました。',
  cancelled: '中止しました。',
  deleting: '削除しています…',
  saveHeading: '次のファイルを 1 つのフォルダーに、表示されたパスのとおりに保存してください：',
  save: '保存',
  saveNamed: (path) => `${path} を保存`,
};
