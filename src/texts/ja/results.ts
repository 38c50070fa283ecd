import type { Texts } from '../texts.ts';
import { count, rowsOf, someRowsOf } from './format.ts';

/** Japanese texts of results. */
export const results: Texts['results'] = {
  heading: '結果',
  of: (name) => name,
  empty: '計算が進むと、ここに結果が表示されます。',
  facts: {
    computedOn: '実行デバイス',
    earlier: '以前の実行デバイス',
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
};

/** Japanese texts of the row. */
export const row: Texts['row'] = {
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
};

/** Japanese texts of downloads. */
export const downloads: Texts['downloads'] = {
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
};
