import type { Texts } from '../texts.ts';
import { count, fileSize, rowsOf } from './format.ts';

/** Japanese texts of the file. */
export const file: Texts['file'] = {
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
  reading: (name) => `${name} を読み込んでいます`,
  readSoFar: (bytes, total, rows) => `${rowsOf(rows)}、${fileSize(total)} 中 ${fileSize(bytes)}`,
  stopReading: '読み込みを中止',
  rows: rowsOf,
  allGood: 'すべての行を採点できます。',
  labelled: '正解ラベルがあります。レポートで予測を評価します。',
  duplicates: (rows) => `${rowsOf(rows)}は前の行と同じ文章です。計算は 1 回だけ行います。`,
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
};

/** Japanese texts of settings. */
export const settings: Texts['settings'] = {
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
    'max_length です。これより長い行は切り詰めます。ノートブックは 2,048 で、そのアダプターは 1,024 で学習されています。所要時間は、行の長さの比以上に増えます。',
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
  truncationsReward: {
    right: '回答の末尾から切ります。',
    turns: '先頭からターン単位で除き、それでも長ければ最後のターンの末尾を切ります。',
    proportional: 'プロンプトと回答の末尾を切り、どちらも一部が残るようにします。',
  },
  truncationUnused: '3 等分のときは使われません。',
  spread: '上限を 3 等分する',
  spreadHelp:
    'spread_max_length です。プロンプトと両方の回答を、それぞれ上限の 3 分の 1 に切り詰め、開始と終了の印を付けて連結します。',
  tta: '両方の順序で採点',
  ttaHelp:
    'TTA（test-time augmentation）です。A と B を入れ替えた採点も行い、2 つを平均します。時間は 2 倍ですが、予測が良くなります。',
};
