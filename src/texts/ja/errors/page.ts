import type { pageErrors as english } from '../../en/errors/page.ts';
import type { ErrorTextsOf } from '../../errors.ts';

const reportNotReady = {
  message: 'まだ準備ができていません。',
  action: '読み込みが終わるのを待ってから、もう一度お試しください。',
};

/** Japanese texts of errors, by their ids. */
export const pageErrors: ErrorTextsOf<typeof english> = {
  'page/report-worker-died': {
    message: ({ reason }) =>
      reason === undefined
        ? 'このページのスクリプトを読み込めませんでした。'
        : `レポートを作成する処理が停止しました${reason === '' ? '' : `（${reason}）`}。`,
    action: 'ページを再読み込みしてください。保存された実行は残っています。',
  },
  'page/other-model': {
    message: ({ model }) =>
      `この実行ではモデル ${model} を使いましたが、そのモデルは読み込まれていません。`,
    action: 'そのモデルを読み込んでから再開してください。',
  },
  'page/example': {
    message: '例を読み込めません。',
    action: '接続を確認するか、手元のファイルを選んでください。',
  },
  'page/file-lost': {
    message: 'ファイルをもう一度読み込む必要があります。',
    action: 'ファイルを選び直してください。ページにある結果は引き続きダウンロードできます。',
  },
  'page/script-missing': {
    message: 'このページのスクリプトを読み込めませんでした。',
    action:
      '接続を確認して、もう一度お試しください。それでも失敗する場合は、ページを再読み込みしてください。',
  },
  'page/worker-died': {
    message: ({ reason }) =>
      `採点の処理が異常終了しました${reason === '' ? '' : `（${reason.replace(/\.$/, '')}）`}。`,
    action:
      'モデルを読み込み直してください。繰り返し起こる場合は、最大トークン数を減らすか、CPU を選んでください。',
  },
  'explore/link-long': {
    message: 'リンクにするには長すぎます。',
    action: 'JSON か CSV の行としてコピーしてください。',
  },
  'explore/link': {
    message: 'このリンクは不完全か、変更されています。',
    action: 'リンクをもう一度送ってもらうか、JSON でもらって「JSON を開く…」で開いてください。',
  },
  'explore/json-fields': {
    message: ({ fields }) =>
      fields === ''
        ? 'JSON ですが、組を表すオブジェクトではありません。'
        : `次のフィールドがないか、文字列でも文字列の配列でもありません：${fields}。`,
    action: '「JSON でコピー」と同じく、prompt、response_a、response_b が必要です。',
  },
  'explore/json': {
    message: ({ line, column }) => `${line} 行目の ${column} 文字目以降は JSON ではありません。`,
    action: '「JSON でコピー」の内容をすべて貼り付けてください。',
  },
  'report/not-ready:empty': reportNotReady,
  'report/other-file': {
    message: '別のファイルの実行なので、行を対応づけられません。',
    action: 'このファイルの実行を選んでください。',
  },
  'report/no-common-row': {
    message: '開いているファイルと共通の id がありません。',
    action: '開いているファイルの結果を選んでください。',
  },
  'report/not-a-result': {
    message: '結果のファイルではありません。',
    action:
      'このレポートの書き出しか submission.csv を選んでください。列 id, winner_model_a, winner_model_b, winner_tie が必要です。',
  },
  'report/not-ready': reportNotReady,
  'explore/busy': {
    message: '実行が進行中です。',
    action: '終わるのを待つか、中止してください。',
  },
};
