import type { shell as english } from '../en/shell.ts';
import { count } from './format.ts';

/** Japanese texts of the page around the screens. */
export const shell: typeof english = {
  name: 'Tiebreak',
  title: 'Tiebreak：人はどちらの回答を好むか',
  tagline:
    '2 つのチャットボットの回答のうち、人がどちらを好むかを予測します。test.csv から submission.csv を作ります。',
  description:
    '2 つのチャットボットの回答のうち、人がどちらを好むかを、お使いのコンピューター上で予測します。test.csv から submission.csv を作ります。',
  private: 'データはこのコンピューターの外に出ません',
  insecure: {
    title: '本来の速度で使うには、https か localhost でこのページを開いてください。',
    text: 'ブラウザーで WebGPU、複数スレッド、保存領域を使えるのは、https か localhost で開いたページだけです。ここでは CPU の 1 スレッドで採点し、実行とモデルは保存されません。',
  },

  screens: {
    label: '画面',
    score: '採点',
    report: 'レポート',
    explore: '1 組を詳しく見る',
    loading: '読み込み中',
    failed: {
      missing: 'ページのこの部分を読み込めませんでした。',
      missingHelp: '接続が切れているか、アプリの新しいバージョンが公開された可能性があります。',
      broken: 'ページのこの部分でエラーが発生しました。',
      brokenHelp: 'ほかの部分には影響ありません。',
      running:
        '実行は続いています。ページを再読み込みすると中断されますが、計算済みの行は保存されており、続きから再開できます。',
      runningUnsaved:
        '実行は続いています。計算済みの行は保存されていないため、ページを再読み込みすると失われます。',
      tryAgain: 'もう一度試す',
      reload: 'ページを再読み込み',
    },
  },

  errorNote: {
    original: '詳細（英語）',
    place: {
      row: (row) => `${count(row)} 行目`,
      column: (column) => `列 ${column}`,
      byte: (byte) => `${count(byte)} バイト目`,
    },
  },

  strayDrop: {
    running:
      '実行中のため、ファイルを開きませんでした。中止するか終了を待ってから、もう一度ドロップしてください。',
    elsewhere: 'ファイルを開きませんでした。「採点」の画面にドロップしてください。',
  },

  footer: {
    language: '言語',
    automatic: '自動',
    nextLoad: '次回の読み込みから反映されます。',
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
