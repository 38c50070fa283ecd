import type { pageErrors as english } from '../../en/errors/page.ts';
import type { ErrorTextsOf } from '../../errors.ts';

const ASK_AGAIN =
  'リンクをもう一度送ってもらうか、JSON でもらって「JSON を開く…」で開いてください。';
const chooseResults = ({ columns }: { columns: readonly string[] }) =>
  `このレポートの書き出しか、提出用の CSV を選んでください。列 ${columns.join(', ')} が必要です。`;

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
  'explore/link:long': {
    message: 'このリンクは長すぎるため、開けません。',
    action: ASK_AGAIN,
  },
  'explore/link:large': {
    message: 'このリンクの内容は大きすぎるため、開けません。',
    action: ASK_AGAIN,
  },
  'explore/link:altered': {
    message: 'このリンクは途中で切れているか、変更されているため、開けません。',
    action: ASK_AGAIN,
  },
  'explore/link:no-pair': {
    message: 'このリンクには組が含まれていないため、開けません。',
    action: ASK_AGAIN,
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
  'report/not-ready:empty': {
    message: '評価できる結果がまだありません。',
    action: '先にファイルを採点してください。',
  },
  'report/other-file': {
    message: ({ name }) => `別のファイル（${name}）の実行なので、行を対応づけられません。`,
    action: ({ name }) => `${name} を開いて採点するか、このファイルの実行を選んでください。`,
  },
  'report/no-common-row': {
    message: '開いているファイルと共通の id がありません。',
    action: '開いているファイルの結果を選んでください。',
  },
  'report/not-a-result:size': {
    message: ({ size }) => `結果のファイルではありません。${size} バイトもあります。`,
    action: chooseResults,
  },
  'report/not-a-result:columns': {
    message: ({ missing }) =>
      `結果のファイルではありません。次の列がありません：${missing.join(', ')}。`,
    action: chooseResults,
  },
  'report/not-a-result:numbers': {
    message: ({ cells }) =>
      `結果のファイルではありません。${cells.join(', ')} は 3 つの確率になっていません。`,
    action: chooseResults,
  },
  'report/not-ready': {
    message: 'ファイルをまだ読み込んでいません。',
    action: '読み込みが終わるのを待ってから、もう一度お試しください。',
  },
  'explore/busy': {
    message: '実行が進行中です。',
    action: '終わるのを待つか、中止してください。',
  },
};
