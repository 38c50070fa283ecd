import type { ErrorParams } from '../../domain/errors.ts';

/** What a code says in Japanese: what is wrong, and what to do. */
export interface ErrorText {
  message: string | ((params: ErrorParams) => string);
  action?: string | ((params: ErrorParams) => string);
}

const RELOAD = 'ページを読み込み直してください。';
const FETCH_AGAIN = 'ファイルが壊れているか途中で切れています。取得し直してください。';
const OTHER_DEVICE = 'max_length を小さくするか、別のデバイスを選んでください。';
const CLOSE_GPU = 'GPU を使うほかのプログラムを終了するか、max_length を小さくしてください。';
const DRIVER = 'グラフィックスドライバーを更新するか、CPU を選んでください。';
const MAKE_ROOM =
  'ディスクの空きを増やすか、不要なモデルを削除してください。その後、止まったところから続けられます。';
const TRY_LATER = 'しばらくしてから、もう一度お試しください。';
const PACKAGE_AGAIN = 'パッケージを取得し直すか、作り直してください。';
const CHOOSE_CSV = 'id, prompt, response_a, response_b の列がある CSV ファイルを選んでください。';
const FORMATS: Readonly<Record<string, string>> = {
  gguf: ' GGUF ファイル（llama.cpp の形式）',
  pytorch: ' PyTorch のファイル（開くとコードが実行されうる形式）',
  consolidated: '開発元独自の配置のチェックポイント',
  onnx: ' ONNX へのエクスポート',
};
const maxLength = ({ fits }: ErrorParams) =>
  fits === undefined
    ? '別のデバイスか、より小さなモデルを使ってください。'
    : `max_length を ${fits} 以下にするか、別のデバイスを使ってください。`;

/**
 * Japanese texts of the errors that come from below the page, by their codes. Errors of the page itself (`page/…`) are in its
 * language already. What else the English message tells is shown beside it (`ErrorNote`).
 */
export const errorsJa: Readonly<Record<string, ErrorText>> = {
  'csv/empty': {
    message: 'ファイルが空です。',
    action: 'ヘッダーと行のある CSV ファイルを選んでください。',
  },
  'csv/header-only': {
    message: 'ヘッダーだけで、行がありません。',
    action: '行のあるファイルを選んでください。',
  },
  'csv/not-csv': { message: 'CSV ファイルではありません。', action: CHOOSE_CSV },
  'csv/missing-column': {
    message: ({ missing, found }) => `列がありません：${missing}。見つかった列：${found}。`,
    action: '1 行目に prompt, response_a, response_b の列名が必要です。順番は自由です。',
  },
  'csv/duplicate-column': {
    message: ({ names }) => `ヘッダーに同じ列名が複数あります：${names}。`,
    action: '余分な列を削除するか、名前を変えてください。',
  },
  'csv/too-few-fields': {
    message: ({ fields, expected }) =>
      `行が途中で終わっています。ヘッダーの ${expected} 列に対して ${fields} 列しかありません。`,
    action:
      'ファイルが途中で切れているか、引用符の外に改行がある可能性があります。取得し直してください。',
  },
  'csv/too-many-fields': {
    message: ({ fields, expected }) =>
      `行が長すぎます。ヘッダーの ${expected} 列に対して ${fields} 列あります。`,
    action: 'コンマを含むセルは引用符で囲んでください。',
  },
  'csv/row-too-long': {
    message: '行が長すぎます。閉じる引用符が抜けている可能性があります。',
    action: 'この行の引用符を閉じてください。セルの中の引用符は "" と 2 つ重ねて書きます。',
  },
  'csv/unclosed-quote': {
    message: '引用符で囲まれたセルの途中でファイルが終わっています。',
    action: 'ファイルが途中で切れている可能性があります。取得し直してください。',
  },
  'csv/malformed-quotes': {
    message: '閉じる引用符の後にもセルが続いています。行がつながっている可能性があります。',
    action: 'セルの中の引用符は "" と 2 つ重ねて書いてください。',
  },
  'csv/nul-byte': {
    message: 'セルに NUL バイトがあります。',
    action: '取り除いてください。ファイルが壊れている場合は取得し直してください。',
  },
  'csv/invalid-utf8': {
    message: 'セルが正しい UTF-8 ではありません。',
    action: 'ファイルを UTF-8 で保存してください。',
  },
  'csv/utf16-too-large': {
    message: 'この大きさの UTF-16 ファイルは読めません。',
    action: 'ファイルを UTF-8 で保存してください。',
  },
  'csv/bad-probability': {
    message: '確率として正しくない値です。',
    action: 'その行を採点し直してください。',
  },
  'cell/broken-json': {
    message: ({ at, turn }) =>
      turn === undefined
        ? `ターンのリストが ${at} 文字目で壊れています。`
        : `リストの ${turn} 番目のターン（${at} 文字目）が文字列でも null でもありません。`,
    action:
      'セルが途中で切れていないか、文字列の JSON リストになっているか確認してください。その行を除くこともできます。',
  },

  'run/cancelled': { message: '中止しました。' },
  'run/not-ready': {
    message: 'まだ準備ができていません。',
    action: 'モデルとファイルを選んでから、もう一度お試しください。',
  },
  'plan/cpu': {
    message: ({ maxLength, needed, allowed }) =>
      `このモデルは CPU では計算できません。${maxLength} トークンの 1 行だけでも WebAssembly に約 ${needed} 必要ですが、使えるのは ${allowed} です。`,
    action: 'max_length を小さくするか、GPU を使ってください。',
  },
  'plan/no-room': {
    message: ({ gpu, needed, allowed }) =>
      `このモデルは収まりません。層を 1 つずつ読み込んでも ${gpu} の ${needed} が必要ですが、使ってよいのは ${allowed} です。`,
    action:
      'max_length を小さくするか、使ってよいメモリーを増やすか、より小さなモデルを選んでください。',
  },
  'plan/reload': {
    message: ({ maxLength, gpu, room, there }) =>
      `max_length が ${maxLength} の場合、${gpu} に置ける層は ${room} です。現在は ${there} 層あります。`,
    action: 'モデルを読み込み直すか、max_length を小さくしてください。',
  },
  'plan/split': {
    message: '2 台の GPU で層を分担できません。',
    action: '実行方式を自動にするか、GPU を 1 台だけ使ってください。',
  },
  'plan/too-large': {
    message: 'このデバイスのバッファーには大きすぎます。',
    action: maxLength,
  },
  'plan/too-long': {
    message: 'この長さの行は、このデバイスのバッファーに入りません。',
    action: maxLength,
  },

  'journal/busy': {
    message: 'この実行は進行中です。別のタブで動いている可能性があります。',
    action: 'そちらで終わるのを待つか、中止してください。',
  },
  'journal/damaged': {
    message: '保存された実行の記録を読めません。',
    action: '削除して、始めからやり直してください。',
  },
  'journal/version': {
    message: 'この実行は、より新しい版のアプリで始められました。',
    action: 'ページを読み込み直すか、この実行を削除してください。',
  },
  'journal/differs': {
    message: 'この実行は続けられません。始めたときと選択が違います。',
    action: '始めたときと同じものを選ぶか、始めからやり直してください。',
  },
  'journal/engine': {
    message: 'この実行は別の方法で計算されていました。',
    action: '続けることはできますが、残りの行は末尾の桁が変わる場合があります。',
  },
  'journal/unavailable': {
    message: 'このブラウザはこのページのファイルを保存しません。',
    action: '実行は進みますが、タブを閉じると続きからは再開できません。',
  },

  'gpu/insecure': {
    message: 'WebGPU を使えるのは、https か localhost で開いたページだけです。',
    action: 'https か localhost でこのページを開くか、CPU を選んでください。',
  },
  'gpu/none': {
    message: '使える GPU がありません。',
    action: `ブラウザと${DRIVER}`,
  },
  'gpu/device': {
    message: 'GPU を使い始められませんでした。',
    action: 'GPU を使うほかのプログラムを終了するか、CPU を選んでください。',
  },
  'gpu/lost': { message: 'GPU との接続が失われました。', action: DRIVER },
  'gpu/error': { message: 'GPU がエラーを報告しました。', action: DRIVER },
  'gpu/out-of-memory': { message: 'GPU の空きメモリーが足りません。', action: CLOSE_GPU },
  'gpu/binding-size': {
    message: 'この GPU が一度に扱える大きさを超えています。',
    action: '別の GPU か、より小さなモデルやバッチを使ってください。',
  },
  'gpu/no-float16': {
    message: 'このデバイスは float16 で計算できません（shader-f16 がありません）。',
    action: 'float32 を使ってください。',
  },
  'gpu/kernels': {
    message: '独自カーネルは使えません。',
    action: '実行方法を「自動」にしてください。',
  },
  'kernels/no-gpu': { message: 'GPU が必要です。' },
  'kernels/no-int8': { message: 'int8 では計算できません。' },
  'kernels/all-layers': { message: '層の一部だけを計算することはできません。' },
  'kernels/unquantised': { message: '重みが量子化されていません。' },
  'kernels/sizes': { message: ({ of }) => `行列の大きさが ${of} の倍数ではありません。` },
  'kernels/heads': { message: ({ size }) => `大きさ ${size} のヘッドが入りません。` },
  'kernels/workgroups': { message: 'ワークグループに 256 スレッドが入りません。' },
  'kernels/no-int8-product': { message: 'int8 の内積命令がありません。' },
  'kernels/no-float16': { message: 'このデバイスに shader-f16 がありません。' },
  'kernels/no-subgroup-matrices': { message: 'このデバイスにサブグループ行列がありません。' },
  'kernels/subgroup-size': { message: 'サブグループの大きさが 32 ではありません。' },
  'kernels/workgroup-memory': { message: 'ワークグループのメモリーが足りません。' },

  'engine/failed': { message: '計算に失敗しました。', action: OTHER_DEVICE },
  'engine/hung': { message: 'デバイスの応答がありません。', action: DRIVER },
  'engine/not-finite': {
    message: 'デバイスが数値でない値を返しました。',
    action: '精度 float32 か別のデバイスを選ぶか、ドライバーを更新してください。',
  },
  'engine/not-loaded': {
    message: 'モデルが読み込まれていません。',
    action: 'モデルを選んでください。',
  },
  'engine/runtime': {
    message: 'ONNX Runtime を読み込めません。',
    action: 'オンラインでページを読み込み直すか、GPU を選び、独自のカーネルで計算してください。',
  },
  'engine/self-test': {
    message: 'このデバイスはこのモデルを正しく計算しません（セルフテストに合格しませんでした）。',
    action: 'float32 か CPU を選んでください。ドライバーの更新で直ることもあります。',
  },
  'engine/stuck': {
    message: 'ONNX Runtime がデバイスから戻りません。',
    action: 'もう一度開始してください。完了した分は残っています。',
  },
  'engine/tokens': { message: 'この行のトークンは計算できません。' },
  'engine/worker-died': {
    message: 'モデルを実行する処理が停止しました。',
    action: `もう一度開始してください。繰り返す場合は、${OTHER_DEVICE}`,
  },

  'tokens/bad-tokenizer': {
    message: 'このトークナイザーは使えません。',
    action: 'Gemma-2 の tokenizer.json と tokenizer_config.json を使ってください。',
  },
  'tokens/vocabulary': {
    message: ({ needed, rows }) =>
      `トークナイザーがモデルと合いません。トークナイザーには ${needed} 個のトークンがありますが、モデルの語彙は ${rows} 個です。`,
    action:
      'このチェックポイントと一緒に保存された tokenizer.json を使ってください。完成済みのパッケージは、それを使って取り込み直してください。',
  },
  'tokens/worker-failed': {
    message: 'トークナイザーの処理が開始できないか、停止しました。',
    action: `${RELOAD}メモリーが足りない場合はほかのタブを閉じてください。`,
  },

  'explore/busy': {
    message: '実行が進行中です。',
    action: '終わるのを待つか、中止してください。',
  },
  'explore/json': {
    message: ({ line, column }) => `${line} 行目の ${column} 文字目以降は JSON ではありません。`,
    action: '「JSON でコピー」の内容をすべて貼り付けてください。',
  },
  'explore/json-fields': {
    message: ({ fields }) =>
      fields === ''
        ? 'JSON ですが、組を表すオブジェクトではありません。'
        : `次のフィールドがないか、文字列でも文字列の配列でもありません：${fields}。`,
    action: '「JSON でコピー」と同じく、prompt、response_a、response_b が必要です。',
  },
  'explore/link': {
    message: 'このリンクは不完全か、変更されています。',
    action: 'リンクをもう一度送ってもらうか、JSON でもらって「JSON を開く…」で開いてください。',
  },
  'explore/link-long': {
    message: 'リンクにするには長すぎます。',
    action: 'JSON か CSV の行としてコピーしてください。',
  },

  'report/not-ready': {
    message: 'まだ準備ができていません。',
    action: '読み込みが終わるのを待ってから、もう一度お試しください。',
  },
  'report/other-file': {
    message: '別のファイルの実行なので、行を対応づけられません。',
    action: 'このファイルの実行を選んでください。',
  },
  'report/not-a-result': {
    message: '結果のファイルではありません。',
    action:
      'このレポートの書き出しか submission.csv を選んでください。列 id, winner_model_a, winner_model_b, winner_tie が必要です。',
  },
  'report/no-common-row': {
    message: '開いているファイルと共通の id がありません。',
    action: '開いているファイルの結果を選んでください。',
  },

  'storage/address': {
    message: 'このアドレスは使えません。',
    action: 'https:// で始まるアドレスか、Hugging Face の名前（owner/name）を入力してください。',
  },
  'storage/changed': {
    message: '読み込んでいる間にファイルが変わりました。',
    action: 'ファイルを選び直してください。採点済みの行はダウンロードできます。',
  },
  'storage/denied': {
    message: 'ホストがアクセスを許可しませんでした。',
    action:
      'モデルのページでライセンスに同意し、そのアカウントのアクセストークンを入力してください。',
  },
  'storage/exists': {
    message: 'フォルダーに同じ名前のものがあります。',
    action: '空のフォルダーを選んでください。',
  },
  'storage/full': { message: '保存できる空きが足りません。', action: MAKE_ROOM },
  'storage/lfs-pointer': {
    message: ({ file }) => `${file} は Git LFS のポインターで、ファイル本体ではありません。`,
    action:
      'フォルダーで git lfs pull を実行するか、モデルのページから本体をダウンロードして、フォルダーを選び直してください。',
  },
  'storage/missing': {
    message: '必要なファイルがありません。',
    action: 'フォルダーかアドレスの中身がそろっているか確認してください。',
  },
  'storage/network': {
    message: 'ネットワークから読み込めませんでした。',
    action: '接続を確認し、もう一度お試しください。止まったところから続きます。',
  },
  'storage/no-ranges': {
    message: 'このサーバーはファイルを部分的に送れません。',
    action: '範囲リクエストに対応したホストを使うか、フォルダーをダウンロードして選んでください。',
  },
  'storage/path': { message: 'パッケージに使えないパスがあります。', action: PACKAGE_AGAIN },
  'storage/permission': {
    message: 'フォルダーを読む許可がありません。',
    action: 'フォルダーを選び直し、このページに読み取りを許可してください。',
  },
  'storage/range': { message: 'ファイルの範囲外を読もうとしました。', action: FETCH_AGAIN },
  'storage/read': {
    message: 'ファイルを読めません。',
    action: 'ファイルを選び直してください。',
  },
  'storage/token': {
    message: 'アクセストークンを使えません。',
    action: 'トークンとアドレスを確認してください。',
  },
  'storage/unreachable': {
    message: ({ host, given }) => `${host} に接続できないため、${given} を読み込めません。`,
    action:
      '接続と、ホストがこのページからのリクエスト（CORS）を許可しているかを確認してください。',
  },
  'storage/write': {
    message: 'ファイルを書き込めません。',
    action: 'このページを開いているほかのタブを閉じて、もう一度お試しください。',
  },

  'package/adapter': {
    message: ({ name, known }) =>
      `このパッケージにアダプター「${name}」はありません。あるもの：${known}。`,
    action: 'その中から選ぶか、ベースモデルだけを使ってください。',
  },
  'package/adapter-name': {
    message: 'アダプターの名前が使えません。',
    action: '英数字、_、.、- だけの、重複しない名前にしてください。',
  },
  'package/changed': {
    message: 'ホストにあるモデルは、別の版に変わっています。',
    action: 'モデルを削除して、ダウンロードし直してください。',
  },
  'package/damaged': { message: 'パッケージのファイルが壊れています。', action: PACKAGE_AGAIN },
  'package/differs': {
    message: 'ホストのファイルがパッケージの目録と一致しません。',
    action: TRY_LATER,
  },
  'package/manifest': {
    message: 'パッケージの目録（tiebreak.json）が使えません。',
    action: '別のパッケージを使うか、作り直してください。',
  },
  'package/self-test': {
    message: 'パッケージのセルフテストが読めません。',
    action: PACKAGE_AGAIN,
  },
  'package/tensor': { message: 'パッケージのテンソルが使えません。', action: PACKAGE_AGAIN },

  'packages/busy': {
    message: 'このモデルは使用中です。別のタブで使われている可能性があります。',
    action: 'モデルを使っているほかのタブを閉じてください。',
  },
  'packages/complete': {
    message: 'このモデルはすでに完成しています。',
    action: '別の名前で取り込んでください。',
  },
  'packages/imported': {
    message: '取り込んで作ったモデルなので、修復に使える元データがありません。',
    action: '削除して、もう一度取り込んでください。',
  },
  'packages/importing': {
    message: '別の取り込みかダウンロードが進行中です。',
    action: '終わるのを待つか、中止してください。',
  },
  'packages/partial': {
    message: 'このモデルの取り込みは終わっていません。',
    action: '取り込みを続けるか、削除してください。',
  },
  'storage/insecure': {
    message: 'ブラウザーがファイルを保存するのは、https か localhost で開いたページだけです。',
    action: 'https か localhost でこのページを開いてください。',
  },
  'packages/unavailable': {
    message: 'このブラウザはこのページのファイルを保存しません。',
    action: 'プライベートでないウィンドウを使ってください。',
  },
  'packages/unknown': {
    message: 'そのモデルはもうありません。',
    action: '別のモデルを選んでください。',
  },
  'packages/worker-died': {
    message: 'モデルを保存する処理が停止しました。',
    action: `もう一度お試しください。止まったところから続きます。それでも失敗する場合は、${RELOAD}`,
  },

  'adapter/config': {
    message: 'アダプターの設定（adapter_config.json）が使えません。',
    action: FETCH_AGAIN,
  },
  'adapter/mismatch': {
    message: 'アダプターがベースモデルに合いません。',
    action: 'アダプターを学習したベースモデルを選んでください。',
  },
  'adapter/nan': {
    message: 'アダプターに数値でない値があります。',
    action: 'アダプターが壊れているか、学習が発散しています。',
  },
  'adapter/unsupported': {
    message: 'このアダプターが使う機能には対応していません。',
    action: '通常の LoRA と score ヘッドとして学習または書き出してください。',
  },
  'model/bnb-state': {
    message: 'bitsandbytes の量子化情報が読めません。',
    action: 'チェックポイントが壊れています。取得し直してください。',
  },
  'model/config': { message: 'config.json が使えません。', action: FETCH_AGAIN },
  'model/format': {
    message: ({ file, format }) =>
      `${file} は${FORMATS[String(format)]}です。読み込めるのは safetensors だけです。`,
    action: ({ format }) =>
      format === 'pytorch'
        ? 'safetensors 版を使うか、Transformers か PEFT で読み込み、save_pretrained("new-folder") で safetensors として保存してください。'
        : '元のチェックポイントのフォルダー（config.json と model.safetensors、または分割された safetensors とその index）を使ってください。',
  },
  'model/index': {
    message: 'チェックポイントの索引が正しくありません。',
    action: '別のチェックポイントが混ざっている可能性があります。取得し直してください。',
  },
  'model/missing-tensor': {
    message: 'チェックポイントに足りないテンソルがあります。',
    action: 'シャードがそろった Gemma-2 のチェックポイントを使ってください。',
  },
  'model/nan': {
    message: 'チェックポイントに数値でない値があります。',
    action: 'チェックポイントが壊れています。取得し直してください。',
  },
  'model/no-score': {
    message: 'チェックポイントにもアダプターにも score ヘッドがありません。',
    action: 'modules_to_save=["score"] で学習したアダプターを選んでください。',
  },
  'model/quantization': {
    message: 'この量子化はこのチェックポイントには使えません。',
    action: '別の量子化か、埋め込みの型を選んでください。',
  },
  'model/shape': {
    message: 'テンソルの形が config.json と合いません。',
    action: '同じモデルのファイルがそろっているか確認してください。',
  },
  'model/unsupported': {
    message: 'このモデルには対応していません。',
    action: 'Gemma-2 の系列分類モデル（2B、9B、27B など）を使ってください。',
  },
  'safetensors/bad': { message: 'safetensors ファイルが使えません。', action: FETCH_AGAIN },

  'internal/unexpected': {
    message: '予期しないエラーが起きました。',
    action: `${RELOAD}保存された実行は残っています。`,
  },
};
